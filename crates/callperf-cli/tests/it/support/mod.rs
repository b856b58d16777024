//! What the tests of the program need: runs of it, in a home of their own.

pub(crate) mod company;
pub(crate) mod objects;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Output, Stdio},
};

use tempfile::TempDir;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path_regex};

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The exit code, and what was printed: data, then the rest.
pub(crate) fn outcome(output: &Output) -> (i32, String, String) {
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// Every file of a folder but the lock, with its bytes.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("sync.lock") {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// A user's home: nothing of the machine's own is read or written.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn sessions(&self) -> PathBuf {
        self.path("state/callperf/sessions.json")
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path("config/callperf/config.toml")
    }

    pub(crate) fn write(&self, name: &str, content: &str) -> PathBuf {
        let file = self.path(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, content).unwrap();
        file
    }

    pub(crate) fn command(&self, args: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callperf"));
        command.args(args.split_whitespace());
        command.env_clear().env("HOME", self.0.path());
        // Where a run that measures coverage keeps it.
        command.envs(std::env::var_os("LLVM_PROFILE_FILE").map(|file| ("LLVM_PROFILE_FILE", file)));
        for (name, folder) in
            [("XDG_CONFIG_HOME", "config"), ("XDG_STATE_HOME", "state"), ("XDG_DATA_HOME", "data")]
        {
            command.env(name, self.path(folder));
        }
        command.stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &str) -> Output {
        self.command(args).output().unwrap()
    }
}

/// A process that is ended with the test.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    pub(crate) fn errors(&mut self) -> BufReader<ChildStderr> {
        BufReader::new(self.0.stderr.take().unwrap())
    }

    /// The exit code and the data, after the end.
    pub(crate) fn ended(mut self) -> (Option<i32>, String) {
        let mut data = String::new();
        self.0.stdout.take().unwrap().read_to_string(&mut data).unwrap();
        (self.0.wait().unwrap().code(), data)
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `callperf sandbox` in a process of its own, and the variables that it printed.
pub(crate) struct Served {
    _process: Running,
    pub(crate) variables: Vec<(String, String)>,
}

impl Served {
    pub(crate) fn start(home: &Home, args: &str) -> Self {
        let (process, variables) = served(&mut home.command(&format!("sandbox {args}")));
        Self { _process: process, variables }
    }

    pub(crate) fn variable(&self, name: &str) -> &str {
        &self.variables.iter().find(|(other, _)| other == name).unwrap().1
    }
}

/// A server that answers logins.
pub(crate) async fn login_server() -> MockServer {
    let server = MockServer::start().await;
    let token = ResponseTemplate::new(200)
        .set_body_json(serde_json::json!({"access_token": "a", "expires_in": 3600}));
    Mock::given(path_regex("token")).respond_with(token).mount(&server).await;
    server
}

/// A sandbox that has been started, and the variables that it printed.
pub(crate) fn served(command: &mut Command) -> (Running, Vec<(String, String)>) {
    let mut process =
        Running(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let lines = BufReader::new(process.0.stdout.take().unwrap()).lines();
    let variables = lines
        .take(4)
        .map(|line| {
            let line = line.unwrap();
            let (name, value) = line.split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        })
        .collect();
    (process, variables)
}

/// What a browser gets from an address on this machine: status, `Location` and
/// the page.
pub(crate) fn get(address: &str) -> (u16, Option<String>, String) {
    ask("GET", address, "")
}

/// The same by another method, or with further headers.
pub(crate) fn ask(method: &str, address: &str, headers: &str) -> (u16, Option<String>, String) {
    let rest = address.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let location = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("location").then(|| value.to_owned())
    });
    (status, location, body.to_owned())
}

/// A field of an address's query, as it was before it was encoded.
pub(crate) fn field(address: &str, name: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    let value = query.split('&').find_map(|pair| {
        let (other, value) = pair.split_once('=')?;
        (other == name).then_some(value)
    })?;
    let mut out = Vec::new();
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    Some(String::from_utf8(out).unwrap())
}

#[cfg(unix)]
pub(crate) fn mode(file: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(file).unwrap().permissions().mode() & 0o777
}

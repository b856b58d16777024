//! Files that editors and shells of other systems wrote: with byte order marks,
//! with CRLF, in UTF-16.

use std::{
    fs,
    path::Path,
    process::{Output, Stdio},
};

use crate::support::{Home, Served, outcome};

const REPORT: &str = "report --group-by queues --last 7d --calls all --attempts 1";

/// The file as Windows' Notepad may save it.
fn marked(text: &str) -> String {
    format!("\u{feff}{}", text.replace('\n', "\r\n"))
}

/// The file as Windows `PowerShell` redirects to it.
fn utf16(text: &str) -> Vec<u8> {
    marked(text).encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn credentials(served: &Served) -> String {
    let lines = served.variables.iter().map(|(name, value)| format!("{name}={value}\n"));
    lines.collect()
}

fn report_with(home: &Home, file: &Path) -> (i32, String, String) {
    outcome(&home.command(REPORT).arg("--credentials").arg(file).output().unwrap())
}

/// The first line is the server's address: without it the secrets would go to
/// production.
#[test]
fn a_mark_before_the_credentials_loses_no_line() {
    let home = Home::new();
    let served = Served::start(&home, "--seed 7");
    assert_eq!(served.variables[0].0, "RC_SERVER_URL");
    let file = home.write("sandbox.env", &marked(&credentials(&served)));
    let (code, data, said) = report_with(&home, &file);
    assert_eq!(code, 0, "{said}");
    assert!(data.contains("Sales"), "{data}");
}

#[test]
fn credentials_that_are_not_understood_are_not_used() {
    let home = Home::new();
    let good = "RC_APP_CLIENT_ID=id\nRC_APP_CLIENT_SECRET=s3cret\nRC_USER_JWT=s3cret\n";
    for (line, reason) in [
        ("RC_SERVER_URL: https://s3cret.example", "line 1 isn't NAME=VALUE"),
        ("$env:RC_SERVER_URL=\"https://s3cret.example\"", "line 1 isn't NAME=VALUE"),
        ("RC_SERVER_URI=https://s3cret.example", "did you mean RC_SERVER_URL?"),
    ] {
        let file = home.write("sandbox.env", &format!("{line}\n{good}"));
        let (code, _, said) = report_with(&home, &file);
        assert_eq!(code, 2, "{said}");
        let place = format!("--credentials: {}: line 1", file.display());
        assert!(said.contains(&place) && said.contains(reason), "{said}");
        assert!(!said.contains("s3cret"), "{said}");
    }
}

/// A process substitution, `--credentials <(…)`, is a pipe.
#[cfg(unix)]
#[test]
fn credentials_come_through_a_pipe() {
    let home = Home::new();
    let served = Served::start(&home, "--seed 7");
    let pipe = home.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let writer = std::thread::spawn({
        let (pipe, text) = (pipe.clone(), credentials(&served));
        move || fs::write(pipe, text).unwrap()
    });
    let (code, _, said) = report_with(&home, &pipe);
    writer.join().unwrap();
    assert_eq!(code, 0, "{said}");
}

struct Jwt<'a> {
    home: &'a Home,
    served: &'a Served,
}

impl Jwt<'_> {
    fn login(&self, profile: &str, file: &Path, input: Stdio) -> Output {
        let (url, id) =
            (self.served.variable("RC_SERVER_URL"), self.served.variable("RC_APP_CLIENT_ID"));
        let args = format!("login --profile {profile} --client-id {id} --server {url} --jwt-file");
        let mut command = self.home.command(&args);
        command.env("RC_APP_CLIENT_SECRET", self.served.variable("RC_APP_CLIENT_SECRET"));
        command.arg(file).stdin(input).output().unwrap()
    }
}

#[test]
fn a_mark_before_a_jwt_is_no_part_of_it() {
    let home = Home::new();
    let served = Served::start(&home, "--seed 7");
    let jwt = Jwt { home: &home, served: &served };
    let file = home.write("jwt.txt", &marked(&format!("{}\n", served.variable("RC_USER_JWT"))));
    let output = jwt.login("file", &file, Stdio::null());
    assert_eq!(outcome(&output).0, 0, "{output:?}");
    let input = fs::File::open(&file).unwrap().into();
    let output = jwt.login("input", Path::new("-"), input);
    assert_eq!(outcome(&output).0, 0, "{output:?}");
    fs::write(&file, utf16(served.variable("RC_USER_JWT"))).unwrap();
    let input = fs::File::open(&file).unwrap().into();
    for output in
        [jwt.login("file2", &file, Stdio::null()), jwt.login("input2", Path::new("-"), input)]
    {
        let (code, _, said) = outcome(&output);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains("UTF-16; save it as UTF-8"), "{said}");
    }
    // The sessions and the configuration go through an editor, too.
    for place in [home.sessions(), home.config()] {
        let text = fs::read_to_string(&place).unwrap();
        fs::write(&place, marked(&text)).unwrap();
    }
    let (code, data, said) = outcome(&home.run("status --profile file"));
    assert_eq!(code, 0, "{said}");
    assert!(data.contains("good for"), "{data}");
    // A further profile is added to such a file.
    let file = home.write("jwt.txt", served.variable("RC_USER_JWT"));
    let output = jwt.login("third", &file, Stdio::null());
    assert_eq!(outcome(&output).0, 0, "{output:?}");
    assert_eq!(outcome(&home.run("status --profile third")).0, 0);
}

#[test]
fn a_mark_before_a_script_of_faults_is_no_part_of_it() {
    let home = Home::new();
    let faults = home.write("faults.txt", &marked("pass times=1\n"));
    let served = Served::start(&home, &format!("--seed 7 --faults {}", faults.display()));
    assert!(served.variable("RC_SERVER_URL").starts_with("http"));
}

#[test]
fn a_mark_before_a_manifest_is_no_damage() {
    let home = Home::new();
    let manifest = r#"{"format": "callperf-sync", "schema": 1, "account": null,
        "time_zone": "UTC", "tables": {}}"#;
    home.write("history/manifest.json", &marked(manifest));
    let folder = home.path("history");
    let (code, _, said) = outcome(&home.run(&format!("sync --out {} --check", folder.display())));
    assert_eq!(code, 0, "{said}");
}

#[test]
fn utf16_is_refused_by_name() {
    let home = Home::new();
    let text = "RC_APP_CLIENT_ID=id\n";
    let file = home.write("utf16", "");
    fs::write(&file, utf16(text)).unwrap();
    for args in ["doctor --credentials", "status --config", "sandbox --faults"] {
        let output = home.command(args).arg(&file).output().unwrap();
        let (code, data, said) = outcome(&output);
        assert_eq!(code, 2, "{args}: {said}");
        assert!((data + &said).contains("UTF-16; save it as UTF-8"), "{args}: {said}");
    }
}

//! Logging in and out, and what the program prints about it.

use std::{fs, io::BufRead as _, process::Stdio};

use serde_json::{Value as Json, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{body_string_contains, path, path_regex},
};

use crate::support::{Home, Running, Served, ask, field, get, outcome};

const TOKEN: &str = "/restapi/oauth/token";
const REVOKE: &str = "/restapi/oauth/revoke";
/// All secrets here begin with this, and nothing else does.
const MARK: &str = "marked-";
const REPORT: &str = "report --group-by queues --last 7d --calls all --attempts 1";

/// The runtime of a server that answers while a test waits for the program.
fn server() -> (tokio::runtime::Runtime, MockServer) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let server = runtime.block_on(MockServer::start());
    (runtime, server)
}

fn token(number: u32, refresh_token: Option<&str>) -> ResponseTemplate {
    let mut body = json!({
        "access_token": format!("marked-access-{number}"), "token_type": "bearer",
        "expires_in": 3600, "scope": "Analytics ReadAccounts", "owner_id": "900000101",
    });
    if let Some(refresh_token) = refresh_token {
        body["refresh_token"] = refresh_token.into();
        body["refresh_token_expires_in"] = 604_800.into();
    }
    ResponseTemplate::new(200).set_body_json(body)
}

fn empty() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "data": {"groupedBy": "Queues", "records": []},
        "paging": {"page": 1, "perPage": 100, "totalPages": 1, "totalElements": 0},
    }))
}

async fn mount(server: &MockServer, place: &str, answer: ResponseTemplate) {
    Mock::given(path_regex(place)).respond_with(answer).mount(server).await;
}

async fn sent(server: &MockServer, to: &str) -> Vec<Request> {
    let all = server.received_requests().await.unwrap();
    all.into_iter().filter(|request| request.url.path() == to).collect()
}

/// `callperf login`, up to the address that it prints.
fn begun(home: &Home, args: &str) -> (Running, impl FnOnce() -> String + use<>, String) {
    let mut process = Running::start(&mut home.command(&format!("login {args}")));
    let mut lines = process.errors().lines();
    let address = lines
        .by_ref()
        .map(Result::unwrap)
        .find(|line| line.contains("/restapi/oauth/authorize"))
        .expect("an address is printed");
    let rest = move || lines.map_while(Result::ok).collect::<Vec<_>>().join("\n");
    (process, rest, address)
}

/// Where the browser comes back to.
fn returned(address: &str, rest: &str) -> String {
    let state = field(address, "state").unwrap();
    format!("{}?{rest}&state={state}", field(address, "redirect_uri").unwrap())
}

#[test]
fn a_login_in_the_browser_lasts_for_later_runs() {
    let (runtime, server) = server();
    runtime.block_on(async {
        mount(&server, TOKEN, token(1, Some("marked-refresh-1"))).await;
        mount(&server, "analytics", empty()).await;
    });
    let home = Home::new();
    let (process, rest, address) =
        begun(&home, &format!("--client-id app --server {}", server.uri()));
    assert!(address.starts_with(&server.uri()));
    assert_eq!(field(&address, "code_challenge_method").as_deref(), Some("S256"));
    // Requests with another state, or none, don't end the wait.
    let back = field(&address, "redirect_uri").unwrap();
    for other in
        ["?code=marked-other&state=guessed", "?code=marked-other", "?error=no&state=guessed"]
    {
        let (status, _, page) = get(&format!("{back}{other}"));
        assert_eq!(status, 400);
        assert!(page.contains("isn't the login"), "{page}");
    }
    let (status, _, page) = get(&returned(&address, "code=marked-code&expires_in=60"));
    assert_eq!(status, 200);
    assert!(page.contains("Go on in the terminal") && !page.contains(MARK), "{page}");
    let said = rest();
    let (code, data) = process.ended();
    assert_eq!(code, Some(0), "{said}");
    assert!(data.contains("extension 900000101") && data.contains("can be renewed"), "{data}");
    assert!(!data.contains(MARK) && !said.contains(MARK), "{data}{said}");

    let form = runtime.block_on(sent(&server, TOKEN));
    let form = String::from_utf8(form[0].body.clone()).unwrap();
    assert!(form.contains("code=marked-code") && form.contains("code_verifier="), "{form}");
    let config = fs::read_to_string(home.config()).unwrap();
    assert!(config.contains("default_profile = \"default\""), "{config}");
    assert!(!config.contains(MARK), "{config}");
    #[cfg(unix)]
    assert_eq!(crate::support::mode(&home.sessions()), 0o600);

    // Later runs use the session.
    for _ in 0..2 {
        let (code, _, said) = outcome(&home.run(REPORT));
        assert_eq!(code, 0, "{said}");
    }
    let (code, data, _) = outcome(&home.run("status"));
    assert_eq!(code, 0);
    assert!(data.contains("profile default of") && !data.contains(MARK), "{data}");
    let status: Json = serde_json::from_str(&outcome(&home.run("status --json")).1).unwrap();
    assert_eq!(status["session"]["owner_id"], "900000101");
    assert_eq!(status["profile"], "default");
    assert_eq!(runtime.block_on(sent(&server, TOKEN)).len(), 1);

    // The end, at the server and here.
    runtime.block_on(mount(&server, REVOKE, ResponseTemplate::new(200)));
    let (code, _, said) = outcome(&home.run("logout"));
    assert_eq!(code, 0, "{said}");
    let revoked = runtime.block_on(sent(&server, REVOKE));
    assert_eq!(revoked.len(), 1);
    assert!(!fs::read_to_string(home.sessions()).unwrap().contains(MARK));
    assert_eq!(outcome(&home.run("status")).0, 3);
    assert_eq!(outcome(&home.run(REPORT)).0, 3);
    assert!(outcome(&home.run("logout")).2.contains("there was no session"));
    assert_eq!(runtime.block_on(sent(&server, REVOKE)).len(), 1);
}

/// A token that comes when the test lets it.
struct Held(std::sync::Mutex<std::sync::mpsc::Receiver<()>>);

impl wiremock::Respond for Held {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        // An error means that the test is over.
        let _ = self.0.lock().unwrap().recv();
        token(1, None)
    }
}

/// A server whose token comes with a message, or when the sender is dropped.
fn held_server() -> (tokio::runtime::Runtime, MockServer, std::sync::mpsc::Sender<()>) {
    let (runtime, server) = server();
    let (sender, receiver) = std::sync::mpsc::channel();
    let held = Held(std::sync::Mutex::new(receiver));
    runtime.block_on(Mock::given(path(TOKEN)).respond_with(held).mount(&server));
    (runtime, server, sender)
}

#[test]
fn a_page_that_is_asked_for_again_says_the_same() {
    let (_runtime, server, token_comes) = held_server();
    let home = Home::new();
    let (process, rest, address) =
        begun(&home, &format!("--client-id app --server {}", server.uri()));
    let back = returned(&address, "code=marked-code");
    let (status, _, first) = get(&back);
    assert_eq!(status, 200);
    assert!(first.contains("Go on in the terminal"), "{first}");
    let place = field(&address, "redirect_uri").unwrap();
    for again in [back.clone(), place.clone(), format!("{place}?code=x&state=guessed")] {
        assert_eq!(get(&again), (200, None, first.clone()), "{again}");
        assert_eq!(ask("HEAD", &again, "").0, 200, "{again}");
        assert_eq!(ask("GET", &again, "Sec-Purpose: prefetch\r\n").0, 200, "{again}");
    }
    let icon = format!("{}/favicon.ico", place.strip_suffix("/callback").unwrap());
    assert_eq!(get(&icon), (404, None, String::new()));
    token_comes.send(()).unwrap();
    let said = rest();
    assert_eq!(process.ended().0, Some(0), "{said}");
    assert!(!said.contains("another login"), "{said}");
}

/// What comes before the person must not use the code up.
#[test]
fn a_browser_that_looks_ahead_ends_nothing() {
    let (runtime, server) = server();
    runtime.block_on(mount(&server, TOKEN, token(1, None)));
    let home = Home::new();
    let (process, rest, address) =
        begun(&home, &format!("--client-id app --server {}", server.uri()));
    let back = returned(&address, "code=marked-code");
    assert_eq!(ask("HEAD", &back, "").0, 503);
    assert_eq!(ask("GET", &back, "Sec-Purpose: prefetch;prerender\r\n").0, 503);
    assert_eq!(ask("GET", &back, "X-Moz: prefetch\r\n").0, 503);
    let (status, _, page) = get(&back);
    assert_eq!(status, 200);
    assert!(page.contains("Go on in the terminal"), "{page}");
    let said = rest();
    assert_eq!(process.ended().0, Some(0), "{said}");
}

#[test]
fn an_error_without_a_state_ends_the_wait() {
    let home = Home::new();
    let (process, rest, address) = begun(&home, "--client-id app --server http://127.0.0.1:1");
    let place = field(&address, "redirect_uri").unwrap();
    let (status, _, page) = get(&format!("{place}?error=unauthorized_client"));
    assert_eq!(status, 200);
    assert!(page.contains("was refused"), "{page}");
    let said = rest();
    assert_eq!(process.ended().0, Some(3), "{said}");
    assert!(
        said.ends_with(
            "callperf: the login was refused: unauthorized_client; let the application use \
             authorization codes, in the developer console"
        ),
        "{said}"
    );
}

#[test]
fn knocks_of_other_logins_do_not_fill_the_terminal() {
    let home = Home::new();
    let (process, rest, address) = begun(&home, "--client-id app --server http://127.0.0.1:1");
    let place = field(&address, "redirect_uri").unwrap();
    for knock in 0..30 {
        assert_eq!(get(&format!("{place}?code=x&state={knock}")).0, 400);
    }
    get(&returned(&address, "error=access_denied"));
    let said = rest();
    assert_eq!(process.ended().0, Some(3), "{said}");
    assert_eq!(said.matches("from another login than this one").count(), 3, "{said}");
    assert_eq!(said.matches("more of these won't be reported").count(), 1, "{said}");
}

#[test]
fn the_browser_can_come_back_by_the_sixth_version() {
    let Ok(free) = std::net::TcpListener::bind("[::1]:0") else {
        println!("skipped: the_browser_can_come_back_by_the_sixth_version, needs ::1");
        return;
    };
    let place = format!("http://[::1]:{}/back", free.local_addr().unwrap().port());
    drop(free);
    let home = Home::new();
    let served = Served::start(&home, "--seed 7");
    let url = served.variable("RC_SERVER_URL");
    let config = format!(
        "[profiles.a]\nclient_id = '{}'\nserver = '{url}'\nredirect_uri = '{place}'\n\
         client_secret_env = 'RC_APP_CLIENT_SECRET'\n",
        served.variable("RC_APP_CLIENT_ID")
    );
    home.write("config/callperf/config.toml", &config);
    let mut command = home.command("login");
    let mut process = Running::start(command.envs(served.variables.clone()));
    let mut lines = process.errors().lines().map(Result::unwrap);
    let address = lines.find(|line| line.contains("/restapi/oauth/authorize")).unwrap();
    assert_eq!(field(&address, "redirect_uri"), Some(place.clone()));
    // The sandbox takes the address for one of this machine.
    let (status, _, page) = get(&address);
    assert_eq!(status, 200, "{page}");
    let (status, _, page) = get(&returned(&address, "error=access_denied"));
    assert_eq!(status, 200, "{page}");
    drop(lines);
    assert_eq!(process.ended().0, Some(3));
}

/// A home that nothing can be written to, also by root.
#[cfg(target_os = "linux")]
struct ReadOnly(std::path::PathBuf);

#[cfg(target_os = "linux")]
impl ReadOnly {
    fn mounted(home: &Home) -> Option<Self> {
        let place = home.path("read-only");
        fs::create_dir(&place).unwrap();
        let mount = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "ro", "tmpfs"])
            .arg(&place)
            .status();
        mount.is_ok_and(|status| status.success()).then_some(Self(place))
    }
}

#[cfg(target_os = "linux")]
impl Drop for ReadOnly {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(&self.0).status();
    }
}

/// Before a person has logged in for nothing.
#[cfg(target_os = "linux")]
#[test]
fn a_read_only_home_is_named_once() {
    let home = Home::new();
    let served = Served::start(&home, "--seed 7");
    let Some(place) = ReadOnly::mounted(&home) else {
        println!("skipped: a_read_only_home_is_named_once, needs mount");
        return;
    };
    let login = |args: &str, folders: &[&str]| {
        let id = served.variable("RC_APP_CLIENT_ID");
        let mut command = home.command(&format!("login --client-id {id} {args}"));
        command.envs(served.variables.clone());
        for folder in folders {
            command.env(folder, &place.0);
        }
        outcome(&command.output().unwrap())
    };
    for args in ["--jwt", "--wait 1"] {
        for (folders, file) in [
            (&["XDG_CONFIG_HOME", "XDG_STATE_HOME"][..], "callperf"),
            (&["XDG_CONFIG_HOME"], "callperf"),
            (&["XDG_STATE_HOME"], "callperf/sessions.json"),
        ] {
            let (code, data, said) = login(args, folders);
            assert_eq!((code, data.as_str()), (6, ""), "{said}");
            let file = place.0.join(file).display().to_string();
            let expected = format!("callperf: {file}: Read-only file system (os error 30)\n");
            assert_eq!(said, expected, "{folders:?}");
        }
    }
    // A profile that logs in by itself.
    home.write("jwt.txt", served.variable("RC_USER_JWT"));
    let config = format!(
        "[profiles.a]\nclient_id = '{}'\nserver = '{}'\njwt_file = '../../jwt.txt'\n\
         client_secret_env = 'RC_APP_CLIENT_SECRET'\n",
        served.variable("RC_APP_CLIENT_ID"),
        served.variable("RC_SERVER_URL")
    );
    home.write("config/callperf/config.toml", &config);
    let mut command = home.command(&format!("{REPORT} --profile a"));
    command.envs(served.variables.clone()).env("XDG_STATE_HOME", &place.0);
    let (code, _, said) = outcome(&command.output().unwrap());
    assert_eq!(code, 6, "{said}");
    assert_eq!(said.matches("Read-only file system").count(), 1, "{said}");
    assert_eq!(said.matches("callperf/sessions.json").count(), 1, "{said}");
}

#[test]
fn a_refusal_in_the_browser_is_explained() {
    let (_runtime, server) = server();
    let home = Home::new();
    let (process, rest, address) =
        begun(&home, &format!("--client-id app --server {}", server.uri()));
    let refusal = "error=access_denied&error_description=The+user+said+no";
    let (status, _, page) = get(&returned(&address, refusal));
    assert_eq!(status, 200);
    assert!(page.contains("was refused") && !page.contains("The user"), "{page}");
    let said = rest();
    assert_eq!(process.ended().0, Some(3), "{said}");
    assert!(
        said.ends_with(
            "callperf: the login was refused: access_denied (The user said no); it was refused \
             in the browser; log in again, and allow it"
        ),
        "{said}"
    );
    // Nothing is left of a login that failed.
    assert!(!home.config().exists() && !home.sessions().exists());
}

#[test]
fn a_code_that_the_server_refuses_leaves_nothing() {
    let (runtime, server) = server();
    let refused = ResponseTemplate::new(400).set_body_json(json!({
        "error": "invalid_grant", "errors": [{"errorCode": "OAU-108", "message": "no"}],
    }));
    runtime.block_on(mount(&server, TOKEN, refused));
    let home = Home::new();
    let (process, rest, address) =
        begun(&home, &format!("--client-id app --server {}", server.uri()));
    get(&returned(&address, "code=marked-code"));
    let said = rest();
    assert_eq!(process.ended().0, Some(3));
    assert!(said.contains("OAU-108") && said.contains("a code is used once"), "{said}");
    assert!(!said.contains(MARK) && !home.config().exists());
}

#[test]
fn a_browser_that_never_comes_is_not_waited_for_for_ever() {
    let home = Home::new();
    let (code, data, said) =
        outcome(&home.run("login --client-id app --server http://127.0.0.1:1 --wait 1"));
    assert_eq!((code, data.as_str()), (3, ""));
    assert!(said.contains("didn't come back within 1 s"), "{said}");
    assert!(said.contains("register http://127.0.0.1:"), "{said}");
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_login() {
    let home = Home::new();
    let (process, rest, _) = begun(&home, "--client-id app --server http://127.0.0.1:1");
    process.signal("-INT");
    let said = rest();
    assert_eq!(process.ended().0, Some(130), "{said}");
    assert!(said.ends_with("callperf: interrupted; there is no new session"), "{said}");
}

#[test]
fn a_port_that_is_taken_is_said() {
    let home = Home::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let (code, _, said) = outcome(&home.run(&format!("login --client-id app --port {port}")));
    assert_eq!(code, 2);
    assert!(said.contains(&format!("can't listen on port {port} of 127.0.0.1")), "{said}");
}

#[test]
fn a_profile_has_one_application() {
    let home = Home::new();
    home.write("config/callperf/config.toml", "[profiles.a]\nclient_id = 'app'\n");
    let (code, _, said) = outcome(&home.run("login --profile a --client-id other"));
    assert_eq!(code, 2);
    assert!(said.contains("another client id"), "{said}");
    let (code, _, said) = outcome(&home.run("login --profile b"));
    assert_eq!(code, 2);
    assert!(said.contains("no profile b") && said.contains("--client-id"), "{said}");
    let (code, _, said) = outcome(&home.run("status --profile b"));
    assert_eq!(code, 2);
    assert!(said.contains("there is no profile b in") && said.contains("which has a"), "{said}");
}

/// The ways to give a JWT, none of which is an argument.
#[test]
fn a_jwt_comes_from_a_file_the_environment_or_the_input() {
    let home = Home::new();
    let served = Served::start(&home, "--seed 7");
    let (url, id) = (served.variable("RC_SERVER_URL"), served.variable("RC_APP_CLIENT_ID"));
    let (secret, jwt) = (served.variable("RC_APP_CLIENT_SECRET"), served.variable("RC_USER_JWT"));
    let file = home.write("jwt.txt", &format!("{jwt}\n"));
    let login = |profile: &str, rest: &str| {
        let args = format!("login --profile {profile} --client-id {id} --server {url} {rest}");
        let mut command = home.command(&args);
        command.env("RC_APP_CLIENT_SECRET", secret);
        command
    };
    let from_file = login("file", &format!("--jwt-file {}", file.display())).output().unwrap();
    assert_eq!(outcome(&from_file).0, 0, "{from_file:?}");
    let from_env = login("env", "--jwt").env("RC_USER_JWT", jwt).output().unwrap();
    assert_eq!(outcome(&from_env).0, 0, "{from_env:?}");
    let input = fs::File::open(&file).unwrap();
    let from_input = login("input", "--jwt-file -").stdin(Stdio::from(input)).output().unwrap();
    assert_eq!(outcome(&from_input).0, 0, "{from_input:?}");
    let without = login("none", "--jwt").output().unwrap();
    assert_eq!(outcome(&without).0, 2);
    assert!(outcome(&without).2.contains("RC_USER_JWT isn't set"), "{without:?}");
    let without = login("none", "--jwt-file -").output().unwrap();
    assert!(outcome(&without).2.contains("no JWT on standard input"), "{without:?}");

    let config = fs::read_to_string(home.config()).unwrap();
    for secret in [secret, jwt] {
        assert!(!config.contains(secret), "{config}");
        for output in [&from_file, &from_env, &from_input] {
            let (_, data, said) = outcome(output);
            assert!(!data.contains(secret) && !said.contains(secret), "{data}{said}");
        }
    }
    // A profile of a JWT logs in by itself, and one session serves both runs.
    let report = |profile: &str| {
        let mut command = home.command(&format!("{REPORT} --profile {profile}"));
        command.env("RC_APP_CLIENT_SECRET", secret).output().unwrap()
    };
    for profile in ["file", "input"] {
        let (code, data, said) = outcome(&report(profile));
        assert_eq!(code, 0, "{said}");
        assert!(data.contains("Sales"), "{data}");
    }
    let (code, _, said) = outcome(&report("env"));
    assert_eq!(code, 2);
    assert!(said.contains("RC_USER_JWT isn't set"), "{said}");
}

#[test]
fn the_environment_goes_before_the_default_profile() {
    let home = Home::new();
    let served = Served::start(&home, "--seed 7");
    home.write(
        "config/callperf/config.toml",
        "default_profile = 'a'\n[profiles.a]\nclient_id = 'app'\nserver = 'http://127.0.0.1:1'\n",
    );
    let with = |args: &str| home.command(args).envs(served.variables.clone()).output().unwrap();
    assert_eq!(outcome(&with(REPORT)).0, 0);
    let (code, _, said) = outcome(&with(&format!("{REPORT} --profile a")));
    assert_eq!(code, 3);
    assert!(said.contains("no session called a"), "{said}");
    // A sandbox's session isn't kept: the next one at this address knows it not.
    assert!(
        !home.sessions().exists()
            || !fs::read_to_string(home.sessions()).unwrap().contains("sandbox-access")
    );
    let (code, _, said) =
        outcome(&home.run("report --credentials x --profile a --group-by users --last 1d"));
    assert_eq!(code, 2);
    assert!(said.contains("cannot be used with"), "{said}");
}

#[test]
fn a_wrong_configuration_is_one_clear_line() {
    let home = Home::new();
    let file = home.write("c.toml", "[profiles.a]\nclient_id = 'app'\nsever = 'x'\n");
    let (code, _, said) = outcome(&home.run(&format!("status --config {}", file.display())));
    assert_eq!(code, 2);
    let place = file.display();
    assert_eq!(
        said,
        format!("callperf: {place}:3: unknown key sever in [profiles.a]; did you mean server?\n")
    );
    let (code, _, said) = outcome(&home.run("status --config nowhere.toml"));
    assert_eq!(code, 2);
    assert!(said.contains("nowhere.toml"), "{said}");
}

#[test]
fn the_configuration_has_a_schema() {
    let home = Home::new();
    let schema: Json = serde_json::from_str(&outcome(&home.run("schema config")).1).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let good = json!({"default_profile": "a", "profiles": {"a": {"client_id": "x"}}});
    assert!(validator.is_valid(&good));
    for bad in [
        json!({"profiles": {"a": {}}}),
        json!({"profiles": {"a": {"client_id": "x", "secret": "y"}}}),
        json!({"default": "a"}),
    ] {
        assert!(!validator.is_valid(&bad), "{bad}");
    }
}

/// What `doctor` says of each check: the sign and the name, and all of it.
fn examined(home: &Home, args: &str) -> (i32, Vec<String>, String) {
    let (code, data, said) = outcome(&home.run(&format!("doctor --attempts 1 {args}")));
    let signs = data
        .lines()
        .filter(|line| !line.starts_with(' '))
        .map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
        .collect();
    assert!(!data.contains(MARK) && !said.contains(MARK), "{data}{said}");
    (code, signs, data + &said)
}

#[test]
fn doctor_finds_nothing_wrong_where_nothing_is() {
    let home = Home::new();
    let served = Served::start(&home, "--seed 7");
    let lines: Vec<_> =
        served.variables.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    let file = home.write("sandbox.env", &lines.concat());
    let (code, signs, all) = examined(&home, &format!("--credentials {}", file.display()));
    assert_eq!(code, 0, "{all}");
    let good =
        ["settings", "secrets", "sessions", "server", "login", "permissions", "clock", "quota"];
    assert_eq!(signs, good.map(|name| format!("ok {name}")), "{all}");
}

/// A profile `a` of a server, by a JWT.
fn profile(home: &Home, server: &str, more: &str) {
    home.write("jwt.txt", "marked-jwt");
    home.write("secret.txt", "marked-secret");
    #[cfg(unix)]
    for name in ["jwt.txt", "secret.txt"] {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(home.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    home.write(
        "config/callperf/config.toml",
        &format!(
            "[profiles.a]\nclient_id = 'app'\nserver = '{server}'\njwt_file = '../../jwt.txt'\n\
             client_secret_file = '../../secret.txt'\n{more}"
        ),
    );
}

#[test]
fn doctor_names_each_trouble_and_the_next_step() {
    let (runtime, server) = server();
    let home = Home::new();
    profile(&home, &server.uri(), "");
    let answered = |token: ResponseTemplate, question: ResponseTemplate| {
        runtime.block_on(async {
            server.reset().await;
            mount(&server, TOKEN, token).await;
            mount(&server, "analytics", question).await;
        });
        drop(fs::remove_file(home.sessions()));
        examined(&home, "")
    };
    let bad = |signs: &[String]| -> Vec<String> {
        let bad = signs.iter().filter(|sign| !sign.starts_with("ok"));
        bad.cloned().collect()
    };

    let refused = ResponseTemplate::new(401).set_body_json(json!({
        "error": "invalid_client", "errors": [{"errorCode": "OAU-146", "message": "no"}],
    }));
    let (code, signs, all) = answered(refused, empty());
    assert_eq!(code, 3, "{all}");
    let rest = ["skipped permissions", "skipped clock", "skipped quota"];
    assert_eq!(bad(&signs), [&["failed login"][..], &rest].concat(), "{all}");
    assert!(all.contains("OAU-146") && all.contains("next: log in again"), "{all}");

    let forbidden = ResponseTemplate::new(403).set_body_json(json!({
        "errors": [{"errorCode": "CMN-401", "message": "In order to call this API", "permissionName": "Analytics"}],
    }));
    let (code, signs, all) = answered(token(1, None), forbidden);
    assert_eq!((code, bad(&signs)), (3, vec!["failed permissions".to_owned()]), "{all}");
    assert!(all.contains("next: give the application the Analytics permission"), "{all}");

    let (code, signs, all) =
        answered(token(1, None), empty().insert_header("Date", "Tue, 24 Nov 2020 12:00:00 GMT"));
    assert_eq!((code, bad(&signs)), (2, vec!["failed clock".to_owned()]), "{all}");
    assert!(all.contains("ahead of the server's") && all.contains("next: set the clock"), "{all}");

    let limited = |answer: ResponseTemplate, left: &str| {
        answer
            .insert_header("X-Rate-Limit-Group", "light")
            .insert_header("X-Rate-Limit-Limit", "50")
            .insert_header("X-Rate-Limit-Remaining", left)
            .insert_header("X-Rate-Limit-Window", "60")
    };
    let (code, signs, all) = answered(token(1, None), limited(empty(), "49"));
    assert_eq!((code, bad(&signs)), (0, Vec::new()), "{all}");
    assert!(all.contains("light: 49 of 50 left in 1 min"), "{all}");
    let too_many = ResponseTemplate::new(429).insert_header("Retry-After", "60");
    let (code, signs, all) = answered(token(1, None), limited(too_many, "0"));
    assert_eq!(code, 4, "{all}");
    let expected = ["skipped permissions", "failed question", "note quota"];
    assert_eq!(bad(&signs), expected, "{all}");
    assert!(all.contains("wait 60 seconds") && all.contains("next: wait"), "{all}");

    let without =
        json!({"access_token": "marked-access", "expires_in": 3600, "scope": "Analytics"});
    let (code, signs, all) = answered(ResponseTemplate::new(200).set_body_json(without), empty());
    assert_eq!((code, bad(&signs)), (0, vec!["note permissions".to_owned()]), "{all}");
}

#[test]
fn doctor_tells_of_the_way_to_the_server() {
    let home = Home::new();
    let skipped = ["login", "permissions", "clock", "quota"].map(|name| format!("skipped {name}"));
    let cases = [
        ("http://127.0.0.1:1", "", "next: check the network"),
        (
            "https://127.0.0.1:1",
            "proxy = 'http://127.0.0.1:1'",
            "by way of the proxy http://127.0.0.1:1 from the profile",
        ),
        ("https://callperf.invalid", "", "next: "),
    ];
    for (server, more, expected) in cases {
        profile(&home, server, more);
        let (code, signs, all) = examined(&home, "");
        assert_eq!(code, 6, "{all}");
        assert_eq!(signs[3], "failed server", "{all}");
        assert_eq!(signs[4..], skipped, "{all}");
        assert!(all.contains(expected), "{all}");
    }
    // A server that doesn't speak TLS.
    let (_runtime, server) = server();
    profile(&home, &server.uri().replace("http:", "https:"), "");
    let (code, _, all) = examined(&home, "");
    assert_eq!(code, 6, "{all}");
}

#[test]
fn doctor_looks_at_what_is_on_this_machine() {
    let home = Home::new();
    let (code, signs, all) = examined(&home, "");
    assert_eq!(code, 2);
    assert_eq!(signs[0], "failed settings", "{all}");
    assert!(signs[1..].iter().all(|sign| sign.starts_with("skipped")), "{all}");
    assert!(all.contains("callperf login"), "{all}");

    profile(&home, "http://127.0.0.1:1", "");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let sessions = home.write("state/callperf/sessions.json", "{}");
        fs::set_permissions(&sessions, fs::Permissions::from_mode(0o644)).unwrap();
        let (code, signs, all) = examined(&home, "");
        assert_eq!(code, 6, "the server is worse: {all}");
        assert_eq!(signs[2], "failed sessions", "{all}");
        assert!(all.contains("next: chmod 600"), "{all}");
        fs::set_permissions(&sessions, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&sessions, "{").unwrap();
        assert_eq!(examined(&home, "").1[2], "note sessions");
        fs::set_permissions(home.path("jwt.txt"), fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(examined(&home, "").1[1], "note secrets");
    }
    fs::remove_file(home.path("jwt.txt")).unwrap();
    let (_, signs, all) = examined(&home, "");
    assert_eq!(signs[1], "failed secrets", "{all}");
    assert!(signs.contains(&"failed client".to_owned()), "{all}");
}

/// As in a job whose input and output are closed.
#[test]
fn a_login_works_without_a_reader_of_its_output() {
    let (runtime, server) = server();
    runtime.block_on(mount(&server, TOKEN, token(1, None)));
    let home = Home::new();
    let (process, rest, address) =
        begun(&home, &format!("--client-id app --server {}", server.uri()));
    drop(rest);
    get(&returned(&address, "code=marked-code"));
    assert_eq!(process.ended().0, Some(0));
}

/// Four processes that share a profile log in once.
#[test]
fn processes_share_the_session_of_a_profile() {
    let (runtime, server) = server();
    runtime.block_on(async {
        let slow = token(1, None).set_delay(std::time::Duration::from_millis(300));
        mount(&server, TOKEN, slow).await;
        mount(&server, "analytics", empty()).await;
    });
    let home = Home::new();
    profile(&home, &server.uri(), "");
    let all: Vec<_> = (0..4).map(|_| Running::start(&mut home.command(REPORT))).collect();
    for process in all {
        assert_eq!(process.ended().0, Some(0));
    }
    assert_eq!(runtime.block_on(sent(&server, TOKEN)).len(), 1);
}

#[test]
fn a_session_that_the_server_has_ended_asks_for_a_login() {
    let (runtime, server) = server();
    runtime.block_on(async {
        let expired = ResponseTemplate::new(401).set_body_json(json!({
            "errors": [{"errorCode": "OAU-128", "message": "Access token expired"}],
        }));
        let gone = ResponseTemplate::new(400).set_body_json(json!({
            "error": "invalid_grant", "errors": [{"errorCode": "OAU-213", "message": "Token not found"}],
        }));
        Mock::given(path(TOKEN))
            .and(body_string_contains("refresh_token"))
            .respond_with(gone)
            .with_priority(1)
            .mount(&server)
            .await;
        mount(&server, TOKEN, token(1, Some("marked-refresh-1"))).await;
        mount(&server, "analytics", expired).await;
    });
    let home = Home::new();
    let (process, _rest, address) =
        begun(&home, &format!("--client-id app --server {}", server.uri()));
    get(&returned(&address, "code=marked-code"));
    assert_eq!(process.ended().0, Some(0));
    let output = home.command(REPORT).arg("--json-errors").output().unwrap();
    let (code, data, said) = outcome(&output);
    assert_eq!((code, data.as_str()), (3, ""));
    let error: Json = serde_json::from_str(&said).unwrap();
    assert_eq!(error["kind"], "authentication");
    assert!(error["next_step"].as_str().unwrap().contains("callperf login"), "{error}");
    assert!(!said.contains(MARK), "{said}");
    assert_eq!(outcome(&home.run("status")).0, 3, "nothing is left to renew");
}

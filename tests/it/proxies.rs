//! Which requests go through the environment's proxy: seen in child processes, as the
//! environment is a process's own.

use std::{io::Read as _, net::TcpListener, thread::JoinHandle, time::Duration};

use callperf::{
    Breakdown, Client, ClientBuilder, Credentials, Error, ErrorKind, GroupBy, Period, Query,
    RetryPolicy,
};

use crate::{
    agreement,
    secrets::all_shown,
    support::{self, is_child},
};

const VARIABLES: [&str; 8] = [
    "http_proxy",
    "HTTP_PROXY",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
];

/// Takes connections and closes them; reports how the first of each began.
struct Listener {
    url: String,
    heard: JoinHandle<Vec<String>>,
}

impl Listener {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self { url, heard: std::thread::spawn(move || heard(&listener)) }
    }

    /// The first line of each connection until now.
    fn lines(self) -> Vec<String> {
        let address = self.url.strip_prefix("http://").unwrap();
        let mut end = std::net::TcpStream::connect(address).unwrap();
        std::io::Write::write_all(&mut end, b"END\r\n").unwrap();
        self.heard.join().unwrap()
    }
}

fn heard(listener: &TcpListener) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        let (mut stream, _) = listener.accept().unwrap();
        let mut bytes = [0; 256];
        let length = stream.read(&mut bytes).unwrap_or(0);
        let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
        let line = text.lines().next().unwrap_or_default().to_owned();
        if line == "END" {
            return lines;
        }
        lines.push(line);
    }
}

/// Runs a test of this module with these variables and no others about proxies.
fn passes(test: &str, variables: &[(&str, &str)]) {
    let mut command = support::child(&format!("proxies::{test}"));
    for name in VARIABLES {
        command.env_remove(name);
    }
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    assert!(printed.contains("1 passed"), "{printed}");
}

fn remote() -> ClientBuilder {
    Client::builder()
        .server("https://callperf.invalid")
        .credentials(Credentials::jwt("client", "marked-secret", "marked-jwt"))
        .retry(RetryPolicy::never().deadline(Duration::from_secs(20)))
}

async fn refused(builder: ClientBuilder) -> Error {
    let query = Query::new(GroupBy::users(), Period::last_days(1), "UTC").calls(Breakdown::Total);
    match builder.build() {
        Ok(client) => client.aggregate(&query).page(1).await.unwrap_err(),
        Err(error) => error,
    }
}

#[tokio::test]
async fn child_asks_a_loopback_server() {
    if !is_child() {
        return;
    }
    let sandbox = agreement::sandbox(7).await;
    let client = agreement::client(&sandbox, callperf::Api::CallsV1);
    assert_eq!(client.proxy(), None);
    let query = Query::new(GroupBy::queues(), Period::last_days(7), "UTC").calls(Breakdown::Total);
    assert!(!agreement::records(&client, &query).await.is_empty());
}

#[test]
fn a_loopback_server_is_never_proxied() {
    let listener = Listener::start();
    let url = listener.url.clone();
    let variables = VARIABLES.map(|name| (name, url.as_str()));
    passes("child_asks_a_loopback_server", &variables[..6]);
    passes("child_asks_a_loopback_server", &[("ALL_PROXY", "socks5://127.0.0.1:1")]);
    assert_eq!(listener.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn child_asks_a_remote_server() {
    if !is_child() {
        return;
    }
    assert_eq!(refused(remote()).await.kind(), ErrorKind::Network);
    assert_eq!(refused(remote().no_proxy()).await.kind(), ErrorKind::Network);
}

#[test]
fn a_remote_server_is_proxied_unless_that_is_turned_off() {
    for name in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        let listener = Listener::start();
        passes("child_asks_a_remote_server", &[(name, &listener.url)]);
        assert_eq!(listener.lines(), ["CONNECT callperf.invalid:443 HTTP/1.1"], "{name}");
    }
    for name in ["no_proxy", "NO_PROXY"] {
        let listener = Listener::start();
        let variables = [("ALL_PROXY", listener.url.as_str()), (name, "one.example,.invalid")];
        passes("child_asks_a_remote_server", &variables);
        assert_eq!(listener.lines(), Vec::<String>::new(), "{name}");
    }
}

#[tokio::test]
async fn child_has_a_proxy_that_cant_be_used() {
    if !is_child() {
        return;
    }
    let error = refused(remote()).await;
    assert_eq!(error.kind(), ErrorKind::Settings);
    assert!(error.to_string().starts_with("ALL_PROXY "), "{error}");
    assert!(!all_shown(&error).contains("marked"), "{}", all_shown(&error));
    // One that is named is used in its place.
    let named = remote().proxy("http://name:pass@127.0.0.1:1").build().unwrap();
    assert_eq!(named.proxy(), Some("http://127.0.0.1:1"));
    assert_eq!(remote().no_proxy().build().unwrap().proxy(), None);
}

#[test]
fn a_proxy_that_cant_be_used_is_refused_by_the_name_of_its_variable() {
    for address in ["socks5://user:marked@127.0.0.1:1", "http://user:ma#rked@127.0.0.1:1", "://"] {
        passes("child_has_a_proxy_that_cant_be_used", &[("ALL_PROXY", address)]);
    }
}

//! The `doctor` command: what stands between this machine and a report, one line
//! each, and what to do about it.

use std::{
    error::Error as _,
    fs,
    io::{self, Write},
    path::Path,
    time::Duration,
};

use callperf::{
    Breakdown, Client, ErrorKind, FileTokenStore, GroupBy, Period, Query, RetryPolicy, SessionInfo,
    TokenStore as _, shown,
};
use jiff::SignedDuration;

use super::drift;
use crate::{
    Failure,
    args::{ConnectionArgs, DoctorArgs},
    connection::connect,
    console::spoken,
    failure::Done,
    failure::next_step,
    files,
    settings::{Secret, Settings},
    text::without_mark,
};

/// A token is renewed a minute before its end, and a period's end stays two
/// minutes behind the clock; beyond this neither may be enough.
const MOST_SKEW: SignedDuration = SignedDuration::from_mins(1);

pub(super) async fn run(args: &DoctorArgs) -> Done {
    if args.drift {
        return drift::run(&connect(&args.connection, None)?).await;
    }
    let mut report = Report::default();
    examine(&args.connection, &mut report).await;
    report.show(&mut io::stdout().lock())?;
    report.verdict()
}

/// What one check found.
enum Finding {
    Good(String),
    /// Something to know, which stops nothing.
    Odd {
        what: String,
        next: String,
    },
    Bad {
        what: String,
        next: String,
        code: u8,
    },
    Skipped(&'static str),
}

#[derive(Default)]
struct Report(Vec<(&'static str, Finding)>);

impl Report {
    fn add(&mut self, name: &'static str, finding: Finding) {
        self.0.push((name, finding));
    }

    fn good(&mut self, name: &'static str, what: impl Into<String>) {
        self.add(name, Finding::Good(what.into()));
    }

    fn odd(&mut self, name: &'static str, what: impl Into<String>, next: impl Into<String>) {
        self.add(name, Finding::Odd { what: what.into(), next: next.into() });
    }

    fn bad(&mut self, name: &'static str, failure: &Failure, next: impl Into<String>) {
        let finding = Finding::Bad {
            what: on_one_line(&failure.to_string()),
            next: next.into(),
            code: failure.exit_code(),
        };
        self.add(name, finding);
    }

    fn skip(&mut self, names: &[&'static str], because: &'static str) {
        for name in names {
            self.add(name, Finding::Skipped(because));
        }
    }

    fn show(&self, out: &mut impl Write) -> io::Result<()> {
        for (name, finding) in &self.0 {
            let (sign, what, next) = match finding {
                Finding::Good(what) => ("ok", what.as_str(), None),
                Finding::Odd { what, next } => ("note", what.as_str(), Some(next)),
                Finding::Bad { what, next, .. } => ("failed", what.as_str(), Some(next)),
                Finding::Skipped(because) => ("skipped", *because, None),
            };
            writeln!(out, "{sign:<9}{name:<14}{}", shown::text(what))?;
            if let Some(next) = next {
                writeln!(out, "{:23}next: {}", "", shown::text(next))?;
            }
        }
        Ok(())
    }

    fn verdict(&self) -> Done {
        let codes = self.0.iter().filter_map(|(_, finding)| match finding {
            Finding::Bad { code, .. } => Some(*code),
            _ => None,
        });
        let (failed, worst) = (codes.clone().count(), codes.max());
        match worst {
            Some(code) => Err(Failure::Checks { failed, all: self.0.len(), code }),
            None => Ok(()),
        }
    }
}

fn on_one_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join("; ")
}

const REMOTE: [&str; 5] = ["server", "login", "permissions", "clock", "quota"];

async fn examine(args: &ConnectionArgs, report: &mut Report) {
    let settings = match Settings::find(args.credentials.as_deref(), &args.profile) {
        Ok(settings) => settings,
        Err(failure) => {
            report.bad("settings", &failure, failure.next_step());
            report.skip(&["secrets", "sessions"], "there are no settings");
            return report.skip(&REMOTE, "there are no settings");
        }
    };
    report.good("settings", format!("{}, application {}", settings.source, settings.client_id));
    secrets(&settings, report);
    sessions(&settings, report);
    let client = settings
        .client(args)
        .and_then(|builder| Ok(builder.retry(RetryPolicy::never()).build()?));
    match client {
        Ok(client) => remote(&client, &settings, report).await,
        Err(failure) => {
            report.bad("client", &failure, failure.next_step());
            report.skip(&REMOTE, "there is no client");
        }
    }
}

fn secrets(settings: &Settings, report: &mut Report) {
    let all = [("secret", &settings.client_secret), ("JWT", &settings.jwt)];
    let present = all.iter().filter_map(|(name, secret)| Some((*name, secret.as_ref()?)));
    let mut words = Vec::new();
    for (name, secret) in present {
        if let Err(failure) = secret.read() {
            return report.bad("secrets", &failure, "set it, or name another in the profile");
        }
        if let Secret::File(file) = secret
            && others_can_read(file)
        {
            let what = format!("{}: others than its owner can read it", file.display());
            return report.odd("secrets", what, format!("chmod 600 {}", file.display()));
        }
        words.push(format!("{name} {secret}"));
    }
    report.good(
        "secrets",
        if words.is_empty() { "none needed".to_owned() } else { words.join(", ") },
    );
}

#[cfg(unix)]
fn others_can_read(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn others_can_read(_: &Path) -> bool {
    false
}

fn sessions(settings: &Settings, report: &mut Report) {
    let name = "sessions";
    let Some(file) = &settings.sessions else {
        return report.good(name, "kept in memory, for one run");
    };
    if others_can_read(file) {
        let what = format!("{}: others than its owner can read it", file.display());
        let next = format!("chmod 600 {}, and log out and in again", file.display());
        return report.bad(name, &Failure::Usage(what), next);
    }
    if file.exists() && !file.is_file() {
        // A pipe would be waited for.
        let what = format!("{}: it isn't a regular file", file.display());
        return report.bad(name, &Failure::File(what), "name another with CALLPERF_SESSIONS");
    }
    match fs::read(file) {
        Ok(bytes) if serde_json::from_slice::<serde_json::Value>(without_mark(&bytes)).is_err() => {
            let what = format!("{}: it is damaged", file.display());
            return report.odd(name, what, "log in again, which replaces it");
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            let next = "see to its rights, or name another with CALLPERF_SESSIONS";
            return report.bad(name, &Failure::file(file, &error), next);
        }
        _ => {}
    }
    match FileTokenStore::new(file).try_lock("") {
        Ok(_) => report.good(name, file.display().to_string()),
        Err(error) => {
            let next = "see to the rights of its folder, or name another with CALLPERF_SESSIONS";
            report.bad(name, &Failure::file(file, &error), next);
        }
    }
}

/// Logs in and asks for as little as can be asked.
async fn remote(client: &Client, settings: &Settings, report: &mut Report) {
    let answer = match client.log_in().await {
        Ok(()) => one_question(client).await,
        Err(error) => {
            if !reached(&error, client, settings, report) {
                return report.skip(&REMOTE[1..], "the server can't be reached");
            }
            let failure = Failure::Api(error);
            report.bad("login", &failure, failure.next_step());
            return report.skip(&REMOTE[2..], "the login failed");
        }
    };
    let session = client.session().await.ok().flatten();
    match answer {
        Ok(()) => {
            report.good("server", way(client, settings));
            report.good("login", logged_in(session.as_ref()));
            permissions(session.as_ref(), report);
        }
        Err(error) => {
            if !reached(&error, client, settings, report) {
                return report.skip(&REMOTE[1..], "the server can't be reached");
            }
            refused(error, session.as_ref(), report);
        }
    }
    clock(client, report);
    quota(client, report);
}

async fn one_question(client: &Client) -> Result<(), callperf::Error> {
    let query = Query::new(GroupBy::company(), Period::last_days(1), "UTC").calls(Breakdown::Total);
    client.aggregate(&query).per_page(1).page(1).await.map(drop)
}

/// Tells of an error that is about the way to the server.
fn reached(
    error: &callperf::Error,
    client: &Client,
    settings: &Settings,
    report: &mut Report,
) -> bool {
    let is_fault = matches!(
        error.kind(),
        ErrorKind::Network | ErrorKind::Deadline | ErrorKind::Server | ErrorKind::Answer
    );
    if !is_fault {
        report.good("server", way(client, settings));
        return true;
    }
    let mut all = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(current) = cause {
        all.push(current.to_string());
        cause = current.source();
    }
    let text = format!("{}: {}", way(client, settings), all.join(": "));
    let code = match error.kind() {
        ErrorKind::Deadline => 4,
        ErrorKind::Answer => 5,
        _ => 6,
    };
    let next = way_out(error.kind(), &text.to_lowercase(), client, settings);
    report.add("server", Finding::Bad { what: on_one_line(&text), next, code });
    false
}

/// What may help, by what the libraries below say of the cause.
fn way_out(kind: ErrorKind, text: &str, client: &Client, settings: &Settings) -> String {
    let mentions = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if mentions(&["certificate", "unknownissuer", "tls", "ssl", "handshake"]) {
        return "a proxy may look into TLS: name its certificate with root_certificate in the \
                profile"
            .to_owned();
    }
    if client.proxy().is_some() && kind == ErrorKind::Network {
        let place = proxy_place(settings);
        return format!("check the proxy's address in {place}, and that the proxy runs");
    }
    if mentions(&["dns", "resolve", "lookup"]) {
        return "check the server's name, and that this machine can resolve names".to_owned();
    }
    next_step(kind).to_owned()
}

/// The server, and the proxy on the way to it.
fn way(client: &Client, settings: &Settings) -> String {
    let server = shown::address(&settings.server);
    match client.proxy() {
        Some(proxy) => {
            format!("{server} by way of the proxy {proxy} from {}", proxy_place(settings))
        }
        None => server,
    }
}

fn proxy_place(settings: &Settings) -> &'static str {
    if settings.proxy.is_some() {
        return "the profile";
    }
    let variables = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    variables.into_iter().find(|name| files::variable(name).is_some()).unwrap_or("the environment")
}

fn logged_in(session: Option<&SessionInfo>) -> String {
    let Some(session) = session else { return "logged in".to_owned() };
    let who = session.owner_id.as_ref().map(|owner| format!("extension {owner}, "));
    format!("{}for {}", who.unwrap_or_default(), spoken(session.usable_for))
}

fn permissions(session: Option<&SessionInfo>, report: &mut Report) {
    let scope = session.map(|session| session.scope.clone()).unwrap_or_default();
    let name = "permissions";
    if scope.is_empty() || scope.iter().any(|word| word == "ReadAccounts") {
        let said = if scope.is_empty() { "Analytics".to_owned() } else { scope.join(", ") };
        return report.good(name, said);
    }
    report.odd(
        name,
        format!(
            "{}; not ReadAccounts, so that names of extensions can't be looked up",
            scope.join(", ")
        ),
        "give the application the ReadAccounts permission, if names are wanted",
    );
}

/// The server was reached and said no.
fn refused(error: callperf::Error, session: Option<&SessionInfo>, report: &mut Report) {
    let kind = error.kind();
    let failure = Failure::Api(error);
    match kind {
        ErrorKind::Authentication => {
            report.bad("login", &failure, failure.next_step());
            report.skip(&["permissions"], "the login failed");
        }
        ErrorKind::Permission => {
            report.good("login", logged_in(session));
            report.bad("permissions", &failure, failure.next_step());
        }
        _ => {
            report.good("login", logged_in(session));
            report.skip(&["permissions"], "the question wasn't answered");
            report.bad("question", &failure, failure.next_step());
        }
    }
}

fn clock(client: &Client, report: &mut Report) {
    let Some(skew) = client.clock_skew() else {
        return report.skip(&["clock"], "the server said no time");
    };
    let apart = Duration::try_from(skew.abs()).unwrap_or_default();
    if skew.abs() <= MOST_SKEW {
        return report.good("clock", format!("within {} of the server's", spoken(apart)));
    }
    let which = if skew.is_positive() { "behind" } else { "ahead of" };
    let what = format!("this machine's clock is {} {which} the server's", spoken(apart));
    report.bad("clock", &Failure::Usage(what), "set the clock, by NTP for example");
}

fn quota(client: &Client, report: &mut Report) {
    let budgets = client.budget();
    if budgets.is_empty() {
        return report.good("quota", "the server says nothing of it");
    }
    let said: Vec<_> = budgets
        .iter()
        .map(|budget| {
            let window = spoken(budget.window);
            format!("{}: {} of {} left in {window}", budget.group, budget.remaining, budget.limit)
        })
        .collect();
    let wait = budgets.iter().map(|budget| budget.wait).max().unwrap_or_default();
    if budgets.iter().any(|budget| budget.remaining == 0) {
        let next = format!("wait {}; other programs may use the same application", spoken(wait));
        return report.odd("quota", said.join(", "), next);
    }
    report.good("quota", said.join(", "));
}

#[cfg(test)]
mod tests {
    use callperf::Credentials;

    use super::*;
    use crate::settings::Source;

    fn client(proxy: bool) -> Client {
        let builder = Client::builder().credentials(Credentials::jwt("", "", ""));
        let builder =
            if proxy { builder.proxy("http://name:s3cret@proxy") } else { builder.no_proxy() };
        builder.build().unwrap()
    }

    fn settings(proxy: bool) -> Settings {
        Settings {
            source: Source::Environment,
            server: "https://example.com".to_owned(),
            server_revision: None,
            client_id: "id".to_owned(),
            client_secret: None,
            jwt: None,
            redirect_uri: None,
            proxy: proxy.then(|| Secret::Variable("NONE".to_owned())),
            root_certificate: None,
            calibration: None,
            history: None,
            sessions: None,
        }
    }

    #[test]
    fn each_cause_has_its_way_out() {
        let next =
            |text: &str, proxy| way_out(ErrorKind::Network, text, &client(proxy), &settings(proxy));
        assert!(
            next("invalid peer certificate: unknownissuer", false).contains("root_certificate")
        );
        assert!(next("tcp connect error", true).contains("the proxy runs"));
        let way = way(&client(true), &settings(true));
        assert_eq!(way, "https://example.com by way of the proxy http://proxy from the profile");
        assert!(next("dns error: failed to lookup", false).contains("server's name"));
    }

    #[test]
    fn the_worst_code_is_the_verdict() {
        let mut report = Report::default();
        report.good("a", "fine");
        assert!(report.verdict().is_ok());
        report.odd("b", "odd", "look");
        assert!(report.verdict().is_ok());
        report.bad("c", &Failure::Usage("two\n  lines".to_owned()), "do");
        report.bad("d", &Failure::Login("no".to_owned()), "do");
        let failure = report.verdict().unwrap_err();
        assert_eq!(
            (failure.exit_code(), failure.to_string().as_str()),
            (3, "2 of 4 checks failed")
        );
        let mut text = Vec::new();
        report.show(&mut text).unwrap();
        assert!(String::from_utf8(text).unwrap().contains("two; lines\n"));
    }
}

//! The server behind the programs as HTTP, and what no request may do there.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use reqwest::{
    Method, Request,
    header::{AUTHORIZATION, HeaderMap},
};
use serde_json::{Value as Json, json};

use super::history::{AGGREGATE, EXTENSIONS, History, LOGIN, MEMBERS, Mishap, TIMELINE};
use crate::simulation::{
    draw::Draw,
    server::{Change, Fault, Response, RetryAfter, Server},
};

/// What was promised and not kept.
pub(super) type Violation = String;

/// When the histories begin, by the server's clock.
pub(super) const BEGUN: &str = "2026-11-24T12:00:00Z";

/// The wait after a refusal that says nothing, and the longest that any may ask for.
const USUAL_PENALTY: Duration = Duration::from_secs(30);
const LONGEST_PENALTY: Duration = Duration::from_hours(1);

/// The group of an operation that succeeded, and whose response named none.
const NO_GROUP: &str = "";

/// How long a request takes, and what becomes of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) there: Duration,
    pub(super) back: Duration,
    pub(super) mishap: Option<Mishap>,
}

/// A response on its way back.
pub(super) struct Sent {
    operation: &'static str,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    heard: Heard,
}

/// What the response will tell its program.
#[derive(Clone, Copy)]
enum Heard {
    Nothing,
    /// Nothing of this group may be sent for so long; of any, if it isn't named.
    Penalty {
        group: Option<&'static str>,
        wait: Duration,
    },
    /// The token in this place came.
    Token(usize),
}

/// An announced penalty.
struct Penalty {
    program: usize,
    group: Option<&'static str>,
    from: Instant,
    until: Instant,
}

struct Token {
    program: usize,
    is_revoked: bool,
    /// When the response that brings it arrived.
    arrived_at: Option<Instant>,
    asked_at: Instant,
    ends_at: Instant,
    is_refresh_used: bool,
}

pub(super) struct World {
    history: History,
    begun: Instant,
    /// A later calm, in which everything works.
    is_over: bool,
    server: Server,
    draw: Draw,
    tokens: Vec<Token>,
    penalties: Vec<Penalty>,
    /// When a response first said the quota of a group, by the group's name.
    quotas_said: BTreeMap<String, Instant>,
    /// The group that a response last named, of each program's operations.
    groups_said: BTreeMap<(usize, &'static str), String>,
    /// The groups that have refused a request.
    refusing: BTreeSet<&'static str>,
    /// The requests under way, of each program.
    under_way: Vec<usize>,
    pub(super) violation: Option<Violation>,
}

impl World {
    pub(super) fn new(history: &History, begun: Instant) -> Self {
        Self {
            server: Server::new(
                &history.groups,
                &MEMBERS,
                history.retry_after,
                history.counts_refused,
            ),
            draw: Draw::new(history.seed ^ 0x5EED),
            tokens: Vec::new(),
            penalties: Vec::new(),
            quotas_said: BTreeMap::new(),
            groups_said: BTreeMap::new(),
            refusing: BTreeSet::new(),
            under_way: vec![0; history.programs],
            violation: None,
            is_over: false,
            begun,
            history: history.clone(),
        }
    }

    pub(super) fn violate(&mut self, violation: impl Into<Violation>) {
        self.violation.get_or_insert(violation.into());
    }

    pub(super) fn end(&mut self) {
        self.is_over = true;
    }

    pub(super) fn spend(&mut self, operation: &str, now: Instant) {
        self.server.spend(operation, now);
    }

    pub(super) fn change(&mut self, change: Change, now: Instant) {
        self.server.change(change, now);
        if let Change::Rename { from, to } = change {
            for penalty in &mut self.penalties {
                if penalty.group == Some(from) {
                    penalty.group = Some(to);
                }
            }
        }
    }

    pub(super) fn revoke_all(&mut self) {
        self.tokens.iter_mut().for_each(|token| token.is_revoked = true);
    }

    fn date(&self, now: Instant) -> Timestamp {
        let since = SignedDuration::try_from(now - self.begun).unwrap();
        BEGUN.parse::<Timestamp>().unwrap() + since
    }

    fn way(&mut self, now: Instant) -> Way {
        let weather = self.history.weather;
        let draw = &mut self.draw;
        let (there, back) = (draw.millis(0, weather.slowest), draw.millis(0, weather.slowest));
        let since = now - self.begun;
        let is_burst = weather.burst.is_some_and(|(from, to)| from <= since && since < to);
        let is_bad = weather.mishaps > 0 && draw.one_in(weather.mishaps);
        let mishap = match draw.number(1, 8) {
            _ if self.is_over || !(is_burst || is_bad) => None,
            1 => Some(Mishap::NeverArrives),
            2 => Some(Mishap::ResponseIsLost),
            3 | 4 => Some(Mishap::AtTheServer(Fault::Overloaded)),
            5 if !is_burst => {
                Some(Mishap::AtTheServer(Fault::Gateway { status: 429, is_counted: false }))
            }
            6 if weather.hides_the_quota => Some(Mishap::AtTheServer(Fault::NoHeaders)),
            7 if weather.hides_the_quota => {
                Some(Mishap::AtTheServer(Fault::Lies(draw.small(0, 60))))
            }
            _ => {
                let is_counted = draw.one_in(2);
                Some(Mishap::AtTheServer(Fault::Gateway { status: 502, is_counted }))
            }
        };
        Way { there, back, mishap }
    }

    /// A request leaves its program.
    pub(super) fn leave(&mut self, program: usize, request: &Request, now: Instant) -> Way {
        let operation = operation(request);
        let group = self.server.group(operation);
        self.under_way[program] += 1;
        // A login goes beside the requests that wait for it.
        if self.under_way[program] > self.history.concurrency + 1 {
            self.violate(format!("{} requests of one program at once", self.under_way[program]));
        }
        // An operation whose group has another name by now, or none in a success, isn't known
        // to be stopped; one without any response may belong to each group.
        let named = self.groups_said.get(&(program, operation));
        let may_be_its = named.is_none_or(|named| named == group);
        let is_stopped = self.penalties.iter().any(|penalty| {
            penalty.program == program
                && penalty.group.is_none_or(|stopped| stopped == group && may_be_its)
                && penalty.from < now
                && now < penalty.until
        });
        if is_stopped {
            self.violate(format!("{operation} was sent in an announced penalty"));
        }
        self.way(now)
    }

    /// A program has its response, or has given it up.
    pub(super) fn is_back(&mut self, program: usize) {
        self.under_way[program] -= 1;
    }

    /// A request arrives at the server.
    pub(super) fn arrive(
        &mut self,
        program: usize,
        request: &Request,
        mishap: Option<Mishap>,
        left_at: Instant,
        now: Instant,
    ) -> Sent {
        let operation = operation(request);
        let fault = match mishap {
            Some(Mishap::AtTheServer(fault)) => Some(fault),
            _ => None,
        };
        let (response, truth) = self.server.arrive(operation, fault, now);
        if truth.is_refused {
            if self.is_quota_knowable(truth.group, left_at) {
                self.violate(format!("{operation} crossed a quota that was knowable"));
            }
            // How long its penalty lasts needn't have been said.
            self.refusing.insert(truth.group);
        }
        let (status, body, heard) = match response.status {
            200 => self.serve(program, operation, request, left_at, now),
            429 => (429, refusal("CMN-301"), self.penalty(operation, &response)),
            status => (status, b"<html>gateway</html>".to_vec(), Heard::Nothing),
        };
        Sent { operation, status, headers: self.headers(&response, now), body, heard }
    }

    /// Whether the program could know the quota of a group when it sent a request. That of
    /// the logins is documented; another has to be said by a response. From a refusal on
    /// that couldn't be avoided only announced penalties are certain.
    fn is_quota_knowable(&self, group: &str, left_at: Instant) -> bool {
        let is_said = || self.quotas_said.get(group).is_some_and(|at| *at <= left_at);
        self.history.is_quota_knowable()
            && !self.refusing.contains(group)
            && (group == self.server.group(LOGIN) || is_said())
    }

    fn penalty(&self, operation: &str, response: &Response) -> Heard {
        let wait = match response.retry_after {
            Some(RetryAfter::Seconds(seconds)) => Duration::from_secs(seconds),
            // A date has whole seconds, and so has the `Date` that it is compared with.
            Some(RetryAfter::Date(wait)) => wait.saturating_sub(Duration::from_secs(1)),
            None => USUAL_PENALTY,
        };
        let is_named = response.limits.is_some();
        Heard::Penalty {
            group: is_named.then(|| self.server.group(operation)),
            wait: wait.min(LONGEST_PENALTY),
        }
    }

    /// What a program learns when the response is there.
    pub(super) fn hear(&mut self, program: usize, sent: &Sent, now: Instant) {
        let operation = (program, sent.operation);
        match sent.headers.get("x-rate-limit-group") {
            Some(group) => {
                let group = group.to_str().unwrap().to_owned();
                self.groups_said.insert(operation, group.clone());
                self.quotas_said.entry(group).or_insert(now);
            }
            None if sent.status == 200 => {
                self.groups_said.entry(operation).or_insert_with(|| NO_GROUP.to_owned());
            }
            None => {}
        }
        match sent.heard {
            Heard::Nothing => {}
            Heard::Penalty { group, wait } => {
                let until = now + wait;
                self.penalties.push(Penalty { program, group, from: now, until });
            }
            Heard::Token(at) => self.tokens[at].arrived_at = Some(now),
        }
    }

    fn headers(&self, response: &Response, now: Instant) -> HeaderMap {
        let date = |at: Timestamp| {
            rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap()
        };
        let mut texts = vec![("date", date(self.date(now)))];
        if let Some(limits) = response.limits {
            texts.extend([
                ("x-rate-limit-group", limits.group.to_owned()),
                ("x-rate-limit-limit", limits.limit.to_string()),
                ("x-rate-limit-remaining", limits.remaining.to_string()),
                ("x-rate-limit-window", limits.window.as_secs().to_string()),
            ]);
        }
        match response.retry_after {
            Some(RetryAfter::Seconds(seconds)) => {
                texts.push(("retry-after", seconds.to_string()));
            }
            Some(RetryAfter::Date(wait)) => {
                let wait = SignedDuration::try_from(wait).unwrap();
                texts.push(("retry-after", date(self.date(now) + wait)));
            }
            None => {}
        }
        texts
            .into_iter()
            .map(|(name, text)| (name.parse().unwrap(), text.parse().unwrap()))
            .collect()
    }

    fn serve(
        &mut self,
        program: usize,
        operation: &str,
        request: &Request,
        left_at: Instant,
        now: Instant,
    ) -> (u16, Vec<u8>, Heard) {
        if operation == LOGIN {
            return self.log_in(program, request, left_at, now);
        }
        if !self.is_authorized(request, now) {
            return (401, refusal("TokenInvalid"), Heard::Nothing);
        }
        let body = json_body(request);
        if self.asks_about_the_future(&body, now) {
            self.violate("a period ends in the server's future");
            return (400, refusal("ANL-302"), Heard::Nothing);
        }
        let body = match operation {
            AGGREGATE => page(request),
            TIMELINE => series(),
            _ => json!({"records": []}),
        };
        (200, body.to_string().into_bytes(), Heard::Nothing)
    }

    fn asks_about_the_future(&self, body: &Json, now: Instant) -> bool {
        let end = body["timeSettings"]["timeRange"]["timeTo"].as_str();
        end.is_some_and(|end| end.parse::<Timestamp>().unwrap() > self.date(now))
    }

    fn is_authorized(&self, request: &Request, now: Instant) -> bool {
        let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let at = token.and_then(|token| token.strip_prefix("Bearer access-")?.parse().ok());
        let token = at.and_then(|at: usize| self.tokens.get(at));
        token.is_some_and(|token| !token.is_revoked && now < token.ends_at)
    }

    fn log_in(
        &mut self,
        program: usize,
        request: &Request,
        left_at: Instant,
        now: Instant,
    ) -> (u16, Vec<u8>, Heard) {
        let form = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
        let form: Vec<(String, String)> = url::form_urlencoded::parse(form).into_owned().collect();
        let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, text)| &**text);
        if let Some(refresh) = field("refresh_token") {
            let at = refresh.strip_prefix("refresh-").and_then(|at| at.parse::<usize>().ok());
            let token = at.and_then(|at| self.tokens.get_mut(at));
            match token.filter(|token| !token.is_refresh_used && !token.is_revoked) {
                Some(token) => token.is_refresh_used = true,
                None => return (400, oauth_refusal(), Heard::Nothing),
            }
        }
        self.see_a_needless_login(program, left_at);
        let life = self.history.token_life;
        let at = self.tokens.len();
        self.tokens.push(Token {
            program,
            is_revoked: false,
            arrived_at: None,
            asked_at: left_at,
            ends_at: now + life,
            is_refresh_used: false,
        });
        let mut body = json!({
            "access_token": format!("access-{at}"),
            "token_type": "bearer",
            "expires_in": life.as_secs(),
            "scope": "Analytics",
        });
        if self.history.has_refresh_tokens {
            body["refresh_token"] = format!("refresh-{at}").into();
            body["refresh_token_expires_in"] = 604_800.into();
        }
        (200, body.to_string().into_bytes(), Heard::Token(at))
    }

    /// One login per expiry: a token that has come and can still be used is used.
    fn see_a_needless_login(&mut self, program: usize, left_at: Instant) {
        let life = self.history.token_life;
        // It is renewed a minute before its end, or after half its life; a stored token's
        // end is in whole seconds.
        let margin = Duration::from_mins(1).min(life / 2) + Duration::from_secs(2);
        let is_usable = |token: &Token| {
            (self.history.shares_store || token.program == program)
                && token.arrived_at.is_some_and(|at| at < left_at)
                && !token.is_revoked
                && left_at + margin < token.asked_at + life
        };
        if self.tokens.iter().any(is_usable) {
            self.violate("a login was made although there is a token");
        }
    }
}

fn operation(request: &Request) -> &'static str {
    let path = request.url().path();
    match () {
        () if path.contains("/oauth/") => LOGIN,
        () if path.contains("/timeline/") => TIMELINE,
        () if path.contains("/aggregation/") => AGGREGATE,
        () if request.method() == Method::GET => EXTENSIONS,
        () => unreachable!("{path}"),
    }
}

fn json_body(request: &Request) -> Json {
    let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
    serde_json::from_slice(body).unwrap_or_default()
}

fn refusal(code: &str) -> Vec<u8> {
    json!({"errorCode": code, "message": "no"}).to_string().into_bytes()
}

fn oauth_refusal() -> Vec<u8> {
    let errors = json!([{"errorCode": "OAU-213", "message": "Token is not found"}]);
    json!({"error": "invalid_grant", "errors": errors}).to_string().into_bytes()
}

/// The records of a page, each with one call.
pub(super) const PER_PAGE: u64 = 3;

/// A page of the pull whose parameter `pages` says how many it has.
fn page(request: &Request) -> Json {
    let number = |name: &str| {
        let value = request.url().query_pairs().find(|(key, _)| key == name);
        value.map_or(1, |(_, value)| value.parse::<u64>().unwrap())
    };
    let (page, pages) = (number("page"), number("pages"));
    let record = |at: u64| {
        let calls = json!({"allCalls": {"valueType": "Instances", "values": 1}});
        json!({"key": (1000 + page * PER_PAGE + at).to_string(), "counters": calls})
    };
    json!({
        "data": {"groupedBy": "Users", "records": (0..PER_PAGE).map(record).collect::<Vec<_>>()},
        "paging": {
            "page": page, "perPage": PER_PAGE, "totalPages": pages,
            "totalElements": pages * PER_PAGE,
        },
    })
}

fn series() -> Json {
    let calls = json!({"allCalls": {"valueType": "Instances", "values": 1}});
    let points = json!([{"time": "2026-11-23T00:00:00Z", "counters": calls}]);
    json!({
        "data": {"groupedBy": "Users", "records": [{"key": "1", "points": points}]},
        "paging": {"page": 1, "perPage": 20, "totalPages": 1, "totalElements": 1},
    })
}

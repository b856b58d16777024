//! How many requests may come in a while.
//!
//! The numbers, the penalty and the headers are the guide's. What it leaves open is in the crate's documentation.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::protocol::clock::Clock;
use crate::wire::failure::Failure;

/// Bytes of a request's body.
pub(crate) const LARGEST_BODY: usize = 2 << 20;

const MINUTE: Duration = Duration::from_secs(60);

/// How many requests of one group a user of an app may send within a window, and how long nothing may be sent after
/// one too many.
///
/// Headers tell seconds in whole numbers: a fraction is rounded up there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    requests: u32,
    window: Duration,
    penalty: Duration,
}

impl Limit {
    /// So many requests in any window; at least one is allowed. Each request within the penalty starts it anew.
    #[must_use]
    pub fn new(requests: u32, window: Duration, penalty: Duration) -> Limit {
        Limit { requests: requests.max(1), window, penalty }
    }
}

/// The limits of an app, by the groups that the service's operations are in.
///
/// Reports are in the group `light`, as are sites and time zones; extensions and call queues are in `medium`, nothing
/// here is in `heavy`, and logging in is in `auth`, which counts the requests of an app for all its users together.
///
/// The text form is `off`, `documented`, or groups with their limits, of which those left out have none:
///
/// ```
/// use std::time::Duration;
///
/// use callperf_sandbox::{Limit, Limits};
///
/// let second = Duration::from_secs(1);
/// let limits: Limits = "light=50/1s/1s,auth=5/60s/60s".parse()?;
/// let same = Limits::off()
///     .light(Limit::new(50, second, second))
///     .auth(Limit::new(5, 60 * second, 60 * second));
/// assert_eq!(limits, same);
/// # Ok::<(), callperf_sandbox::LimitsError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Limits([Option<Limit>; 4]);

/// Why a text isn't [`Limits`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{part}` isn't a limit; write `off`, `documented`, or GROUP=REQUESTS/WINDOW/PENALTY joined by \
     commas, with light, medium, heavy or auth, and seconds, as in light=50/60s/60s"
)]
pub struct LimitsError {
    part: String,
}

/// What an operation counts in. The names may change, says the guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Group {
    Light,
    Medium,
    Heavy,
    Auth,
}

impl Group {
    const ALL: [Group; 4] = [Group::Light, Group::Medium, Group::Heavy, Group::Auth];

    pub(crate) fn name(self) -> &'static str {
        ["light", "medium", "heavy", "auth"][self as usize]
    }

    pub(crate) fn named(name: &str) -> Option<Group> {
        Group::ALL.into_iter().find(|group| group.name() == name)
    }
}

impl Limits {
    /// None at all, and no headers that speak of them.
    pub fn off() -> Limits {
        Limits::default()
    }

    /// The service's: 50 requests a minute in `light`, 40 in `medium`, 10 in `heavy`, 5 in `auth`, and a penalty of a
    /// minute.
    pub fn documented() -> Limits {
        Limits::scaled(MINUTE)
    }

    /// The service's numbers of requests in a window, and with a penalty, of this length: for tests that can't wait
    /// a minute. Not less than a second, as headers tell whole ones.
    pub fn scaled(window: Duration) -> Limits {
        Limits([50, 40, 10, 5].map(|requests| Some(Limit::new(requests, window, window))))
    }

    /// Limits reports, sites and time zones.
    pub fn light(self, limit: Limit) -> Limits {
        self.with(Group::Light, limit)
    }

    /// Limits extensions and call queues.
    pub fn medium(self, limit: Limit) -> Limits {
        self.with(Group::Medium, limit)
    }

    /// Limits what the sandbox has nothing of.
    pub fn heavy(self, limit: Limit) -> Limits {
        self.with(Group::Heavy, limit)
    }

    /// Limits logging in.
    pub fn auth(self, limit: Limit) -> Limits {
        self.with(Group::Auth, limit)
    }

    fn with(mut self, group: Group, limit: Limit) -> Limits {
        self.0[group as usize] = Some(limit);
        self
    }
}

impl FromStr for Limits {
    type Err = LimitsError;

    fn from_str(text: &str) -> Result<Limits, LimitsError> {
        match text {
            "off" => return Ok(Limits::off()),
            "documented" => return Ok(Limits::documented()),
            _ => {}
        }
        text.split(',').try_fold(Limits::off(), |limits, part| {
            let refused = || LimitsError { part: part.to_owned() };
            let (group, limit) = group_and_limit(part.trim()).ok_or_else(refused)?;
            Ok(limits.with(group, limit))
        })
    }
}

fn group_and_limit(part: &str) -> Option<(Group, Limit)> {
    let (name, numbers) = part.split_once('=')?;
    let mut numbers = numbers.split('/');
    let requests = numbers.next()?.parse().ok().filter(|requests| *requests > 0)?;
    let (window, penalty) = (seconds(numbers.next()?)?, seconds(numbers.next()?)?);
    let is_over = numbers.next().is_none();
    is_over.then_some((Group::named(name)?, Limit::new(requests, window, penalty)))
}

fn seconds(text: &str) -> Option<Duration> {
    let seconds: u32 = text.strip_suffix('s')?.parse().ok()?;
    Some(Duration::from_secs(seconds.into())).filter(|seconds| !seconds.is_zero())
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = Group::ALL.into_iter().filter_map(|group| Some((group, self.0[group as usize]?)));
        let parts: Vec<_> = set
            .map(|(group, limit)| {
                let (window, penalty) = (whole_seconds(limit.window), whole_seconds(limit.penalty));
                format!("{}={}/{window}s/{penalty}s", group.name(), limit.requests)
            })
            .collect();
        if parts.is_empty() { f.write_str("off") } else { f.write_str(&parts.join(",")) }
    }
}

/// Rounded up: a client that waits this long must not come too early.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// Who spends a quota.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Spender {
    /// The app's place.
    pub(crate) app: usize,
    /// The user's extension id; a login is the app's alone, before anybody knows the user.
    pub(crate) user: Option<String>,
    pub(crate) group: Group,
}

/// All that is spent.
#[derive(Debug)]
pub(crate) struct Limiter {
    clock: Arc<Clock>,
    /// Whether headers have what was left before a request.
    says_before: bool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Of apps that have none of their own.
    limits: Limits,
    apps: Vec<Option<Limits>>,
    windows: HashMap<Spender, Window>,
}

#[derive(Debug, Default)]
struct Window {
    /// When requests were let in; the refused aren't counted.
    counted: VecDeque<Duration>,
    penalty_until: Option<Duration>,
}

/// How a spender stands after a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) group: Group,
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// Seconds.
    pub(crate) window: u64,
    /// Seconds until a request is let in again; the present one wasn't.
    pub(crate) refused_for: Option<u64>,
}

impl Limiter {
    pub(crate) fn new(limits: Limits, apps: Vec<Option<Limits>>, clock: Arc<Clock>) -> Limiter {
        let state = Mutex::new(State { limits, apps, windows: HashMap::new() });
        Limiter { clock, says_before: false, state }
    }

    /// Says in headers what was left before a request, or else what is left after it.
    pub(crate) fn saying_before(self, says_before: bool) -> Limiter {
        Limiter { says_before, ..self }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request, or refuses it; nothing, where there is no limit.
    pub(crate) fn admit(&self, spender: &Spender) -> Option<Standing> {
        let mut standing = self.spend(spender, 1)?;
        // A refused request isn't counted.
        if self.says_before && standing.refused_for.is_none() {
            standing.remaining += 1;
        }
        Some(standing)
    }

    /// Counts several requests at once.
    pub(crate) fn spend(&self, spender: &Spender, requests: u32) -> Option<Standing> {
        self.state().spend(spender, requests, self.clock.elapsed())
    }

    /// What the headers of a spent quota say: the documented limit, if none is set.
    pub(crate) fn spent(&self, group: Group) -> Standing {
        let set = self.limits().0[group as usize].or(Limits::documented().0[group as usize]);
        let limit = set.unwrap_or(Limit::new(1, MINUTE, MINUTE));
        Standing {
            group,
            limit: limit.requests,
            remaining: 0,
            window: whole_seconds(limit.window),
            refused_for: Some(whole_seconds(limit.penalty)),
        }
    }

    /// How everybody stands who has sent something lately.
    pub(crate) fn standings(&self) -> Vec<(Spender, Standing)> {
        let now = self.clock.elapsed();
        let mut state = self.state();
        let spenders: Vec<_> = state.windows.keys().cloned().collect();
        let standings = spenders.into_iter().filter_map(|spender| {
            let standing = state.standing(&spender, now)?;
            Some((spender, standing))
        });
        standings.collect()
    }

    pub(crate) fn limits(&self) -> Limits {
        self.state().limits
    }

    /// Other limits for all apps that have none of their own. What was spent stays.
    pub(crate) fn set(&self, limits: Limits) {
        self.state().limits = limits;
    }

    /// Forgets what was spent.
    pub(crate) fn clear(&self) {
        self.state().windows.clear();
    }
}

impl State {
    fn limit(&self, spender: &Spender) -> Option<Limit> {
        let own = self.apps.get(spender.app).copied().flatten();
        own.unwrap_or(self.limits).0[spender.group as usize]
    }

    fn spend(&mut self, spender: &Spender, requests: u32, now: Duration) -> Option<Standing> {
        let limit = self.limit(spender)?;
        let window = self.windows.entry(spender.clone()).or_default();
        window.forget(limit, now);
        for _ in 0..requests {
            if window.penalty_until.is_some() || window.counted.len() >= limit.requests as usize {
                window.penalty_until = Some(now.saturating_add(limit.penalty));
            } else {
                window.counted.push_back(now);
            }
        }
        Some(window.standing(spender.group, limit, now))
    }

    fn standing(&mut self, spender: &Spender, now: Duration) -> Option<Standing> {
        let limit = self.limit(spender)?;
        let window = self.windows.get_mut(spender)?;
        window.forget(limit, now);
        Some(window.standing(spender.group, limit, now))
    }
}

impl Window {
    fn forget(&mut self, limit: Limit, now: Duration) {
        while self.counted.front().is_some_and(|at| at.saturating_add(limit.window) <= now) {
            self.counted.pop_front();
        }
        self.penalty_until = self.penalty_until.filter(|until| *until > now);
    }

    fn standing(&self, group: Group, limit: Limit, now: Duration) -> Standing {
        let counted = u32::try_from(self.counted.len()).unwrap_or(u32::MAX);
        Standing {
            group,
            limit: limit.requests,
            remaining: limit.requests.saturating_sub(counted),
            window: whole_seconds(limit.window),
            refused_for: self.penalty_until.map(|until| whole_seconds(until.saturating_sub(now))),
        }
    }
}

impl Standing {
    /// The answer, or a refusal in its place, with the headers that tell of the quota.
    pub(crate) fn around(&self, answer: Response) -> Response {
        let mut response = answer;
        self.write(response.headers_mut());
        response
    }

    pub(crate) fn refusal(&self) -> Response {
        let refusal =
            Failure::new(StatusCode::TOO_MANY_REQUESTS, "CMN-301", "Request rate exceeded");
        self.around(refusal.into_response())
    }

    fn write(&self, headers: &mut HeaderMap) {
        let name = HeaderName::from_static;
        headers.insert(name("x-rate-limit-group"), HeaderValue::from_static(self.group.name()));
        headers.insert(name("x-rate-limit-limit"), self.limit.into());
        headers.insert(name("x-rate-limit-remaining"), self.remaining.into());
        headers.insert(name("x-rate-limit-window"), self.window.into());
        if let Some(seconds) = self.refused_for {
            headers.insert(RETRY_AFTER, seconds.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spender(app: usize, user: &str, group: Group) -> Spender {
        Spender { app, user: Some(user.to_owned()), group }
    }

    fn limiter(limits: Limits) -> (Limiter, Arc<Clock>) {
        let clock = Arc::new(Clock::new(None));
        (Limiter::new(limits, vec![None, Some(Limits::off())], Arc::clone(&clock)), clock)
    }

    fn small() -> Limits {
        Limits::off().light(Limit::new(3, Duration::from_secs(100), Duration::from_secs(200)))
    }

    #[test]
    fn the_window_slides() {
        let (limiter, clock) = limiter(small());
        let ada = spender(0, "ada", Group::Light);
        let admit = || limiter.admit(&ada).unwrap();
        for remaining in [2, 1, 0] {
            let standing = admit();
            assert_eq!((standing.remaining, standing.refused_for), (remaining, None));
            clock.advance(Duration::from_secs(40));
        }
        // The first of the three was 120 seconds ago, the second 80.
        assert_eq!((admit().remaining, admit().refused_for), (0, Some(200)));
    }

    #[test]
    fn what_was_left_before_a_request_is_one_more() {
        let (limiter, _) = limiter(small());
        let limiter = limiter.saying_before(true);
        let ada = spender(0, "ada", Group::Light);
        let standings = [(); 4].map(|()| limiter.admit(&ada).unwrap());
        let said = standings.map(|standing| (standing.remaining, standing.refused_for.is_some()));
        assert_eq!(said, [(3, false), (2, false), (1, false), (0, true)]);
        assert_eq!(limiter.standings()[0].1.remaining, 0);
    }

    #[test]
    fn each_request_within_the_penalty_starts_it_anew() {
        let (limiter, clock) = limiter(small());
        let ada = spender(0, "ada", Group::Light);
        limiter.spend(&ada, 4);
        clock.advance(Duration::from_secs(199));
        assert_eq!(limiter.standings()[0].1.refused_for, Some(1));
        assert_eq!(limiter.admit(&ada).unwrap().refused_for, Some(200));
        clock.advance(Duration::from_secs(201));
        let standing = limiter.admit(&ada).unwrap();
        assert_eq!((standing.remaining, standing.refused_for), (2, None));
    }

    #[test]
    fn users_apps_and_groups_have_their_own() {
        let (limiter, _) = limiter(Limits::documented());
        let spenders = [
            spender(0, "ada", Group::Light),
            spender(0, "ada", Group::Medium),
            spender(0, "bruno", Group::Light),
            Spender { app: 0, user: None, group: Group::Auth },
        ];
        let remaining = spenders.map(|spender| limiter.admit(&spender).unwrap().remaining);
        assert_eq!(remaining, [49, 39, 49, 4]);
        // An app with limits of its own, which are none.
        assert_eq!(limiter.admit(&spender(1, "ada", Group::Light)), None);
    }

    #[test]
    fn limits_have_a_text_form() {
        for text in ["off", "light=50/60s/60s,medium=40/60s/60s,heavy=10/60s/60s,auth=5/60s/60s"] {
            assert_eq!(text.parse::<Limits>().unwrap().to_string(), text);
        }
        assert_eq!("documented".parse::<Limits>().unwrap(), Limits::documented());
        for bad in [
            "",
            "on",
            "light",
            "light=50",
            "light=0/1s/1s",
            "light=1/1/1s",
            "light=1/0s/1s",
            "light=1/1s/1s/1s",
            "big=1/1s/1s",
            "light=1/1s/1s,",
        ] {
            let error = bad.parse::<Limits>().unwrap_err();
            assert!(error.to_string().contains("light=50/60s/60s"), "{bad}");
        }
    }
}

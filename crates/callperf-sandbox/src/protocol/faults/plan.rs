//! Which request meets which fault.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

use super::fault::{Fault, Latency};
use super::text::FaultError;
use crate::hint::did_you_mean;

/// Which requests a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Requests {
    /// All of them.
    Any,
    /// Those for tokens, and about them.
    Logins,
    /// Aggregations and timelines of both APIs.
    Reports,
    /// Aggregations of today's API.
    Aggregations,
    /// Timelines of today's API.
    Timelines,
    /// Aggregations of the beta.
    Beta,
    /// Extensions, queues, sites, time zones.
    Lists,
}

const REQUESTS: [(&str, Requests); 7] = [
    ("any", Requests::Any),
    ("logins", Requests::Logins),
    ("reports", Requests::Reports),
    ("aggregations", Requests::Aggregations),
    ("timelines", Requests::Timelines),
    ("beta", Requests::Beta),
    ("lists", Requests::Lists),
];

impl Requests {
    /// What a path is for.
    pub(crate) fn of(path: &str) -> Requests {
        let path = path.trim_end_matches('/');
        if path.starts_with("/restapi/oauth/") {
            Requests::Logins
        } else if path.ends_with("/aggregation/fetch") {
            Requests::Aggregations
        } else if path.ends_with("/timeline/fetch") {
            Requests::Timelines
        } else if path.ends_with("/performance/calls/aggregate") {
            Requests::Beta
        } else {
            Requests::Lists
        }
    }

    fn include(self, kind: Requests) -> bool {
        match self {
            Requests::Any => true,
            Requests::Reports => {
                matches!(kind, Requests::Aggregations | Requests::Timelines | Requests::Beta)
            }
            only => only == kind,
        }
    }
}

/// One line of a script: a fault, and the requests that meet it.
///
/// ```
/// use callperf_sandbox::{Fault, Requests, Rule};
///
/// let rule = Rule::new(Fault::Quota).on(Requests::Timelines).after(3).times(2);
/// assert_eq!(rule, "quota on=timelines after=3 times=2".parse()?);
/// # Ok::<(), callperf_sandbox::FaultError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Rule {
    act: Act,
    on: Requests,
    after: u64,
    /// `None` is always.
    times: Option<u64>,
    rate: f64,
    seed: u64,
}

#[derive(Clone, Debug, PartialEq)]
enum Act {
    Pass,
    Fault(Fault),
    /// One of these, by chance.
    Random(Vec<Fault>),
}

impl Rule {
    fn of(act: Act, on: Requests, times: Option<u64>) -> Rule {
        Rule { act, on, after: 0, times, rate: 1.0, seed: 0 }
    }

    /// This fault, once, at the next report; at the next login, if it is about logins.
    pub fn new(fault: Fault) -> Rule {
        let on = if fault.is_of_logins() { Requests::Logins } else { Requests::Reports };
        Rule::of(Act::Fault(fault), on, Some(1))
    }

    /// No fault, once: the next report passes, and the rules after this one don't apply to it.
    pub fn pass() -> Rule {
        Rule::of(Act::Pass, Requests::Reports, Some(1))
    }

    /// Always one of [`Fault::passing`], by chance.
    pub fn random() -> Rule {
        Rule::random_of(Fault::passing())
    }

    /// Always one of these, by chance; nothing, if there are none.
    pub fn random_of(faults: impl IntoIterator<Item = Fault>) -> Rule {
        Rule::of(Act::Random(faults.into_iter().collect()), Requests::Reports, None)
    }

    /// Only these requests.
    pub fn on(mut self, requests: Requests) -> Rule {
        self.on = requests;
        self
    }

    /// So many of them pass first.
    pub fn after(mut self, requests: u64) -> Rule {
        self.after = requests;
        self
    }

    /// As often as this.
    pub fn times(mut self, times: u64) -> Rule {
        self.times = Some(times);
        self
    }

    /// For ever.
    pub fn always(mut self) -> Rule {
        self.times = None;
        self
    }

    /// Only by chance, from 0 to 1, and for ever.
    pub fn rate(mut self, rate: f64) -> Rule {
        self.rate = if rate.is_nan() { 0.0 } else { rate.clamp(0.0, 1.0) };
        self.always()
    }

    /// What chance is drawn from: the same seed makes the same choices, request by request as they come.
    pub fn seed(mut self, seed: u64) -> Rule {
        self.seed = seed;
        self
    }
}

/// What goes wrong, rule by rule: each request meets the first rule that is about it and isn't used up. Latency and a
/// wrong clock come besides another fault.
///
/// The text form is a script, a rule a line; `#` begins a comment:
///
/// ```
/// use callperf_sandbox::Faults;
///
/// let script: Faults = "
///     token-expired                        # the first report
///     pass times=5                         # five go well
///     quota times=2                        # and two don't
///     status:503 on=logins after=1         # the second login
///     latency:80ms~0.5 on=any times=always
///     random rate=0.1 seed=7               # and then one of ten, by chance
///     random rate=0.1 seed=8 of=quota,reset:start on=lists
/// ".parse()?;
/// assert_eq!(script, script.to_string().parse()?);
/// # Ok::<(), callperf_sandbox::FaultError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct Faults(Vec<Rule>);

impl Faults {
    /// Nothing goes wrong.
    pub fn none() -> Faults {
        Faults::default()
    }

    /// One of [`Fault::passing`] at so many of the reports, from 0 to 1.
    pub fn random(seed: u64, rate: f64) -> Faults {
        Rule::random().rate(rate).seed(seed).into()
    }
}

/// One fault, for ever.
impl From<Fault> for Faults {
    fn from(fault: Fault) -> Faults {
        Rule::new(fault).always().into()
    }
}

/// One after the other, each once.
impl<const N: usize> From<[Fault; N]> for Faults {
    fn from(faults: [Fault; N]) -> Faults {
        faults.into_iter().map(Rule::new).collect()
    }
}

impl From<Rule> for Faults {
    fn from(rule: Rule) -> Faults {
        Faults(vec![rule])
    }
}

impl<const N: usize> From<[Rule; N]> for Faults {
    fn from(rules: [Rule; N]) -> Faults {
        Faults(rules.into())
    }
}

impl FromIterator<Rule> for Faults {
    fn from_iter<I: IntoIterator<Item = Rule>>(rules: I) -> Faults {
        Faults(rules.into_iter().collect())
    }
}

impl FromStr for Faults {
    type Err = FaultError;

    fn from_str(script: &str) -> Result<Faults, FaultError> {
        let lines = script.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        let rules = lines.enumerate().filter(|(_, line)| !line.is_empty());
        rules
            .map(|(at, line)| {
                let in_line = |error| FaultError { line: Some(at + 1), ..error };
                line.parse::<Rule>().map_err(in_line)
            })
            .collect()
    }
}

impl FromStr for Rule {
    type Err = FaultError;

    fn from_str(line: &str) -> Result<Rule, FaultError> {
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or_default();
        let mut rule = match first {
            "pass" => Rule::pass(),
            "random" => Rule::random(),
            fault => Rule::new(fault.parse()?),
        };
        let mut times = None;
        for word in words {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            let expected = |what: &str| FaultError::new(format!("`{word}`: {what} is expected"));
            match name {
                "on" => {
                    let known = REQUESTS.iter().find(|(name, _)| *name == value);
                    let names = REQUESTS.map(|(name, _)| name).join(", ");
                    rule.on = known.ok_or_else(|| expected(&format!("one of {names}")))?.1;
                }
                "after" => rule.after = value.parse().map_err(|_| expected("a number"))?,
                "times" if value == "always" => times = Some(None),
                "times" => {
                    let number = value.parse().map_err(|_| expected("a number, or always,"))?;
                    times = Some(Some(number));
                }
                "rate" => {
                    let rate = value.parse().ok().filter(|rate| (0.0..=1.0).contains(rate));
                    rule = rule.rate(rate.ok_or_else(|| expected("a number from 0 to 1"))?);
                }
                "seed" => rule.seed = value.parse().map_err(|_| expected("a number"))?,
                "of" if first == "random" => {
                    let faults = value.split(',').map(str::parse).collect::<Result<_, _>>()?;
                    rule.act = Act::Random(faults);
                }
                _ => {
                    let names = ["on", "after", "times", "rate", "seed", "of"];
                    let hint = did_you_mean(name, names.into_iter());
                    return Err(FaultError::new(format!(
                        "`{word}` isn't a setting of a fault{hint}"
                    )));
                }
            }
        }
        rule.times = times.unwrap_or(rule.times);
        Ok(rule)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|rule| writeln!(f, "{rule}"))
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.act {
            Act::Pass => f.write_str("pass")?,
            Act::Fault(fault) => write!(f, "{fault}")?,
            Act::Random(faults) => {
                let names: Vec<_> = faults.iter().map(Fault::to_string).collect();
                write!(f, "random of={}", names.join(","))?;
            }
        }
        let on = REQUESTS.iter().find(|(_, requests)| *requests == self.on);
        write!(f, " on={}", on.map_or("any", |(name, _)| name))?;
        if self.after > 0 {
            write!(f, " after={}", self.after)?;
        }
        if self.rate < 1.0 {
            write!(f, " rate={}", self.rate)?;
        }
        if self.seed != 0 {
            write!(f, " seed={}", self.seed)?;
        }
        match self.times {
            Some(times) => write!(f, " times={times}"),
            None => f.write_str(" times=always"),
        }
    }
}

/// The rules and how far they are used up.
#[derive(Debug)]
pub(crate) struct Plan {
    faults: Faults,
    states: Vec<State>,
    /// For latencies, which are drawn in any case.
    chance: Chance,
}

#[derive(Debug)]
struct State {
    met: u64,
    done: u64,
    chance: Chance,
}

/// What a rule does about a request.
enum Turn {
    /// It leaves it to the rules after it.
    Leave,
    Pass,
    Meet(Fault),
}

#[derive(Debug)]
struct Chance(ChaCha8Rng);

impl Plan {
    pub(crate) fn new(faults: Faults) -> Plan {
        let state = |rule: &Rule| State { met: 0, done: 0, chance: Chance::new(rule.seed) };
        let states = faults.0.iter().map(state).collect();
        Plan { faults, states, chance: Chance::new(0) }
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// What a request of this kind meets: at most one fault, besides those that come with others.
    pub(crate) fn next(&mut self, kind: Requests) -> Vec<Fault> {
        let mut met = Vec::new();
        let mut is_decided = false;
        for (rule, state) in self.faults.0.iter().zip(&mut self.states) {
            let is_aside = matches!(&rule.act, Act::Fault(fault) if fault.is_aside());
            if !rule.on.include(kind) || (is_decided && !is_aside) {
                continue;
            }
            match state.take(rule) {
                Turn::Leave => continue,
                Turn::Pass => {}
                Turn::Meet(fault) => met.push(fault),
            }
            is_decided |= !is_aside;
        }
        met
    }

    pub(crate) fn delay(&mut self, latency: Latency) -> Duration {
        self.chance.delay(latency)
    }
}

impl State {
    fn take(&mut self, rule: &Rule) -> Turn {
        if rule.times.is_some_and(|times| self.done >= times) {
            return Turn::Leave;
        }
        self.met += 1;
        if self.met <= rule.after || (rule.rate < 1.0 && self.chance.number() >= rule.rate) {
            return Turn::Leave;
        }
        self.done += 1;
        match &rule.act {
            Act::Pass => Turn::Pass,
            Act::Fault(fault) => Turn::Meet(fault.clone()),
            Act::Random(faults) => {
                self.chance.one_of(faults).map_or(Turn::Leave, |fault| Turn::Meet(fault.clone()))
            }
        }
    }
}

impl Chance {
    fn new(seed: u64) -> Chance {
        Chance(ChaCha8Rng::seed_from_u64(seed))
    }

    /// From 0 up to, but not including, 1.
    #[allow(clippy::cast_precision_loss, reason = "53 bits are a double's")]
    fn number(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn one_of<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let many = u64::try_from(items.len()).ok().filter(|many| *many > 0)?;
        items.get(usize::try_from(self.0.next_u64() % many).ok()?)
    }

    fn delay(&mut self, latency: Latency) -> Duration {
        match latency {
            Latency::Fixed(fixed) => fixed,
            Latency::Uniform(least, most) => {
                least + most.saturating_sub(least).mul_f64(self.number())
            }
            Latency::LogNormal { median, sigma } => {
                let factor = (sigma * self.normal()).exp();
                // Far out in the tail a delay isn't worth a panic.
                Duration::try_from_secs_f64(median.as_secs_f64() * factor).unwrap_or(Duration::MAX)
            }
        }
    }

    /// Normally distributed around 0, by Box and Muller.
    fn normal(&mut self) -> f64 {
        let (one, other) = (1.0 - self.number(), self.number());
        (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * other).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(plan: &mut Plan, kinds: &[Requests]) -> Vec<String> {
        let met = kinds.iter().map(|kind| plan.next(*kind));
        met.map(|faults| faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("+"))
            .collect()
    }

    #[test]
    fn rules_are_met_in_their_order() {
        let script = "token-expired\npass times=2\nquota times=2\nstatus:503 on=logins after=1\n\
                      latency:1s on=aggregations times=always";
        let mut plan = Plan::new(script.parse().unwrap());
        let (report, login) = (Requests::Aggregations, Requests::Logins);
        let met = names(&mut plan, &[report, login, report, report, login, report, report, report]);
        let expected = [
            "token-expired+latency:1s",
            "",
            "latency:1s",
            "latency:1s",
            "status:503",
            "quota+latency:1s",
            "quota+latency:1s",
            "latency:1s",
        ];
        assert_eq!(met, expected);
    }

    #[test]
    fn chance_keeps_its_rate_and_its_seed() {
        let draw = |seed| {
            let mut plan = Plan::new(Faults::random(seed, 0.1));
            names(&mut plan, &[Requests::Timelines; 10_000])
        };
        let met = draw(7);
        let hit = met.iter().filter(|name| !name.is_empty()).count();
        assert!((900..1100).contains(&hit), "{hit}");
        assert_eq!(met, draw(7));
        assert_ne!(met, draw(8));
        for fault in Fault::passing() {
            assert!(met.contains(&fault.to_string()), "{fault}");
        }
    }

    #[test]
    fn latencies_are_distributed_as_they_say() {
        let mut chance = Chance::new(7);
        let ms = Duration::from_millis;
        let mut draw = |latency| {
            let mut delays: Vec<_> = (0..10_001).map(|_| chance.delay(latency)).collect();
            delays.sort_unstable();
            delays
        };
        let uniform = draw(Latency::Uniform(ms(10), ms(90)));
        assert!(uniform[0] >= ms(10) && uniform[10_000] <= ms(90));
        assert!((ms(48)..ms(52)).contains(&uniform[5_000]), "{:?}", uniform[5_000]);
        let log_normal = draw(Latency::LogNormal { median: ms(80), sigma: 0.5 });
        assert!((ms(77)..ms(83)).contains(&log_normal[5_000]), "{:?}", log_normal[5_000]);
        // One standard deviation above the median: 80 ms × e^0.5.
        assert!((ms(127)..ms(137)).contains(&log_normal[8_413]), "{:?}", log_normal[8_413]);
    }

    #[test]
    fn an_error_in_a_script_names_its_line() {
        for (script, message) in [
            ("quota\n\nquotta", "line 3: there is no fault `quotta`; did you mean `quota`?"),
            ("quota on=mars", "line 1: `on=mars`: one of any, logins, reports"),
            ("quota times=some", "line 1: `times=some`: a number, or always, is expected"),
            ("random rate=2", "line 1: `rate=2`: a number from 0 to 1 is expected"),
            ("random of=quota,nope", "line 1: there is no fault `nope`"),
            ("quota time=3", "line 1: `time=3` isn't a setting of a fault; did you mean `times`?"),
            ("quota of=quota", "line 1: `of=quota` isn't a setting of a fault"),
        ] {
            let error = script.parse::<Faults>().unwrap_err();
            assert!(error.to_string().starts_with(message), "{error}");
            assert!(error.line().is_some());
        }
        assert_eq!("# nothing\n\n".parse(), Ok(Faults::none()));
    }
}

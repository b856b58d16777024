//! The names of faults.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;

use super::fault::{Fault, Latency, Place};
use crate::hint::did_you_mean;

/// Those that take no argument.
pub(crate) const PLAIN: &[(&str, Fault)] = &[
    ("quota", Fault::Quota),
    ("quota-lying", Fault::QuotaLying),
    ("quota-silent", Fault::QuotaSilent),
    ("quota-bare", Fault::QuotaBare),
    ("token-expired", Fault::TokenExpired),
    ("token-revoked", Fault::TokenRevoked),
    ("unauthorized", Fault::Unauthorized),
    ("permission", Fault::Permission),
    ("expire-token", Fault::ExpireToken),
    ("end-session", Fault::EndSession),
    ("invalid-grant", Fault::InvalidGrant),
    ("invalid-client", Fault::InvalidClient),
    ("second-factor", Fault::SecondFactor),
    ("token-null", Fault::TokenNull),
    ("token-empty", Fault::TokenEmpty),
    ("token-broken", Fault::TokenBroken),
    ("lifetime-negative", Fault::LifetimeNegative),
    ("lifetime-endless", Fault::LifetimeEndless),
    ("truncated", Fault::Truncated),
    ("doubled", Fault::Doubled),
    ("null", Fault::Null),
    ("list", Fault::List),
    ("object", Fault::Object),
    ("error-with-200", Fault::ErrorWith200),
    ("other-api", Fault::OtherApi),
    ("text-plain", Fault::TextPlain),
    ("no-content-type", Fault::NoContentType),
    ("not-utf8", Fault::NotUtf8),
    ("utf16", Fault::Utf16),
    ("byte-order-mark", Fault::ByteOrderMark),
    ("brackets", Fault::Brackets),
    ("deep", Fault::Deep),
    ("gzip-cut", Fault::GzipCut),
    ("gzip-false", Fault::GzipFalse),
    ("gzip-bomb", Fault::GzipBomb),
    ("unknown-fields", Fault::UnknownFields),
    ("unknown-words", Fault::UnknownWords),
    ("null-numbers", Fault::NullNumbers),
    ("nan-numbers", Fault::NanNumbers),
    ("string-numbers", Fault::StringNumbers),
    ("duplicate-keys", Fault::DuplicateKeys),
    ("key-twice", Fault::KeyTwice),
    ("page-repeated", Fault::PageRepeated),
    ("page-other", Fault::PageOther),
    ("page-empty", Fault::PageEmpty),
    ("pages-grow", Fault::PagesGrow),
    ("pages-shrink", Fault::PagesShrink),
    ("pages-shift", Fault::PagesShift),
    ("pages-endless", Fault::PagesEndless),
    ("not-http", Fault::NotHttp),
];

/// Those that do, with an example of it.
const WITH_ARGUMENT: &[(&str, &str)] = &[
    ("status", "503"),
    ("html", "502"),
    ("empty", "204"),
    ("redirect", "301"),
    ("retry-after", "503=5"),
    ("reset", "body"),
    ("close", "body"),
    ("stall", "body"),
    ("slow-head", "20ms"),
    ("slow-body", "20ms"),
    ("big", "50"),
    ("latency", "100ms"),
    ("skew", "-1h"),
];

const PLACES: [(&str, Place); 4] = [
    ("start", Place::Start),
    ("head", Place::Head),
    ("headers", Place::Headers),
    ("body", Place::Body),
];

/// Why a text isn't a fault, or a script isn't a list of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultError {
    /// The line of a script, from 1.
    pub(crate) line: Option<usize>,
    pub(crate) reason: String,
}

impl FaultError {
    pub(crate) fn new(reason: impl Into<String>) -> FaultError {
        FaultError { line: None, reason: reason.into() }
    }

    /// The line of the script that it is in, from 1.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.line
    }
}

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

impl std::error::Error for FaultError {}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Fault, FaultError> {
        let text = text.trim();
        if let Some((_, fault)) = PLAIN.iter().find(|(name, _)| *name == text) {
            return Ok(fault.clone());
        }
        let (name, argument) = text.split_once(':').unwrap_or((text, ""));
        let Some((name, example)) = WITH_ARGUMENT.iter().find(|(known, _)| *known == name) else {
            return Err(unknown(name));
        };
        let fault = with_argument(name, argument);
        fault.ok_or_else(|| {
            FaultError::new(format!("`{text}` isn't a fault; write it as in {name}:{example}"))
        })
    }
}

fn unknown(name: &str) -> FaultError {
    let names = PLAIN.iter().map(|(name, _)| *name);
    let names = names.chain(WITH_ARGUMENT.iter().map(|(name, _)| *name));
    FaultError::new(format!("there is no fault `{name}`{}", did_you_mean(name, names)))
}

fn with_argument(name: &str, argument: &str) -> Option<Fault> {
    let fault = match name {
        "status" => Fault::Status(status(argument)?),
        "html" => Fault::Html(status(argument)?),
        "empty" => Fault::Empty(status(argument)?),
        "redirect" => Fault::Redirect(status(argument)?),
        "retry-after" => {
            let (number, value) = argument.split_once('=')?;
            let is_sendable =
                !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic());
            Fault::RetryAfter(status(number)?, is_sendable.then(|| value.to_owned())?)
        }
        "reset" => Fault::Reset(place(argument)?),
        "close" => Fault::Close(place(argument)?),
        "stall" => Fault::Stall(place(argument)?),
        "slow-head" => Fault::SlowHead(duration(argument)?),
        "slow-body" => Fault::SlowBody(duration(argument)?),
        "big" => Fault::Big(argument.parse().ok()?),
        "latency" => Fault::Latency(latency(argument)?),
        "skew" => Fault::Skew(argument.parse().ok()?),
        _ => return None,
    };
    Some(fault)
}

fn status(text: &str) -> Option<u16> {
    text.parse().ok().filter(|status| (200..=999).contains(status))
}

fn place(text: &str) -> Option<Place> {
    PLACES.iter().find(|(name, _)| *name == text).map(|(_, place)| *place)
}

fn duration(text: &str) -> Option<Duration> {
    Duration::try_from(text.parse::<SignedDuration>().ok()?).ok()
}

fn latency(text: &str) -> Option<Latency> {
    if let Some((least, most)) = text.split_once("..") {
        let (least, most) = (duration(least)?, duration(most)?);
        return (least <= most).then_some(Latency::Uniform(least, most));
    }
    if let Some((median, sigma)) = text.split_once('~') {
        let sigma: f64 = sigma.parse().ok()?;
        let median = duration(median)?;
        return (0.0..=10.0).contains(&sigma).then_some(Latency::LogNormal { median, sigma });
    }
    Some(Latency::Fixed(duration(text)?))
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Status(status) => write!(f, "status:{status}"),
            Fault::Html(status) => write!(f, "html:{status}"),
            Fault::Empty(status) => write!(f, "empty:{status}"),
            Fault::Redirect(status) => write!(f, "redirect:{status}"),
            Fault::RetryAfter(status, value) => write!(f, "retry-after:{status}={value}"),
            Fault::Reset(place) => write!(f, "reset:{place}"),
            Fault::Close(place) => write!(f, "close:{place}"),
            Fault::Stall(place) => write!(f, "stall:{place}"),
            Fault::SlowHead(gap) => write!(f, "slow-head:{}", Shown(*gap)),
            Fault::SlowBody(gap) => write!(f, "slow-body:{}", Shown(*gap)),
            Fault::Big(megabytes) => write!(f, "big:{megabytes}"),
            Fault::Latency(latency) => write!(f, "latency:{latency}"),
            Fault::Skew(skew) => write!(f, "skew:{}", packed(&format!("{skew:#}"))),
            plain => {
                let named = PLAIN.iter().find(|(_, fault)| fault == plain);
                f.write_str(named.map_or("", |(name, _)| name))
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = PLACES.iter().find(|(_, place)| place == self);
        f.write_str(named.map_or("", |(name, _)| name))
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Latency::Fixed(fixed) => write!(f, "{}", Shown(*fixed)),
            Latency::Uniform(least, most) => write!(f, "{}..{}", Shown(*least), Shown(*most)),
            Latency::LogNormal { median, sigma } => write!(f, "{}~{sigma}", Shown(*median)),
        }
    }
}

struct Shown(Duration);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let duration = SignedDuration::try_from(self.0).unwrap_or(SignedDuration::MAX);
        f.write_str(&packed(&format!("{duration:#}")))
    }
}

/// A script's words have no spaces, and a negative duration has its sign in front.
fn packed(text: &str) -> String {
    let text = text.replace(' ', "");
    match text.strip_suffix("ago") {
        Some(ago) => format!("-{ago}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_one_name() {
        let all = Fault::all();
        let mut names: Vec<_> = all.iter().map(Fault::to_string).collect();
        for (fault, name) in all.iter().zip(&names) {
            assert_eq!(name.parse().as_ref(), Ok(fault), "{name}");
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all.len());
        assert!(all.len() > 100, "{}", all.len());
    }

    #[test]
    fn every_name_is_in_the_table() {
        let source = include_str!("fault.rs");
        let table: Vec<_> = source.lines().filter(|line| line.starts_with("/// | `")).collect();
        let is_there = |name: &str| table.iter().any(|line| line.contains(name));
        for (name, _) in PLAIN {
            assert!(is_there(&format!("`{name}`")), "{name}");
        }
        for (name, _) in WITH_ARGUMENT {
            assert!(is_there(&format!("`{name}:")), "{name}");
        }
    }

    #[test]
    fn the_error_of_an_unknown_fault_says_what_is_expected() {
        for (bad, expected) in [
            ("quotas", "did you mean `quota`?"),
            ("reset", "write it as in reset:body"),
            ("reset:tail", "write it as in reset:body"),
            ("status:99", "write it as in status:503"),
            ("latency:5s..1s", "write it as in latency:100ms"),
            ("slow-head:-1s", "write it as in slow-head:20ms"),
            ("retry-after:503", "write it as in retry-after:503=5"),
            ("retry-after:503=a b", "write it as in retry-after:503=5"),
            ("zzz", "there is no fault `zzz`"),
            ("", "there is no fault ``"),
        ] {
            let error = bad.parse::<Fault>().unwrap_err().to_string();
            assert!(error.contains(expected), "{bad}: {error}");
        }
    }
}

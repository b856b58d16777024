//! Authorization codes that were given and not used yet.

use std::collections::HashMap;
use std::time::Duration;

/// Codes that were given and not used yet.
#[derive(Debug, Default)]
pub(super) struct Codes {
    pub(super) given: u64,
    pub(super) codes: HashMap<String, Code>,
}

#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) app: usize,
    pub(super) user: String,
    pub(super) scope: Option<String>,
    /// As the request had it: then the app must repeat it.
    pub(super) redirect_uri: Option<String>,
    pub(super) challenge: Option<Challenge>,
    pub(super) ends: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    Plain(String),
    S256(String),
}

impl Codes {
    pub(super) fn give(&mut self, code: Code, now: Duration) -> String {
        // A code that is over is remembered for a while, so that its app learns what happened.
        self.codes.retain(|_, old| now < old.ends + Duration::from_secs(3_600));
        self.given += 1;
        let name = format!("sandbox-code-{}", self.given);
        self.codes.insert(name.clone(), code);
        name
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Code> {
        self.codes.remove(name)
    }

    pub(super) fn clear(&mut self) {
        self.codes.clear();
    }
}

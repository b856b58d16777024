//! A server with the documented quota: a sliding window per group, and a penalty
//! that every request within it starts anew.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// A group of operations, and what it allows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GroupPlan {
    pub(crate) name: &'static str,
    pub(crate) limit: u32,
    pub(crate) window: Duration,
    pub(crate) penalty: Duration,
}

/// How a refusal says how long its penalty is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryAfterForm {
    Seconds,
    Date,
    Absent,
    /// More seconds than anyone could wait.
    Absurd,
}

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// The server fails, and says so with its headers.
    Overloaded,
    /// A gateway responds without headers: a 502, or a 429 for the whole account. The
    /// server behind it may have counted the request.
    Gateway { status: u16, is_counted: bool },
    /// A gateway removed the rate-limit headers.
    NoHeaders,
    /// Another number is reported as `remaining`.
    Lies(u32),
}

impl Fault {
    /// Whether a client can't learn from the response what is left.
    pub(crate) fn hides_the_quota(self) -> bool {
        match self {
            Self::Gateway { .. } | Self::NoHeaders | Self::Lies(_) => true,
            Self::Overloaded => false,
        }
    }
}

/// What changes at the server while clients use it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    Rename { from: &'static str, to: &'static str },
    Resize { group: &'static str, limit: u32 },
}

/// What a client reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) limits: Option<Limits>,
    pub(crate) retry_after: Option<RetryAfter>,
}

/// The rate-limit headers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) group: &'static str,
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    pub(crate) window: Duration,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum RetryAfter {
    Seconds(u64),
    /// A date so long after the response left the server.
    Date(Duration),
}

/// What a client can't read: what became of a request when it arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Truth {
    pub(crate) group: &'static str,
    pub(crate) at: Instant,
    /// The server's own refusal, not a gateway's.
    pub(crate) is_refused: bool,
    /// Since when nothing fitted into the group when the request came, and nothing
    /// left its window: a client that saw it full had no reason to think otherwise.
    pub(crate) full_since: Option<Instant>,
    /// Whether the response says, truly, that nothing more may be sent.
    pub(crate) says_full: bool,
}

#[derive(Debug)]
pub(crate) struct Server {
    groups: Vec<Group>,
    /// The position of each operation's group.
    members: Vec<(&'static str, usize)>,
    retry_after: RetryAfterForm,
    /// Whether a refused request counts in the window, too; no document says it.
    counts_refused: bool,
}

#[derive(Debug)]
struct Group {
    plan: GroupPlan,
    counted: VecDeque<Instant>,
    penalty_until: Option<Instant>,
    full_since: Option<Instant>,
}

impl Server {
    pub(crate) fn new(
        groups: &[GroupPlan],
        members: &[(&'static str, &str)],
        retry_after: RetryAfterForm,
        counts_refused: bool,
    ) -> Self {
        let position = |name| groups.iter().position(|group| group.name == name).unwrap();
        let group = |plan: &GroupPlan| Group {
            plan: *plan,
            counted: VecDeque::new(),
            penalty_until: None,
            full_since: None,
        };
        Self {
            groups: groups.iter().map(group).collect(),
            members: members.iter().map(|(member, name)| (*member, position(*name))).collect(),
            retry_after,
            counts_refused,
        }
    }

    /// The name of an operation's group.
    pub(crate) fn group(&self, operation: &str) -> &'static str {
        self.groups[self.position(operation)].plan.name
    }

    pub(crate) fn change(&mut self, change: Change, now: Instant) {
        for group in &mut self.groups {
            match change {
                Change::Rename { from, to } if group.plan.name == from => group.plan.name = to,
                Change::Resize { group: name, limit } if group.plan.name == name => {
                    group.plan.limit = limit;
                    group.look(now);
                }
                Change::Rename { .. } | Change::Resize { .. } => {}
            }
        }
    }

    /// A request of another program.
    pub(crate) fn spend(&mut self, operation: &str, now: Instant) {
        let (position, counts_refused) = (self.position(operation), self.counts_refused);
        self.groups[position].arrive(counts_refused, now);
    }

    pub(crate) fn arrive(
        &mut self,
        operation: &str,
        fault: Option<Fault>,
        now: Instant,
    ) -> (Response, Truth) {
        let (position, counts_refused) = (self.position(operation), self.counts_refused);
        let group = &mut self.groups[position];
        group.look(now);
        let mut truth = Truth {
            group: group.plan.name,
            at: now,
            is_refused: false,
            full_since: group.full_since,
            says_full: false,
        };
        if let Some(Fault::Gateway { status, is_counted }) = fault {
            if is_counted {
                truth.is_refused = !group.arrive(counts_refused, now);
            }
            let retry_after = (status == 429).then_some(RetryAfter::Seconds(30));
            return (Response { status, limits: None, retry_after }, truth);
        }
        truth.is_refused = !group.arrive(counts_refused, now);
        let mut limits = group.limits();
        let left = limits.remaining;
        if let Some(Fault::Lies(remaining)) = fault {
            limits.remaining = remaining;
        }
        let has_headers = !matches!(fault, Some(Fault::NoHeaders));
        truth.says_full = has_headers && (truth.is_refused || limits.remaining + left == 0);
        let retry_after = truth.is_refused.then(|| group.retry_after(self.retry_after)).flatten();
        let status = match fault {
            _ if truth.is_refused => 429,
            Some(Fault::Overloaded) => 503,
            _ => 200,
        };
        (Response { status, limits: has_headers.then_some(limits), retry_after }, truth)
    }

    fn position(&self, operation: &str) -> usize {
        self.members.iter().find(|(member, _)| *member == operation).unwrap().1
    }
}

impl Group {
    /// Counts a request, or refuses it and begins the penalty anew.
    fn arrive(&mut self, counts_refused: bool, now: Instant) -> bool {
        self.look(now);
        let is_refused = self.penalty_until.is_some() || self.remaining() == 0;
        if is_refused {
            self.penalty_until = Some(now + self.plan.penalty);
        }
        if !is_refused || counts_refused {
            self.counted.push_back(now);
        }
        self.look(now);
        !is_refused
    }

    fn remaining(&self) -> u32 {
        self.plan.limit.saturating_sub(u32::try_from(self.counted.len()).unwrap())
    }

    fn limits(&self) -> Limits {
        let GroupPlan { name, limit, window, .. } = self.plan;
        Limits { group: name, limit, remaining: self.remaining(), window }
    }

    fn retry_after(&self, form: RetryAfterForm) -> Option<RetryAfter> {
        match form {
            RetryAfterForm::Seconds => Some(RetryAfter::Seconds(self.plan.penalty.as_secs())),
            RetryAfterForm::Date => Some(RetryAfter::Date(self.plan.penalty)),
            RetryAfterForm::Absent => None,
            RetryAfterForm::Absurd => Some(RetryAfter::Seconds(u64::MAX)),
        }
    }

    /// Forgets what is over by now, and notes since when nothing fits.
    fn look(&mut self, now: Instant) {
        let before = self.counted.len();
        while self.counted.front().is_some_and(|at| *at + self.plan.window <= now) {
            self.counted.pop_front();
        }
        let was_penalty = self.penalty_until.is_some();
        self.penalty_until = self.penalty_until.filter(|until| *until > now);
        let has_had_room =
            before != self.counted.len() || (was_penalty && self.penalty_until.is_none());
        let is_full = self.penalty_until.is_some() || self.remaining() == 0;
        if !is_full {
            self.full_since = None;
        } else if has_had_room || self.full_since.is_none() {
            self.full_since = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two requests a minute, and a minute of penalty.
    fn server(counts_refused: bool) -> Server {
        let minute = Duration::from_mins(1);
        let light = GroupPlan { name: "light", limit: 2, window: minute, penalty: minute };
        let members = [("timeline", "light")];
        Server::new(&[light], &members, RetryAfterForm::Seconds, counts_refused)
    }

    #[test]
    fn each_request_within_a_penalty_starts_it_anew() {
        let (mut server, begun) = (server(false), Instant::now());
        let statuses = [0, 0, 1, 60, 119, 178, 239].map(|second| {
            let now = begun + Duration::from_secs(second);
            server.arrive("timeline", None, now).0.status
        });
        assert_eq!(statuses, [200, 200, 429, 429, 429, 429, 200]);
    }

    #[test]
    fn a_refusal_may_say_that_something_is_left() {
        let (mut server, begun) = (server(false), Instant::now());
        let responses = [0, 0, 1, 60].map(|second| {
            let now = begun + Duration::from_secs(second);
            server.arrive("timeline", None, now)
        });
        let (response, truth) = responses[3];
        assert_eq!((response.status, response.limits.unwrap().remaining), (429, 2));
        assert!(truth.is_refused && truth.says_full);
        // Two requests have left, although the penalty goes on.
        assert_eq!(truth.full_since, Some(begun + Duration::from_mins(1)));
    }
}

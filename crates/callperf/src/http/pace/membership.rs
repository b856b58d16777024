//! Which group an operation belongs to, as far as responses have said.

use std::time::Instant;

/// What responses said of an operation's group. An operation that isn't in the
/// ledger may belong to any.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Membership {
    Group(String),
    /// It belonged to this group, which may have got another name since.
    Doubted(String),
    /// No response has said anything of it: it is a group of its own, with the
    /// documented limit.
    Presumed,
    /// A success without rate-limit headers: it isn't limited, as far as is known.
    Unlimited,
}

/// Two names that may be one group's: requests that were sent before the group got
/// its new name are still answered with the old one.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) names: [String; 2],
    pub(super) until: Instant,
}

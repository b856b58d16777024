//! The order of the line.

/// A request's place in the line: retries before new requests, and each of them
/// first come, first served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket(u64);

impl Ticket {
    /// Where the numbers of new requests begin, after all retries.
    const NEW: u64 = 1 << 63;

    /// The ticket of the request with this number among all that ever asked.
    pub(super) fn new(number: u64, is_retry: bool) -> Self {
        Self(if is_retry { number } else { Self::NEW + number })
    }
}

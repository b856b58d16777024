//! What a fault leaves at a request or a response, for those that see it after.

use jiff::SignedDuration;

/// How far the server's clock is wrong for a request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Skew(pub(crate) SignedDuration);

/// The names of the faults that a request met, for the log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Met(pub(crate) Vec<String>);

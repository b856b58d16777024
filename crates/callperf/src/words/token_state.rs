//! What a refusal says about the token that came with the request.

/// The state of a token that came with a refused request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenState {
    /// The refusal is about something else, as `CMN-405` is.
    Live,
    Dead,
    /// The refusal has no code at all.
    Unknown,
}

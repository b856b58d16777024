//! What the responses say of one assumption.

/// What is known of an assumption in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The responses fit one choice and no other.
    Settled { value: String, evidence: String },
    /// The responses fit no choice.
    Contradicted { evidence: String, response: String },
    /// The responses fit several choices, or there are none.
    Unsettled(Unsettled),
}

/// Why an assumption isn't settled, and what data would settle it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unsettled {
    pub(super) reason: String,
    pub(super) needs: String,
    /// Whether responses are the reason. Otherwise there was no request or no response, which says
    /// less than what an earlier run may have seen.
    pub(super) is_observed: bool,
}

impl Unsettled {
    pub(super) fn new(reason: impl Into<String>, needs: impl Into<String>) -> Self {
        Self { reason: reason.into(), needs: needs.into(), is_observed: true }
    }

    pub(super) fn unasked(reason: impl Into<String>, needs: impl Into<String>) -> Self {
        Self { is_observed: false, ..Self::new(reason, needs) }
    }
}

impl From<Result<Self, Unsettled>> for Verdict {
    fn from(outcome: Result<Self, Unsettled>) -> Self {
        outcome.unwrap_or_else(Self::Unsettled)
    }
}

impl Verdict {
    pub(super) fn settled(value: &str, evidence: impl Into<String>) -> Self {
        Self::Settled { value: value.to_owned(), evidence: evidence.into() }
    }

    /// The choice that is the only one to fit.
    ///
    /// `response` is redacted already.
    pub(super) fn only(
        choices: &[(&str, bool)],
        evidence: impl Into<String>,
        needs: &str,
        response: impl FnOnce() -> String,
    ) -> Self {
        let fitting: Vec<_> =
            choices.iter().filter(|(_, fits)| *fits).map(|(name, _)| *name).collect();
        let evidence = evidence.into();
        match fitting[..] {
            [one] => Self::settled(one, evidence),
            [] => Self::Contradicted { evidence, response: response() },
            _ => Self::Unsettled(Unsettled::new(
                format!("the responses fit {}: {evidence}", fitting.join(" and ")),
                needs,
            )),
        }
    }
}

/// Something that the responses show and that no assumption is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) value: String,
    pub(super) evidence: String,
}

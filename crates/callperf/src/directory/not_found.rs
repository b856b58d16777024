//! Why a text stands for no entry.

use std::{error::Error as StdError, fmt, slice};

use super::entry::{Entry, Kind};
use crate::words::shown::quoted;

/// How many names a message lists.
const MOST_NAMES: usize = 10;

/// A text that stands for no entry of the directory, or for several.
#[derive(Clone, Debug, PartialEq)]
pub struct NotFound {
    pub(super) kind: Option<Kind>,
    pub(super) text: String,
    pub(super) reason: Reason,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reason {
    Ambiguous {
        /// What the candidates share.
        shared: &'static str,
        candidates: Vec<Entry>,
    },
    /// It is an entry of another kind.
    OtherKind(Box<Entry>),
    /// A number that no entry has.
    Number,
    Near(Vec<Entry>),
    /// No name is like it; these are all.
    Unlike(Vec<Entry>),
}

impl NotFound {
    /// Whether several entries have the name or the number.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        matches!(self.reason, Reason::Ambiguous { .. })
    }

    /// The entries that may have been meant: those that share the name, the one of another kind,
    /// or those with the nearest names.
    #[must_use]
    pub fn candidates(&self) -> &[Entry] {
        match &self.reason {
            Reason::Ambiguous { candidates, .. } => candidates,
            Reason::OtherKind(entry) => slice::from_ref(entry),
            Reason::Near(entries) => entries,
            Reason::Number | Reason::Unlike(_) => &[],
        }
    }
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, text, reason } = self;
        let quoted = quoted(text);
        let kind = kind.unwrap_or_default();
        match reason {
            Reason::Ambiguous { shared, candidates } => {
                let (count, all) = (candidates.len(), joined(candidates.iter().map(with_details)));
                let plural = kind.plural();
                write!(f, "{count} {plural} {shared} {quoted}: {all}; give the key of one")
            }
            Reason::OtherKind(other) => {
                let (other_kind, other) = (other.kind, other);
                let article = if kind == Kind::Ivr || kind == Kind::Other { "an" } else { "a" };
                write!(f, "{quoted} is the {other_kind} {other}, not {article} {kind}")
            }
            Reason::Number => write!(f, "no {kind} has the key or the extension number {text}"),
            Reason::Near(entries) => {
                let near: Vec<_> = entries.iter().map(Entry::to_string).collect();
                let near = near.join(" or ");
                write!(f, "no {kind} is named {quoted}; did you mean {near}?")
            }
            Reason::Unlike(all) => {
                write!(f, "no {kind} is named {quoted}; ")?;
                match all.len() {
                    0 => write!(f, "the account has no {kind}"),
                    few if few <= MOST_NAMES => {
                        write!(f, "there are {}", joined(all.iter().map(Entry::to_string)))
                    }
                    many => write!(f, "the account has {many} {}", kind.plural()),
                }
            }
        }
    }
}

impl StdError for NotFound {}

/// The key of an entry, and how it differs from another of its name.
fn with_details(entry: &Entry) -> String {
    let number = entry.extension_number.as_ref().map(|number| format!("extension {number}"));
    let status = entry.status.as_ref().filter(|_| !entry.is_enabled()).map(ToString::to_string);
    let details: Vec<_> = number.into_iter().chain(status).collect();
    let key = &entry.key;
    if details.is_empty() { key.clone() } else { format!("{key} ({})", details.join(", ")) }
}

fn joined(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

//! Texts of the command line that stand for entries of the company's directory.

use callperf::{
    Client, Error,
    directory::{Entry, Kind, Listing, NotFound},
    shown::quoted,
};

use crate::{Failure, console::say_once, words::Parsed};

/// How many extensions a page of the directory has.
pub(crate) const PER_PAGE: u32 = 1000;

/// What texts of a kind are looked up in: extensions, or sites.
pub(crate) async fn listing(client: &Client, kind: Option<Kind>) -> Result<Listing, Error> {
    let directory = client.directory();
    match kind {
        Some(Kind::Site) => directory.sites().await,
        _ => directory.extensions().await,
    }
}

/// Entries that texts are looked up in.
pub(crate) struct Names<'a> {
    pub(crate) listing: &'a Listing,
    /// What becomes of a number that none of them has, if nothing is looked up.
    pub(crate) otherwise: &'static str,
}

/// What becomes of it if it goes to the API, and to a history.
pub(crate) const SENT: &str = "--unchecked sends it as it is";
pub(crate) const OF_HISTORY: &str =
    "these are all of the days that the history has; --unchecked takes it as it is";

/// The key that a text of this option stands for. What isn't in use is found, too, with a notice.
pub(crate) fn key(
    names: &Names<'_>,
    option: &str,
    text: &str,
    kind: Option<Kind>,
    notices: &mut Vec<String>,
) -> Parsed<String> {
    let found = names.listing.find(kind, text);
    let entry = found.map_err(|error| refused(option, text, &error, names.otherwise))?;
    if let Some(notice) = entry.out_of_use() {
        say_once(notices, notice);
    }
    if let Some(notice) = another_may_be_meant(names.listing, entry, text, kind) {
        say_once(notices, notice);
    }
    Ok(entry.key.clone())
}

/// A text that is the key of one entry and the number or the name of another.
fn another_may_be_meant(
    listing: &Listing,
    found: &Entry,
    text: &str,
    kind: Option<Kind>,
) -> Option<String> {
    let others = listing.matching(kind, text).into_iter().filter(|other| other.key != found.key);
    let others: Vec<_> = others.map(Entry::to_string).collect();
    (!others.is_empty()).then(|| {
        format!(
            "{} is taken for {found}; it stands for {}, too, whose key is unambiguous",
            quoted(text),
            others.join(" and ")
        )
    })
}

fn refused(option: &str, text: &str, error: &NotFound, otherwise: &str) -> Failure {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // It may be the key of what was deleted since.
    let is_unknown_key = is_number && error.candidates().is_empty();
    let remedy = if is_unknown_key { format!("; {otherwise}") } else { String::new() };
    Failure::Usage(format!("{option}: {error}{remedy}"))
}

//! Texts of the command line that stand for entries of the company's directory.

use callperf::{
    Client, Error,
    directory::{Entry, Kind, Listing, NotFound},
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

/// The key that a text of this option stands for. What isn't in use is found, too, with a notice.
pub(crate) fn key(
    listing: &Listing,
    option: &str,
    text: &str,
    kind: Option<Kind>,
    notices: &mut Vec<String>,
) -> Parsed<String> {
    let entry = listing.find(kind, text).map_err(|error| refused(option, text, &error))?;
    if let Some(notice) = entry.out_of_use() {
        say_once(notices, notice);
    }
    if let Some(notice) = another_may_be_meant(listing, entry, text, kind) {
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
            "{text:?} is taken for {found}; it stands for {}, too, whose key is unambiguous",
            others.join(" and ")
        )
    })
}

fn refused(option: &str, text: &str, error: &NotFound) -> Failure {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // It may be the key of what was deleted since.
    let is_unknown_key = is_number && error.candidates().is_empty();
    let remedy = if is_unknown_key { "; --unchecked sends it as it is" } else { "" };
    Failure::Usage(format!("{option}: {error}{remedy}"))
}

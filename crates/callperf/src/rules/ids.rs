//! What can't be an id or a number in a filter: no call would pass, and zero would be the answer.

use super::subject::{Breach, Subject};
use crate::query::Filter;

/// An extension number has up to so many digits as a rule, and an id has more.
const DIGITS_OF_A_NUMBER: usize = 6;

pub(super) fn ids_are_ids(subject: &Subject<'_>) -> Vec<Breach> {
    let remedy = "not an extension id, which has digits only; Directory::find looks it up by name \
                  or extension number";
    breaches(subject, ids, |id| !is_digits(id), remedy)
}

pub(super) fn ids_are_long(subject: &Subject<'_>) -> Vec<Breach> {
    let remedy = "may be an extension number, which no call has for its id; Directory::find looks \
                  up the id";
    let is_short = |id: &str| is_digits(id) && id.len() <= DIGITS_OF_A_NUMBER;
    breaches(subject, ids, is_short, remedy)
}

pub(super) fn numbers_are_e164(subject: &Subject<'_>) -> Vec<Breach> {
    let remedy = "not a number in E.164 form; write a plus sign, the country code and the rest as \
                  digits, as in +12125550101";
    let is_other = |number: &str| !number.strip_prefix('+').is_some_and(is_digits);
    breaches(subject, numbers, is_other, remedy)
}

fn ids(filter: &Filter) -> &[String] {
    match filter {
        Filter::FromExtensions(ids) | Filter::ToExtensions(ids) | Filter::Queues(ids) => ids,
        _ => &[],
    }
}

fn numbers(filter: &Filter) -> &[String] {
    match filter {
        Filter::CalledNumbers(numbers) => numbers,
        _ => &[],
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Those of the filters' texts that are wrong; an empty one breaks another rule.
fn breaches(
    subject: &Subject<'_>,
    texts: fn(&Filter) -> &[String],
    is_wrong: impl Fn(&str) -> bool,
    remedy: &str,
) -> Vec<Breach> {
    let filters = subject.query.filters.iter();
    let texts = filters.flat_map(|filter| texts(filter).iter().map(move |text| (filter, text)));
    texts
        .filter(|(_, text)| !text.trim().is_empty() && is_wrong(text))
        .map(|(filter, text)| (format!("filter {}={text}", filter.name()), remedy.to_owned()))
        .collect()
}

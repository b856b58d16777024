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
    let remedy = "not a whole number in E.164 form; write a plus sign, the country code and the \
                  rest as digits, 7 to 15 in all, as in +12125550101";
    breaches(subject, numbers, |number| !can_be_e164(number), remedy)
}

/// By E.164 a number has 15 digits at most, and no country code begins with 0. It states no minimum; the shortest
/// whole numbers that are in use have 7 digits. All of country code 1 have 11.
fn can_be_e164(number: &str) -> bool {
    let Some(digits) = number.strip_prefix('+').filter(|digits| is_digits(digits)) else {
        return false;
    };
    match digits.as_bytes()[0] {
        b'0' => false,
        b'1' => digits.len() == 11,
        _ => (7..=15).contains(&digits.len()),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_whole() {
        let whole =
            ["+12125550101", "+41446681800", "+6834123", "+442079460000", "+491234567890123"];
        for number in whole {
            assert!(can_be_e164(number), "{number}");
        }
        let others = [
            "+1650",
            "+1212555010",
            "+121255501011",
            "+0123456789",
            "+683412",
            "+4912345678901234",
            "12125550101",
            "+1 212 555 0101",
            "+",
            "",
        ];
        for number in others {
            assert!(!can_be_e164(number), "{number}");
        }
    }
}

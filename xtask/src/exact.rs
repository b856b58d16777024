//! Numbers in the text of a document that no 64-bit number holds as they are written. JSON readers round them in
//! silence, so that two bounds can seem to be the same.

use std::collections::BTreeSet;

/// As many digits are kept by every float of 64 bits.
const SAFE_DIGITS: usize = 15;

/// Which numbers of a JSON text are rounded when they are read, by their order, and how each is written.
pub(crate) fn rounded(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut count = 0;
    let mut rest = text;
    while let Some(start) = rest.find(|letter: char| letter == '"' || is_start(letter)) {
        rest = &rest[start..];
        if rest.starts_with('"') {
            rest = after_string(rest);
            continue;
        }
        let is_part = |letter: char| letter.is_ascii_digit() || "+-.eE".contains(letter);
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        if is_rounded(number) {
            found.push((count, number.to_owned()));
        }
        count += 1;
        rest = after;
    }
    found
}

fn is_start(letter: char) -> bool {
    letter == '-' || letter.is_ascii_digit()
}

fn after_string(text: &str) -> &str {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return &text[at + 1..],
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    ""
}

/// Whether neither the exact value nor the shortest form of what is read is what is written.
pub(crate) fn is_rounded(number: &str) -> bool {
    let digits = digits(number);
    if digits.len() <= SAFE_DIGITS || number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok()
    {
        return false;
    }
    let Ok(read) = number.parse::<f64>() else { return false };
    let forms: BTreeSet<_> =
        [format!("{read:e}"), format!("{read:.0}")].iter().map(|form| self::digits(form)).collect();
    !forms.contains(&digits)
}

/// The digits that count: without sign, point, exponent and the zeros around.
fn digits(number: &str) -> String {
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').to_owned()
}

//! Numbers as people read them.

use serde_json::Number;

/// What stands for a value that wasn't sent: not a zero.
pub const ABSENT: &str = "–";

/// What stands for a share that no number of percent can express.
const TOO_LARGE: &str = "too large";

/// What a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// Calls, or actions.
    Calls,
    /// Seconds.
    Seconds,
    /// A share of one, shown in percent.
    Share,
    /// A share of one hundred.
    Percent,
}

/// A number in its unit: `1,234` calls, `1:02:03` hours, `12.5 %`; `–` where it
/// is absent.
#[must_use]
pub fn shown(number: Option<&Number>, unit: Unit) -> String {
    let Some(number) = number else { return ABSENT.to_owned() };
    let float = number.as_f64().unwrap_or(f64::NAN);
    match unit {
        Unit::Seconds => duration(float),
        Unit::Share => percent(float * 100.0),
        Unit::Percent => percent(float),
        Unit::Calls => number.as_u64().map_or_else(|| decimal(float), thousands),
    }
}

/// From here on a number's digits aren't written out: they would fill lines.
pub(crate) const LARGE: f64 = 1e15;
/// And below it, its zeros aren't.
const SMALL: f64 = 1e-6;

/// A number to the last digit, in scientific notation where that would be a row of
/// zeros.
pub(crate) fn exact_text(number: f64) -> String {
    if number == 0.0 || (SMALL..LARGE).contains(&number.abs()) {
        number.to_string()
    } else {
        format!("{number:e}")
    }
}

/// One decimal, and no minus before a zero.
fn percent(number: f64) -> String {
    format!("{} %", decimal(number))
}

fn decimal(number: f64) -> String {
    if !number.is_finite() {
        return TOO_LARGE.to_owned();
    }
    if number.abs() >= LARGE {
        return exact_text(number);
    }
    let text = format!("{number:.1}");
    if text == "-0.0" { "0.0".to_owned() } else { text }
}

/// Seconds as hours, minutes and seconds: `1:02:03`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    // Not a duration that people could read; as it was sent.
    if !(0.0..1e12).contains(&seconds) {
        return format!("{} s", exact_text(seconds));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    let whole = seconds.round() as u64;
    format!("{}:{:02}:{:02}", thousands(whole / 3600), whole / 60 % 60, whole % 60)
}

/// A whole number with separators: `1,234,567`.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// How a number has changed since another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// The difference, in the number's unit.
    pub absolute: f64,
    /// The difference as a share of the earlier number, in percent; absent where
    /// that was zero.
    pub percent: Option<f64>,
}

impl Change {
    /// The change from `previous` to `now`; absent where either is, and where no
    /// number can express it.
    #[must_use]
    pub fn between(previous: Option<&Number>, now: Option<&Number>) -> Option<Self> {
        let (previous, now) = (previous?.as_f64()?, now?.as_f64()?);
        let absolute = now - previous;
        let percent = (previous != 0.0).then_some(100.0 * absolute / previous.abs());
        absolute
            .is_finite()
            .then_some(Self { absolute, percent: percent.filter(|percent| percent.is_finite()) })
    }

    /// The difference with its sign; that of shares in percentage points (`pp`).
    #[must_use]
    pub fn absolute_shown(&self, unit: Unit) -> String {
        let size = self.absolute.abs();
        let text = match unit {
            Unit::Seconds => duration(size),
            Unit::Share => format!("{} pp", decimal(size * 100.0)),
            Unit::Percent => format!("{} pp", decimal(size)),
            Unit::Calls if size.fract() == 0.0 && size < 1e15 => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "whole, positive and within 2^53"
                )]
                let whole = size as u64;
                thousands(whole)
            }
            Unit::Calls => decimal(size),
        };
        signed(self.absolute, text)
    }

    /// The difference in percent of the earlier number.
    #[must_use]
    pub fn percent_shown(&self) -> String {
        let Some(percent) = self.percent else { return ABSENT.to_owned() };
        signed(percent, format!("{} %", decimal(percent.abs())))
    }
}

/// A text with a sign before it, unless all its digits are zero.
fn signed(number: f64, text: String) -> String {
    if !text.contains(|c: char| c.is_ascii_digit() && c != '0') {
        return text;
    }
    format!("{}{text}", if number < 0.0 { '−' } else { '+' })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(float: f64) -> Number {
        Number::from_f64(float).unwrap()
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            [0, 999, 1_000, 12_345, 1_234_567].map(thousands),
            ["0", "999", "1,000", "12,345", "1,234,567"]
        );
    }

    #[test]
    fn durations_are_hours_minutes_seconds() {
        assert_eq!(duration(0.0), "0:00:00");
        assert_eq!(duration(3_723.4), "1:02:03");
        assert_eq!(duration(59.6), "0:01:00");
        assert_eq!(duration(36_000_000.0), "10,000:00:00");
        assert_eq!(duration(-5.0), "-5 s");
    }

    #[test]
    fn an_absurd_number_is_short() {
        let huge = number(1.7e308);
        let shown = [Unit::Calls, Unit::Seconds, Unit::Share, Unit::Percent]
            .map(|unit| shown(Some(&huge), unit));
        assert_eq!(shown, ["1.7e308", "1.7e308 s", "too large %", "1.7e308 %"]);
        assert_eq!(duration(-1e-300), "-1e-300 s");
        assert_eq!(exact_text(-175.0), "-175");
        assert_eq!(exact_text(0.082_5), "0.0825");
        assert_eq!(exact_text(1e-300), "1e-300");
        let change = |from: f64, to: f64| Change::between(Some(&number(from)), Some(&number(to)));
        assert_eq!(change(-1.7e308, 1.7e308), None, "no number can express it");
        assert_eq!(change(1.0, 1.7e308).unwrap().percent, None);
        assert_eq!(change(1.0, 1.7e308).unwrap().absolute_shown(Unit::Calls), "+1.7e308");
    }

    #[test]
    fn a_value_that_was_not_sent_is_no_zero() {
        assert_eq!(shown(None, Unit::Calls), "–");
        assert_eq!(shown(Some(&Number::from(0)), Unit::Calls), "0");
    }

    #[test]
    fn shares_have_one_decimal() {
        assert_eq!(shown(Some(&number(0.825_4)), Unit::Share), "82.5 %");
        assert_eq!(shown(Some(&number(82.55)), Unit::Percent), "82.5 %");
        assert_eq!(shown(Some(&number(1.0)), Unit::Share), "100.0 %");
    }

    #[test]
    fn a_change_has_a_sign_and_a_unit() {
        let change =
            |from: f64, to: f64| Change::between(Some(&number(from)), Some(&number(to))).unwrap();
        let shown = |from, to, unit| {
            let change = change(from, to);
            (change.absolute_shown(unit), change.percent_shown())
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(shown(80.0, 100.0, Unit::Calls), pair("+20", "+25.0 %"));
        assert_eq!(shown(2_000.0, 500.0, Unit::Calls), pair("−1,500", "−75.0 %"));
        assert_eq!(shown(0.8, 0.82, Unit::Share), pair("+2.0 pp", "+2.5 %"));
        assert_eq!(shown(60.0, 45.0, Unit::Seconds), pair("−0:00:15", "−25.0 %"));
        assert_eq!(shown(0.0, 4.0, Unit::Calls), pair("+4", "–"));
        assert_eq!(shown(3.0, 3.0, Unit::Calls), pair("0", "0.0 %"));
        assert_eq!(shown(0.5, 0.500_01, Unit::Share), pair("0.0 pp", "0.0 %"));
        assert_eq!(Change::between(None, Some(&number(1.0))), None);
    }
}

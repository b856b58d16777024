//! Numbers as text, formatted as the standard library formats an `f64`.

use std::fmt;

use serde_json::Number;

/// The same number, made anew.
///
/// Where another crate has `serde_json` keep the digits as they were sent (its feature
/// `arbitrary_precision`), `12.50` would be another number than `12.5`, and a whole number of
/// more than 64 bits one that few types can read.
pub(crate) fn plain(number: &Number) -> Number {
    let whole = number.as_i64().map(Number::from).or_else(|| number.as_u64().map(Number::from));
    let float = || number.as_f64().and_then(Number::from_f64);
    whole.or_else(float).unwrap_or_else(|| number.clone())
}

/// Writes a number with the formatter's precision, width, fill, alignment and sign.
///
/// Without a precision the text is the number as it was sent.
pub(crate) fn format(number: &Number, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let text = match f.precision() {
        None => number.to_string(),
        Some(decimals) => with_decimals(number, decimals),
    };
    match text.strip_prefix('-') {
        Some(digits) => f.pad_integral(false, "", digits),
        None => f.pad_integral(true, "", &text),
    }
}

/// A whole number keeps all its digits: beyond 2⁵³ an `f64` would change the last ones.
fn with_decimals(number: &Number, decimals: usize) -> String {
    match number.as_f64().filter(|_| number.is_f64()) {
        Some(float) => format!("{float:.decimals$}"),
        None if decimals == 0 => number.to_string(),
        None => format!("{number}.{:0<decimals$}", ""),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{
        report::{Meaning, Value},
        words::vocabulary::Unit,
    };

    use super::*;

    fn value(number: Number) -> Value {
        Value::new(number, Meaning { unit: Unit::Seconds, aggregation: None, interval: None })
    }

    fn float(number: f64) -> Value {
        value(Number::from_f64(number).unwrap())
    }

    /// The same number, formatted in the same ways.
    macro_rules! formatted {
        ($number:expr, $w:expr, $p:expr; $($format:literal),+) => {
            [$(format!($format, $number, w = $w, p = $p)),+]
        };
        ($number:expr, $w:expr; $($format:literal),+) => {
            [$(format!($format, $number, w = $w)),+]
        };
    }

    macro_rules! with_precision {
        ($number:expr, $w:expr, $p:expr) => {
            formatted!(
                $number, $w, $p;
                "{:w$.p$}", "{:<w$.p$}", "{:^w$.p$}", "{:>w$.p$}", "{:*<w$.p$}", "{:·^w$.p$}",
                "{:0w$.p$}", "{:+w$.p$}", "{:+0w$.p$}", "{:#<+w$.p$}", "{:#0w$.p$}"
            )
        };
    }

    macro_rules! without_precision {
        ($number:expr, $w:expr) => {
            formatted!(
                $number, $w;
                "{:w$}", "{:<w$}", "{:^w$}", "{:>w$}", "{:*<w$}", "{:·^w$}", "{:0w$}", "{:+w$}",
                "{:+0w$}"
            )
        };
    }

    proptest! {
        #[test]
        fn a_fraction_is_formatted_as_an_f64(
            number in any::<f64>().prop_filter("JSON has no others", |number| number.is_finite()),
            w in 0..40_usize,
            p in 0..20_usize,
        ) {
            prop_assert_eq!(with_precision!(float(number), w, p), with_precision!(number, w, p));
        }

        #[test]
        #[expect(clippy::cast_precision_loss, reason = "within 2^53")]
        fn a_whole_number_is_formatted_as_an_f64(
            number in -9_007_199_254_740_992..=9_007_199_254_740_992_i64,
            w in 0..40_usize,
            p in 0..20_usize,
        ) {
            let whole = value(number.into());
            prop_assert_eq!(
                with_precision!(&whole, w, p),
                with_precision!(number as f64, w, p)
            );
            prop_assert_eq!(without_precision!(whole, w), without_precision!(number, w));
        }

        #[test]
        fn a_width_pads_as_that_of_an_f64(thousandths in any::<i32>(), w in 0..40_usize) {
            let number = f64::from(thousandths) / 1000.0;
            let shown = value(crate::report::exact(Number::from_f64(number).unwrap()));
            // As everywhere in this crate, zero has no sign.
            prop_assert_eq!(without_precision!(shown, w), without_precision!(number, w));
        }
    }

    #[test]
    fn precision_means_decimals() {
        assert_eq!(format!("{:.1}", float(294.29)), "294.3");
        assert_eq!(format!("{:.0}", float(294.29)), "294");
        assert_eq!(format!("{:8.2}|", value(40.into())), "   40.00|");
        assert_eq!(float(294.29).to_string(), "294.29");
        let beyond = value(9_007_199_254_740_993_u64.into());
        assert_eq!(format!("{beyond} {beyond:.1}"), "9007199254740993 9007199254740993.0");
    }
}

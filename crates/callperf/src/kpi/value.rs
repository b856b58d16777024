//! A figure with its number.

use std::fmt;

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Serialize, ser::SerializeStruct};

use super::figure::{Kpi, KpiUnit};
use crate::report::exact;

/// A figure's number, which knows what it is.
#[derive(Clone, Copy, PartialEq)]
pub struct KpiValue {
    pub(super) kpi: Kpi,
    pub(super) number: f64,
}

impl KpiValue {
    #[cfg(feature = "testing")]
    pub(crate) fn new(kpi: Kpi, number: f64) -> Self {
        Self { kpi, number }
    }

    /// Which figure it is.
    #[must_use]
    pub fn kpi(&self) -> Kpi {
        self.kpi
    }

    /// The number, in the figure's [unit](Kpi::unit): calls, seconds, or a share
    /// of one. It is finite.
    #[must_use]
    pub fn as_f64(&self) -> f64 {
        self.number
    }

    /// A share in percent; `None` for calls and seconds.
    #[must_use]
    pub fn percent(&self) -> Option<f64> {
        (self.unit() == KpiUnit::Share).then_some(self.number * 100.0)
    }

    /// A share in percent; any other number times one hundred.
    #[must_use]
    #[deprecated(note = "use `percent`, which is `None` for calls and seconds")]
    pub fn as_percent(&self) -> f64 {
        self.number * 100.0
    }

    /// The duration, where the unit is seconds and the number fits.
    #[must_use]
    pub fn as_duration(&self) -> Option<SignedDuration> {
        if self.unit() != KpiUnit::Seconds {
            return None;
        }
        SignedDuration::try_from_secs_f64(self.number).ok()
    }

    /// What it is measured in.
    #[must_use]
    pub fn unit(&self) -> KpiUnit {
        self.kpi.unit()
    }
}

/// As reports show it: `25.0 %`, `12`, `34.5 s`. A precision counts: `{:.0}`.
impl fmt::Display for KpiValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = f.precision();
        let one = decimals.unwrap_or(1);
        let text = match self.unit() {
            KpiUnit::Share => format!("{:.one$} %", self.number * 100.0),
            KpiUnit::Seconds => format!("{:.one$} s", self.number),
            KpiUnit::Calls => format!("{:.*}", decimals.unwrap_or_default(), self.number),
        };
        // Padded as a number is: to the left, unless the format says otherwise.
        f.pad_integral(true, "", &text)
    }
}

impl fmt::Debug for KpiValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {:?}", self.kpi, self.number, self.unit())
    }
}

impl Serialize for KpiValue {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("KpiValue", 2)?;
        out.serialize_field("value", &serde_json::Number::from_f64(self.number).map(exact))?;
        out.serialize_field("unit", &self.unit())?;
        out.end()
    }
}

impl JsonSchema for KpiValue {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "KpiValue".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "object",
            "description": "A figure: calls, seconds, or a share of one.",
            "properties": {
                "value": {"type": "number"},
                "unit": generator.subschema_for::<KpiUnit>(),
            },
            "required": ["value", "unit"],
        })
    }
}

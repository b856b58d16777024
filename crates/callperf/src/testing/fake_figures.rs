//! Figures that are made up.

use crate::{
    kpi::{Kpi, KpiRecord, KpiValue},
    report::Info,
};

/// A [`KpiRecord`] in the making.
#[derive(Clone, Debug)]
#[must_use]
pub struct FakeKpiRecord {
    key: String,
    info: Option<Info>,
    values: Vec<KpiValue>,
}

impl KpiRecord {
    /// A record of made-up figures, for tests: of the key `1`, without a figure.
    ///
    /// ```
    /// use callperf::{Kpi, kpi::KpiRecord};
    ///
    /// let queue = KpiRecord::fake().name("Sales").figure(Kpi::AnswerRate, 0.9).build();
    /// assert_eq!(queue.get(Kpi::AnswerRate).unwrap().percent(), Some(90.0));
    /// assert_eq!(queue.get(Kpi::Offered), None);
    /// ```
    pub fn fake() -> FakeKpiRecord {
        FakeKpiRecord { key: "1".to_owned(), info: None, values: Vec::new() }
    }
}

impl FakeKpiRecord {
    /// The key.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }

    /// The name of the key.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.info.get_or_insert_default().name = Some(name.into());
        self
    }

    /// A figure, in its [unit](Kpi::unit): calls, seconds, or a share of one. The last one of a
    /// figure counts.
    ///
    /// # Panics
    /// If the number isn't finite.
    #[track_caller]
    pub fn figure(mut self, kpi: Kpi, number: f64) -> Self {
        assert!(number.is_finite(), "a figure is a finite number, not {number}");
        self.values.retain(|value| value.kpi() != kpi);
        self.values.push(KpiValue::new(kpi, number));
        self
    }

    /// The record.
    #[must_use]
    pub fn build(self) -> KpiRecord {
        KpiRecord::new(self.key, self.info, self.values)
    }
}

impl From<FakeKpiRecord> for KpiRecord {
    fn from(fake: FakeKpiRecord) -> Self {
        fake.build()
    }
}

//! A timeline's page whose series are decoded one after the other, so that memory holds its bytes
//! and one series.

use std::{collections::BTreeMap, ops::Range};

use callperf_raw::calls_v1::types;
use serde_json::{Value as Json, value::RawValue};

use super::response::read_timeline;
use crate::{
    plan::Plan,
    report::{Notice, Page, Series},
    wire::decode,
    words::{
        bom::without_mark,
        error::{Error, ErrorKind, Result},
        redactor::Redactor,
    },
};

type Fields<'a> = BTreeMap<String, &'a RawValue>;

const DATA: &str = types::TimelineResponse::data;
const RECORDS: &str = types::TimelineResponseData::records;
const KEY: &str = types::TimelineResponseRecord::key;

/// The bytes of a page, and where its series are in them.
pub(crate) struct Parts {
    /// Lenient: what can't be read is noted with its place, and judged here.
    plan: Plan,
    is_strict: bool,
    redactor: Redactor,
    body: Vec<u8>,
    /// The page before and after its series.
    around: [String; 2],
    /// Each series' key and place.
    series: Vec<(String, Range<usize>)>,
}

impl Parts {
    /// Finds the series of a page.
    ///
    /// # Errors
    /// The body, if it has another shape.
    pub(crate) fn of(
        plan: &Plan,
        body: Vec<u8>,
        redactor: &Redactor,
    ) -> std::result::Result<Self, Vec<u8>> {
        let Some((around, series)) = places(&body) else { return Err(body) };
        Ok(Self {
            plan: plan.lenient(),
            is_strict: plan.is_strict,
            redactor: redactor.clone(),
            body,
            around,
            series,
        })
    }

    /// The page with the keys of its series alone.
    pub(crate) fn outline(&self) -> Result<Page<Series>> {
        let key = |(key, _): &(String, _)| format!("{{\"{KEY}\":{}}}", Json::from(&**key));
        let records: Vec<_> = self.series.iter().map(key).collect();
        self.read_with(&records.join(","))
    }

    /// How many series there are.
    pub(crate) fn len(&self) -> usize {
        self.series.len()
    }

    /// Whether a series has a key.
    pub(crate) fn has_key(&self, number: usize, key: &str) -> bool {
        self.series[number].0 == key
    }

    /// The JSON of a series.
    pub(crate) fn text(&self, number: usize) -> &[u8] {
        &self.body[self.series[number].1.clone()]
    }

    /// The page with one of its series alone, and the notices about that.
    ///
    /// # Errors
    /// If it can't be read and the client is strict.
    pub(crate) fn read(&self, number: usize) -> Result<Page<Series>> {
        let text = self.text(number);
        let mut page = self.read_with(&String::from_utf8_lossy(text))?;
        let own = page.notices.split_off(self.plan.notices.len().min(page.notices.len()));
        page.notices = own.into_iter().map(|notice| at(number, notice)).collect();
        let loss = page.notices.iter().find_map(|notice| match notice {
            Notice::Unreadable { path, reason } => Some((path, reason)),
            _ => None,
        });
        match loss.filter(|_| self.is_strict) {
            Some((path, reason)) => {
                let reason = format!("the answer isn't understood: {path}: {reason}");
                Err(Error::new(ErrorKind::Answer, reason))
            }
            None => Ok(page),
        }
    }

    fn read_with(&self, records: &str) -> Result<Page<Series>> {
        let [before, after] = &self.around;
        let page = [before, records, after].concat();
        read_timeline(&self.plan, decode::typed(page.as_bytes()), &self.redactor)
    }
}

/// The notice with the number of its record on the page.
fn at(number: usize, notice: Notice) -> Notice {
    match notice {
        Notice::Unreadable { path, reason } => {
            let own = format!("{DATA}.{RECORDS}[{number}]");
            let path = path.replacen(&format!("{DATA}.{RECORDS}[0]"), &own, 1);
            Notice::Unreadable { path, reason }
        }
        other => other,
    }
}

type Places = ([String; 2], Vec<(String, Range<usize>)>);

/// The text around the series of a page, and where these are; `None` if it has another shape.
fn places(body: &[u8]) -> Option<Places> {
    let text = str::from_utf8(without_mark(body)).ok()?;
    let answer: Fields<'_> = serde_json::from_str(text).ok()?;
    let data: Fields<'_> = serde_json::from_str(answer.get(DATA)?.get()).ok()?;
    let records: Vec<&RawValue> = serde_json::from_str(data.get(RECORDS)?.get()).ok()?;
    let start = body.as_ptr() as usize;
    let mut series = Vec::with_capacity(records.len());
    for record in records {
        let fields: Fields<'_> = serde_json::from_str(record.get()).ok()?;
        let key = serde_json::from_str(fields.get(KEY)?.get()).ok()?;
        let begin = record.get().as_ptr() as usize - start;
        series.push((key, begin..begin + record.get().len()));
    }
    let others = |fields: &Fields<'_>, but: &str| {
        let others = fields.iter().filter(|(name, _)| *name != but);
        let others =
            others.map(|(name, value)| format!("{}:{},", Json::from(&**name), value.get()));
        others.collect::<String>()
    };
    let before = format!(
        "{{{}\"{DATA}\":{{{}\"{RECORDS}\":[",
        others(&answer, DATA),
        others(&data, RECORDS)
    );
    Some(([before, "]}}".to_owned()], series))
}

//! From the beta's response to records.
//!
//! It is a map by key, which has no order; records come sorted by key.

use std::collections::BTreeMap;

use callperf_raw::beta::types;
use serde_json::Value as Json;

use super::table;
use crate::{
    plan::Plan,
    report::{Metric, Page, Record},
    wire::{
        decode::{self, MetricBuilder},
        salvage::{self, Losses, Parts, Salvage},
    },
    words::{
        error::{Error, ErrorKind, Result},
        metric::MetricName,
        redactor::Redactor,
    },
};

const DATA: &str = types::PerformanceCallsAggregatesResponse::data;

pub(crate) fn read_bytes(plan: &Plan, body: &[u8]) -> Result<Page<Record>> {
    read(plan, decode::typed(body), &Redactor::default())
}

pub(crate) fn read(
    plan: &Plan,
    answer: decode::Answer<types::PerformanceCallsAggregatesResponse>,
    redactor: &Redactor,
) -> Result<Page<Record>> {
    let (answer, data, losses) = match answer {
        Ok(mut answer) => {
            let mut losses = Losses::new(redactor, DATA);
            losses.take_old_names(&mut answer);
            let data = answer.data.take();
            (answer, data, losses)
        }
        Err(body) => {
            let salvaged = salvage::salvage::<types::PerformanceCallsAggregatesResponse, _>(
                &body,
                [DATA, ""],
                plan,
                redactor,
            )?;
            let by_key = salvaged.records.into_iter().map(|(place, data)| (place.key, data));
            (salvaged.page, Some(by_key.collect()), salvaged.losses)
        }
    };
    let Some(data) = data else {
        let reason = format!("the answer isn't understood: {DATA}: absent");
        return Err(Error::new(ErrorKind::Answer, reason));
    };
    let page = read_page(plan, answer, data);
    decode::finish(plan, page, losses)
}

impl Parts for types::PerformanceCallsData {
    const METRICS: &[&str] = &[Self::counters, Self::timers];
    const OTHERS: &[&str] = &[];
}

impl Salvage for types::PerformanceCallsData {
    fn salvage(json: Json, place: &str, losses: &mut Losses<'_>) -> Option<Self> {
        salvage::with_metrics(json, place, losses)
    }
}

fn read_page(
    plan: &Plan,
    answer: types::PerformanceCallsAggregatesResponse,
    data: BTreeMap<String, types::PerformanceCallsData>,
) -> Page<Record> {
    let paging = answer.paging.unwrap_or_default();
    let mut extra = answer.extra;
    extra.extend(paging.extra);
    Page {
        records: data.into_iter().map(|(key, data)| read_record(plan, key, data)).collect(),
        page: decode::count(paging.page.as_ref()),
        per_page: decode::count(paging.per_page.as_ref()),
        total_pages: decode::count(paging.total_pages.as_ref()),
        total_records: decode::count(paging.total_elements.as_ref()),
        grouped_by: None,
        period: plan.period,
        notices: Vec::new(),
        left_out: 0,
        extra,
    }
}

fn read_record(plan: &Plan, key: String, raw: types::PerformanceCallsData) -> Record {
    Record {
        key,
        info: None,
        calls: read_counters(plan, raw.counters.unwrap_or_default()),
        time_spent: read_timers(plan, raw.timers.unwrap_or_default()),
        extra: raw.extra,
        fingerprint: plan.fingerprint,
    }
}

fn read_counters(plan: &Plan, raw: types::PerformanceCallsCounters) -> Metric {
    let mut metric = MetricBuilder::new(MetricName::Calls, plan);
    table::read_counters(&mut metric, raw);
    metric.build()
}

fn read_timers(plan: &Plan, raw: types::PerformanceCallsTimers) -> Metric {
    let mut metric = MetricBuilder::new(MetricName::TimeSpent, plan);
    table::read_timers(&mut metric, raw);
    metric.build()
}

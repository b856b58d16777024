//! A page of an answer, read in three ways.

use std::hint::black_box;
use std::time::Duration;

use bench::stock::types::AggregationResponse;
use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rustix::time::{ClockId, clock_gettime};
use serde_json::Value;

/// The time on the processor, to which other programs add nothing.
struct ProcessorTime;

static FORMATTER: WallTime = WallTime;

impl Measurement for ProcessorTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap()
    }

    fn end(&self, begun: Duration) -> Duration {
        self.start() - begun
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        FORMATTER.to_f64(value)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        FORMATTER.formatter()
    }
}

fn decode(criterion: &mut Criterion<ProcessorTime>) {
    let page = std::fs::read("page.json").unwrap();
    let sent: Value = serde_json::from_slice(&page).unwrap();
    let call = bench::reader().aggregate(&bench::everything());
    let read = serde_json::to_value(call.read(&page).unwrap().records).unwrap();
    assert_eq!(bench::numbers(&read), bench::numbers(&sent["data"]), "a number is lost");

    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Bytes(page.len() as u64));
    group.bench_function("callperf", |it| it.iter(|| call.read(black_box(&page)).unwrap()));
    group.bench_function("stock", |it| {
        it.iter(|| serde_json::from_slice::<AggregationResponse>(black_box(&page)).unwrap());
    });
    group.bench_function("value", |it| {
        it.iter(|| serde_json::from_slice::<Value>(black_box(&page)).unwrap());
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(ProcessorTime);
    targets = decode
}
criterion_main!(benches);

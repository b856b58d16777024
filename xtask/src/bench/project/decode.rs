//! A page of an answer, read in three ways.

use std::hint::black_box;

use bench::stock::types::AggregationResponse;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::Value;

fn decode(criterion: &mut Criterion) {
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

criterion_group!(benches, decode);
criterion_main!(benches);

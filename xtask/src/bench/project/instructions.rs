//! A page of an answer, read in two ways under callgrind: from its bytes until what was read is
//! freed.

use std::hint::black_box;

use callperf::{Record, Request};
use common::stock::types::AggregationResponse;
use gungraun::{
    Callgrind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main,
};

fn page() -> Vec<u8> {
    std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../page.json")).unwrap()
}

/// A page was read before: what a process does once doesn't count.
fn request() -> (Request<Record>, Vec<u8>) {
    let (request, page) = (common::reader().aggregate(&common::everything()), page());
    drop(request.read(&page).unwrap());
    (request, page)
}

#[library_benchmark]
#[bench::page(request())]
fn ours((request, page): (Request<Record>, Vec<u8>)) {
    drop(black_box(request.read(black_box(&page)).unwrap()));
}

#[library_benchmark]
#[bench::page(page())]
fn stock(page: Vec<u8>) {
    let read: AggregationResponse = serde_json::from_slice(black_box(&page)).unwrap();
    drop(black_box(read));
}

library_benchmark_group!(name = decode, benchmarks = [ours, stock]);

main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::with_args(["--cache-sim=no"])),
    library_benchmark_groups = decode
);

//! The memory that a long pull takes.

use super::lab::{Lab, Server, field, median};
use super::table::Row;
use crate::error::Result;

const FEW: usize = 20_000;
const MANY: usize = 200_000;

pub(super) fn measure(lab: &Lab<'_>) -> Result<Row> {
    let peak = |records: usize| -> Result<f64> {
        let server = Server::start(lab.own(["server"])?.arg(records.to_string()))?;
        let mut peaks = Vec::new();
        for _ in 0..lab.bench.rounds.min(3) {
            let pull = server.ask(&mut lab.own(["stream"])?, records)?;
            peaks.push(field(&pull, "kilobytes")? * 1024.0 / 1e6);
        }
        Ok(median(peaks))
    };
    let (few, many) = (peak(FEW)?, peak(MANY)?);
    let mut row = Row::new("stream", "peak memory of a pull of full records, page after page");
    row.figure("20,000 records", few, " MB");
    row.figure("200,000 records", many, " MB");
    row.aim("peak at 200,000", many, 40.0, " MB");
    row.aim("200,000 ÷ 20,000", many / few, 1.1, "");
    Ok(row)
}

//! How much code is generated.

use progenitor::InterfaceStyle;

use super::lab::Lab;
use super::stock;
use super::table::Row;
use crate::catalogue::Catalogue;
use crate::error::Result;
use crate::revision::published;

pub(super) fn measure(lab: &Lab<'_>) -> Result<Row> {
    let mut row = Row::new("code", "lines of generated code for each api");
    let catalogue = Catalogue::load(lab.workspace)?;
    for (api, entry) in &catalogue.api {
        let Some(target) = &entry.generate else { continue };
        let code = lab.workspace.read(&format!("crates/callperf-raw/src/{}.rs", target.module))?;
        let (document, _) = published(lab.workspace, &catalogue, *api, &target.revision)?;
        let stock = stock::client(&document, InterfaceStyle::Builder)?;
        row.figure(format!("{api}: stock builder interface"), lines(&stock), "");
        row.aim(api.name(), lines(&code), 3000.0, " lines");
    }
    Ok(row)
}

fn lines(code: &str) -> f64 {
    f64::from(u32::try_from(code.lines().count()).unwrap_or(u32::MAX))
}

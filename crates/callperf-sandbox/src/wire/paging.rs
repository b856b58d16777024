//! Where a page stands among all pages.

use serde::Serialize;

use super::read::Findings;
use crate::aggregate::query::PageRequest;
use crate::aggregate::world::Table;
use crate::assumptions::{Assumptions, PageAfterLast};
use crate::wire::failure::Failure;

/// A page after the last one, if that is refused.
pub(super) fn check_page(
    request: PageRequest,
    table: &Table,
    assumptions: &Assumptions,
) -> Result<(), Failure> {
    let is_after = request.page > pages(request, table).max(1);
    if !is_after || assumptions.page_after_last == PageAfterLast::Empty {
        return Ok(());
    }
    let mut findings = Findings::default();
    findings.invalid("page", Some(&request.page.to_string()), "it is after the last page");
    Err(Failure::invalid(findings.problems))
}

fn pages(request: PageRequest, table: &Table) -> u64 {
    (table.total_keys as u64).div_ceil(request.per_page)
}

/// Where a page stands among all pages.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Paging {
    pub(super) page: u64,
    pub(super) per_page: u64,
    pub(super) total_pages: u64,
    pub(super) total_elements: u64,
}

impl Paging {
    pub(super) fn new(request: PageRequest, table: &Table) -> Paging {
        Paging {
            page: request.page,
            per_page: request.per_page,
            total_pages: pages(request, table),
            total_elements: table.total_keys as u64,
        }
    }
}

//! The names of the wire that hold what identifies an account, its people and its numbers.

use callperf_raw::{beta, calls_v1, directory};

/// Fields whose texts are identifiers or telephone numbers.
pub(crate) const IDS: &[&str] = &[
    calls_v1::types::Grouping::keys,
    calls_v1::types::ExtensionFilters::from_ids,
    calls_v1::types::ExtensionFilters::to_ids,
    calls_v1::types::CallFilters::called_numbers,
    calls_v1::types::CallFilters::queues,
    calls_v1::types::AggregationResponseRecord::key,
    calls_v1::types::TimelineResponseRecord::key,
    calls_v1::types::KeyInfo::extension_number,
    beta::types::PerformanceCallsGrouping::ids,
    beta::types::PerformanceCallsFilters::caller_extension_ids,
    beta::types::PerformanceCallsFilters::called_extension_ids,
    beta::types::PerformanceCallsFilters::called_numbers,
    directory::types::GetExtensionListInfoResponse::extension_number,
    directory::types::GetAccountInfoResponse::bsid,
    directory::types::GetAccountInfoResponse::cfid,
    directory::types::ReferenceInfo::ref_,
];

/// Fields whose texts are names of people or places.
pub(crate) const NAMES: &[&str] = &[
    calls_v1::types::KeyInfo::name,
    directory::types::ContactInfo::department,
    directory::types::PronouncedNameInfo::text,
    directory::types::SiteInfo::caller_id_name,
];

/// The operation whose response has identifiers for names of fields, and where it has them.
pub(crate) const BY_KEY: (&str, &str) = (
    beta::operations::aggregate_performance_report_calls::ID,
    beta::types::PerformanceCallsAggregatesResponse::data,
);

//! The points of a timeline that was sent longer than it was asked for.

use jiff::Timestamp;

use crate::{
    plan::{Plan, widening::Place},
    query::Dimension,
    report::{Page, Point, Series},
    words::{operation::Operation, vocabulary::Grouping},
};

/// The point, unless it also counts calls outside of the period.
///
/// # Errors
/// Why it doesn't say what was asked for.
pub(super) fn checked(plan: &Plan, point: Point) -> Result<Point, String> {
    let widening = plan.widening.as_ref();
    if widening.is_none_or(|widening| widening.place_of(point.time()) != Place::Both) {
        return Ok(point);
    }
    let Operation::Timeline(interval) = &plan.operation else { return Ok(point) };
    let (interval, start) = (interval.as_str().to_lowercase(), point.time_text());
    Err(format!("the {interval} from {start} on also counts calls outside of the period"))
}

/// Whether one of the instants begins an interval that is partly in the period: the server's
/// intervals begin elsewhere, and widening such a timeline loses what was asked for.
pub(super) fn is_mixed(plan: &Plan, mut starts: impl Iterator<Item = Timestamp>) -> bool {
    let Some(widening) = &plan.widening else { return false };
    starts.any(|start| widening.place_of(start) == Place::Both)
}

/// Takes the points beside the period out of a page, and the keys that have calls in them
/// alone. No document says whether the API lists keys without calls: it does if they are
/// named, or if the page has such a one.
pub(super) fn take_out(plan: &Plan, page: &mut Page<Series>) {
    let Some(widening) = &plan.widening else { return };
    let is_idle = |points: &[Point]| points.iter().all(Point::is_zero);
    let lists_idle_keys =
        names_keys(plan) || page.records.iter().any(|series| is_idle(&series.points));
    let sent = page.records.len();
    page.records.retain_mut(|series| {
        let was_idle = is_idle(&series.points);
        series.points.retain(|point| widening.place_of(point.time()) == Place::Asked);
        lists_idle_keys || was_idle || !is_idle(&series.points)
    });
    page.left_out += (sent - page.records.len()) as u64;
}

/// Whether the query names the keys of its records, or has but the company's.
fn names_keys(plan: &Plan) -> bool {
    let group_by = &plan.query.group_by;
    match &group_by.dimension {
        Dimension::Each(Grouping::Company) => true,
        Dimension::Each(_) => !group_by.keys.is_empty(),
        Dimension::Members(_) => false,
    }
}

//! The fewest requests for the days of a series.

use jiff::civil::Date;

/// How the days of a series are requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum By {
    /// An aggregation, which is about one day and has many keys on a page.
    Aggregation,
    /// A timeline by the day, which is about many days and has few keys on a page.
    Days,
    /// A timeline by the hour.
    Hours,
}

/// What requests for the days of a series cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    /// Pages of a timeline, however many days it has.
    pub(crate) timeline: u64,
    /// Pages of the aggregation of a day.
    pub(crate) aggregation: u64,
    /// The days from the first to the last of a timeline, at most.
    pub(crate) span: i32,
}

/// Days that are requested together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) by: By,
    /// In their order. A timeline may have others between them, which aren't needed.
    pub(crate) days: Vec<Date>,
}

/// The steps with the fewest requests for these days, which are in their order.
///
/// An optimal plan for the first so many days ends with a step, and begins with an optimal plan
/// for the days before that step. If two plans cost the same, aggregations are preferred, and
/// then fewer steps.
pub(crate) fn cheapest(days: &[Date], offer: Offer) -> Vec<Step> {
    // Of the plan for the days before each place: its cost, and where its last step begins.
    let mut best: Vec<(u64, usize, By)> = vec![(0, 0, By::Aggregation)];
    for end in 1..=days.len() {
        let mut least = (best[end - 1].0 + offer.aggregation, end - 1, By::Aggregation);
        for start in (0..end).rev() {
            if days_between(days[start], days[end - 1]) > offer.span {
                break;
            }
            let cost = best[start].0 + offer.timeline;
            if cost < least.0 || (cost == least.0 && least.2 == By::Days) {
                least = (cost, start, By::Days);
            }
        }
        best.push(least);
    }
    let mut steps = Vec::new();
    let mut end = days.len();
    while end > 0 {
        let (_, start, by) = best[end];
        steps.push(Step { by, days: days[start..end].to_vec() });
        end = start;
    }
    steps.reverse();
    steps
}

/// The first days that one timeline takes.
pub(crate) fn first_span(days: &[Date], span: i32) -> usize {
    let Some(first) = days.first() else { return 0 };
    days.iter().take_while(|day| days_between(*first, **day) <= span.max(1)).count()
}

/// How many days there are from one to another, both included.
fn days_between(first: Date, last: Date) -> i32 {
    (last - first).get_days() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// Numbers that are the same in each run.
    struct Draw(u64);

    impl Draw {
        fn below(&mut self, bound: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (self.0 >> 33) % bound
        }
    }

    /// The least cost over all ways to cut the days into runs, each of them requested by one
    /// timeline if it is short enough, or by an aggregation if it is one day.
    fn least_of_all(days: &[i64], timeline: u64, aggregation: u64, span: i64) -> u64 {
        let cuts = days.len().saturating_sub(1);
        let mut least = u64::MAX;
        for cut in 0..1_u32 << cuts {
            for by_day in 0..1_u32 << days.len() {
                let mut cost = Some(0);
                let mut start = 0;
                for end in 1..=days.len() {
                    if end < days.len() && cut >> (end - 1) & 1 == 0 {
                        continue;
                    }
                    let is_by_day = by_day >> start & 1 == 1;
                    let fits = if is_by_day {
                        end - start == 1
                    } else {
                        days[end - 1] - days[start] < span
                    };
                    let own = if is_by_day { aggregation } else { timeline };
                    cost = cost.filter(|_| fits).map(|cost| cost + own);
                    start = end;
                }
                least = least.min(cost.unwrap_or(u64::MAX));
            }
        }
        least
    }

    #[test]
    fn no_plan_costs_less_on_ten_thousand_drawn_cases() {
        let mut draw = Draw(7);
        let first = date("2026-05-25");
        let mut mixed = 0;
        for case in 0..10_000 {
            let count = if case % 100 == 0 { 8 } else { draw.below(6) };
            let mut place = 0_i64;
            let mut places = Vec::new();
            for _ in 0..count {
                places.push(place);
                place += 1 + i64::try_from(draw.below(4) * draw.below(3)).unwrap();
            }
            let offer = Offer {
                timeline: 1 + draw.below(12),
                aggregation: 1 + draw.below(4),
                span: 1 + i32::try_from(draw.below(14)).unwrap(),
            };
            let days: Vec<_> =
                places.iter().map(|place| first + jiff::Span::new().days(*place)).collect();
            let steps = cheapest(&days, offer);
            let mut cost = 0;
            for step in &steps {
                match step.by {
                    By::Aggregation => {
                        assert_eq!(step.days.len(), 1);
                        cost += offer.aggregation;
                    }
                    By::Days => {
                        assert_eq!(first_span(&step.days, offer.span), step.days.len());
                        cost += offer.timeline;
                    }
                    By::Hours => panic!("hours"),
                }
            }
            let requested: Vec<_> = steps.iter().flat_map(|step| step.days.clone()).collect();
            assert_eq!(requested, days);
            let span = i64::from(offer.span);
            let least = if days.is_empty() {
                0
            } else {
                least_of_all(&places, offer.timeline, offer.aggregation, span)
            };
            assert_eq!(cost, least, "{days:?} {offer:?} {steps:?}");
            let kinds: std::collections::BTreeSet<_> = steps.iter().map(|step| step.by).collect();
            mixed += u32::from(kinds.len() == 2);
        }
        assert!(mixed > 100, "{mixed} plans have both kinds");
    }

    #[test]
    fn many_days_of_few_keys_go_together_and_few_days_of_many_do_not() {
        let days: Vec<_> = (1..=3).map(|day| Date::constant(2026, 11, day)).collect();
        let by = |timeline, aggregation| {
            let steps = cheapest(&days, Offer { timeline, aggregation, span: 184 });
            steps.iter().map(|step| step.by).collect::<Vec<_>>()
        };
        // A company; 400 users; 40 users, where both cost the same.
        assert_eq!(by(1, 1), [By::Days]);
        assert_eq!(by(20, 2), [By::Aggregation; 3]);
        assert_eq!(by(3, 1), [By::Aggregation; 3]);
    }
}

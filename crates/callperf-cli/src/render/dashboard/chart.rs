//! Charts as SVG, without a style of their own: the page's style sheet says the
//! colours, so that they follow its theme and print.

use std::fmt::Write;

use minijinja::HtmlEscape;

/// A text inside of SVG.
pub(super) fn escaped(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    HtmlEscape(&text).to_string()
}

/// A bar that is stacked from parts.
pub(super) struct Stack {
    pub(super) label: String,
    /// Height, class of its colour, and what it says when it is pointed at.
    pub(super) parts: Vec<(f64, String, String)>,
}

/// A chart for a wide screen and paper, or for a narrow one: its text isn't
/// scaled with the page, so that it can be read on both.
#[derive(Clone, Copy, Debug)]
pub(super) enum Room {
    Wide,
    Narrow,
}

impl Room {
    fn class(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Narrow => "narrow",
        }
    }

    fn size(self) -> (f64, f64) {
        match self {
            Self::Wide => (1140.0, 300.0),
            Self::Narrow => (380.0, 260.0),
        }
    }
}

const LEFT: f64 = 52.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 30.0;
/// The width of a character on an axis, and the space between two labels.
const CHARACTER: f64 = 7.2;
const BETWEEN: f64 = 14.0;

/// The largest number of calls that is drawn: no company has as many, and beyond it
/// floats skip whole numbers.
const MOST: f64 = 9_007_199_254_740_992.0;

/// Stacked bars over time. A bar that is too high to be drawn is a question mark
/// with its numbers.
pub(super) fn stacks(title: &str, stacks: &[Stack], room: Room) -> String {
    let (width, full) = room.size();
    let heights = stacks.iter().filter_map(Stack::height);
    let axis = Axis::up_to(heights.fold(0.0, f64::max));
    let plot = Plot { top: axis.top(), height: full - TOP - BOTTOM };
    let mut out = opening(title, room);
    for tick in axis.ticks() {
        let at = plot.y(tick);
        let _ = write!(
            out,
            r#"<line class="grid" x1="{LEFT}" x2="{width}" y1="{at:.1}" y2="{at:.1}"/><text class="tick" x="{}" y="{:.1}" text-anchor="end">{}</text>"#,
            LEFT - 8.0,
            at + 4.0,
            number(tick),
        );
    }
    let slot = (width - LEFT) / count(stacks.len().max(1));
    let bar = (slot * 0.76).min(64.0);
    let longest = count(stacks.iter().map(|it| it.label.chars().count()).max().unwrap_or(0));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
    let every = ((longest * CHARACTER + BETWEEN) / slot).ceil().max(1.0) as usize;
    for (at, stack) in stacks.iter().enumerate() {
        let x = LEFT + slot * count(at) + (slot - bar) / 2.0;
        if stack.height().is_some() {
            plot.draw(&mut out, stack, x, bar);
        } else {
            plot.draw_unknown(&mut out, stack, x + bar / 2.0);
        }
        if at % every == 0 {
            // The last label must not leave the chart.
            let half = longest * CHARACTER / 2.0;
            let _ = write!(
                out,
                r#"<text class="tick" x="{:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
                (x + bar / 2.0).min(width - half),
                full - BOTTOM + 20.0,
                escaped(&stack.label),
            );
        }
    }
    out.push_str("</svg>");
    out
}

impl Stack {
    /// The height; `None` if it is too high to be drawn.
    fn height(&self) -> Option<f64> {
        let heights = self.parts.iter().map(|(height, _, _)| height);
        Some(heights.sum()).filter(|height| (0.0..=MOST).contains(height))
    }
}

/// The part of a chart that bars are drawn in.
struct Plot {
    /// The number at its upper edge.
    top: f64,
    height: f64,
}

impl Plot {
    fn y(&self, value: f64) -> f64 {
        TOP + self.height * (1.0 - value / self.top)
    }

    fn draw(&self, out: &mut String, stack: &Stack, x: f64, width: f64) {
        let mut from = 0.0;
        for (height, class, said) in &stack.parts {
            if *height <= 0.0 {
                continue;
            }
            let (upper, lower) = (self.y(from + height), self.y(from));
            let _ = write!(
                out,
                r#"<rect class="{class}" x="{x:.1}" y="{upper:.1}" width="{width:.1}" height="{:.1}"><title>{}</title></rect>"#,
                lower - upper,
                escaped(said),
            );
            from += height;
        }
    }

    fn draw_unknown(&self, out: &mut String, stack: &Stack, middle: f64) {
        let said: Vec<_> = stack.parts.iter().map(|(_, _, said)| said.as_str()).collect();
        let _ = write!(
            out,
            r#"<text class="tick" x="{middle:.1}" y="{:.1}" text-anchor="middle">?<title>{}</title></text>"#,
            self.y(0.0) - 4.0,
            escaped(&said.join("; ")),
        );
    }
}

/// A bar for a cell or a list: a share of the whole width.
pub(super) fn share(share: f64, class: &str) -> String {
    let width = 100.0 * share.clamp(0.0, 1.0);
    format!(
        r#"<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="track" width="100" height="10"/><rect class="{class}" width="{width:.1}" height="10"/></svg>"#
    )
}

fn opening(title: &str, room: Room) -> String {
    let (width, height) = room.size();
    format!(
        r#"<svg class="chart {}" viewBox="0 0 {width} {height}" role="img" aria-label="{}" focusable="false">"#,
        room.class(),
        escaped(title)
    )
}

/// The lines of an axis, from zero up.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Axis {
    /// A step of 1, 2, 2.5 or 5 with zeros, and whole.
    step: f64,
    /// How many steps there are: six at most, for any numbers.
    steps: u32,
}

impl Axis {
    const MOST_STEPS: f64 = 6.0;

    /// The axis that reaches a number from 0 to [`MOST`].
    fn up_to(highest: f64) -> Self {
        let rough = highest.clamp(1.0, MOST) / 5.0;
        let power = 10_f64.powf(rough.log10().floor());
        let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|it| it * power);
        let step = steps.into_iter().find(|it| *it >= rough && it.fract() == 0.0).unwrap_or(1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 6")]
        let steps = (highest / step).ceil().clamp(1.0, Self::MOST_STEPS) as u32;
        Self { step, steps }
    }

    fn top(self) -> f64 {
        self.step * f64::from(self.steps)
    }

    fn ticks(self) -> impl Iterator<Item = f64> {
        (0..=self.steps).map(move |at| self.step * f64::from(at))
    }
}

fn number(float: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a tick")]
    let whole = float.round() as u64;
    crate::render::thousands(whole)
}

#[expect(clippy::cast_precision_loss, reason = "a small count")]
fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_reach_the_highest() {
        let scale = |highest: f64| {
            let axis = Axis::up_to(highest);
            (axis.step, axis.top())
        };
        assert_eq!(scale(99.0), (20.0, 100.0));
        assert_eq!(scale(103.0), (25.0, 125.0));
        assert_eq!(scale(160.0), (50.0, 200.0));
        assert_eq!(scale(12.0), (5.0, 15.0), "no 2.5 calls");
        assert_eq!(scale(7.0), (2.0, 8.0));
        assert_eq!(scale(1.0), (1.0, 1.0), "no half calls");
        assert_eq!(scale(0.0), (1.0, 1.0));
        assert_eq!(scale(MOST), (2e15, 1e16));
        let ticks: Vec<_> = Axis::up_to(12.0).ticks().collect();
        assert_eq!(ticks, [0.0, 5.0, 10.0, 15.0]);
    }

    #[test]
    fn a_bar_that_cannot_be_drawn_says_its_numbers() {
        let stack = |height: f64| Stack {
            label: "Nov 1".into(),
            parts: vec![
                (height, "r0".into(), format!("{height:e} completed")),
                (height, "r1".into(), String::new()),
            ],
        };
        // The sum of the parts isn't finite.
        for height in [1.7e308, 1e16, f64::INFINITY, f64::NAN] {
            let chart = stacks("calls", &[stack(40.0), stack(height)], Room::Wide);
            assert_eq!(chart.matches("<line").count(), 5, "the axis is the other bar's: {chart}");
            assert_eq!(chart.matches("<rect").count(), 2, "{chart}");
            assert!(chart.contains(&format!("?<title>{height:e} completed; ")), "{chart}");
            assert!(chart.len() < 2_000, "{chart}");
        }
    }

    #[test]
    fn a_name_cannot_leave_its_text() {
        let chart = stacks(
            "<a>",
            &[Stack { label: "\"x\"".into(), parts: vec![(1.0, "r0".into(), "</title>".into())] }],
            Room::Wide,
        );
        assert!(!chart.contains("<a>") && !chart.contains("</title></title>"), "{chart}");
    }
}

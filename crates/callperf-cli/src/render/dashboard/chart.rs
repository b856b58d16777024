//! Charts as SVG, without a style of their own: the page's style sheet says the
//! colours, so that they follow its theme and print.

use std::fmt::Write;

/// A text inside of SVG.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
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

/// Stacked bars over time.
pub(super) fn stacks(title: &str, stacks: &[Stack], room: Room) -> String {
    let (width, full) = room.size();
    let highest = stacks.iter().map(Stack::height).fold(0.0, f64::max);
    let (step, top) = scale(highest);
    let height = full - TOP - BOTTOM;
    let y = |value: f64| TOP + height * (1.0 - value / top);
    let mut out = opening(title, room);
    let mut tick = 0.0;
    while tick <= top + step / 2.0 {
        let at = y(tick);
        let _ = write!(
            out,
            r#"<line class="grid" x1="{LEFT}" x2="{width}" y1="{at:.1}" y2="{at:.1}"/><text class="tick" x="{}" y="{:.1}" text-anchor="end">{}</text>"#,
            LEFT - 8.0,
            at + 4.0,
            number(tick),
        );
        tick += step;
    }
    let slot = (width - LEFT) / count(stacks.len().max(1));
    let bar = (slot * 0.76).min(64.0);
    let longest = count(stacks.iter().map(|it| it.label.chars().count()).max().unwrap_or(0));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
    let every = ((longest * CHARACTER + BETWEEN) / slot).ceil().max(1.0) as usize;
    for (at, stack) in stacks.iter().enumerate() {
        let x = LEFT + slot * count(at) + (slot - bar) / 2.0;
        let mut from = 0.0;
        for (height, class, said) in &stack.parts {
            if *height <= 0.0 {
                continue;
            }
            let (upper, lower) = (y(from + height), y(from));
            let _ = write!(
                out,
                r#"<rect class="{class}" x="{x:.1}" y="{upper:.1}" width="{bar:.1}" height="{:.1}"><title>{}</title></rect>"#,
                lower - upper,
                escaped(said),
            );
            from += height;
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
    fn height(&self) -> f64 {
        self.parts.iter().map(|(height, _, _)| height).sum()
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

/// A step of 1, 2, 2.5 or 5 that gives three to six lines, and the highest of them.
fn scale(highest: f64) -> (f64, f64) {
    if highest <= 0.0 {
        return (1.0, 1.0);
    }
    let rough = highest / 5.0;
    let power = 10_f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|it| it * power);
    let step = steps.into_iter().find(|it| *it >= rough && it.fract() == 0.0).unwrap_or(1.0);
    (step, (highest / step).ceil() * step)
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
        assert_eq!(scale(99.0), (20.0, 100.0));
        assert_eq!(scale(103.0), (25.0, 125.0));
        assert_eq!(scale(160.0), (50.0, 200.0));
        assert_eq!(scale(12.0), (5.0, 15.0), "no 2.5 calls");
        assert_eq!(scale(7.0), (2.0, 8.0));
        assert_eq!(scale(1.0), (1.0, 1.0), "no half calls");
        assert_eq!(scale(0.0), (1.0, 1.0));
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

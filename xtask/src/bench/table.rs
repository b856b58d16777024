//! What was measured, and whether it is what it should be.

use std::fmt::Write as _;

use serde::Serialize;

/// One thing that was measured, with everything that it is compared with.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) what: String,
    pub(super) figures: Vec<Figure>,
    pub(super) aims: Vec<Aim>,
    /// Why it wasn't measured.
    pub(super) left_out: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Figure {
    pub(super) of: String,
    pub(super) value: f64,
    pub(super) unit: &'static str,
}

/// A figure or a ratio that should not be above its bound.
#[derive(Debug, Serialize)]
pub(super) struct Aim {
    pub(super) of: String,
    pub(super) value: f64,
    pub(super) at_most: f64,
    pub(super) unit: &'static str,
    pub(super) met: bool,
}

impl Row {
    pub(super) fn new(name: &'static str, what: impl Into<String>) -> Self {
        let (figures, aims) = (Vec::new(), Vec::new());
        Self { name, what: what.into(), figures, aims, left_out: None }
    }

    pub(super) fn figure(&mut self, of: impl Into<String>, value: f64, unit: &'static str) {
        self.figures.push(Figure { of: of.into(), value, unit });
    }

    pub(super) fn aim(&mut self, of: &str, value: f64, at_most: f64, unit: &'static str) {
        self.aims.push(Aim { of: of.to_owned(), value, at_most, unit, met: value <= at_most });
    }

    /// Says why nothing was measured, which meets no aim.
    pub(super) fn leave_out(mut self, why: &str) -> Self {
        self.left_out = Some(format!("not measured: {why}"));
        self
    }
}

/// A line for each aim that was missed, and for each row that wasn't measured.
pub(super) fn missed(rows: &[Row]) -> Vec<String> {
    let left_out = rows.iter().filter_map(|row| Some((row.name, row.left_out.as_ref()?)));
    let left_out = left_out.map(|(name, why)| format!("{name}: {why}"));
    let aims = rows.iter().flat_map(|row| row.aims.iter().map(move |aim| (row.name, aim)));
    aims.filter(|(_, aim)| !aim.met)
        .map(|(name, Aim { of, value, at_most, unit, .. })| {
            let (value, at_most) = (number(*value), number(*at_most));
            format!("{name}: {of}: {value}{unit} instead of at most {at_most}{unit}")
        })
        .chain(left_out)
        .collect()
}

pub(super) fn json(rows: &[Row]) -> String {
    // Plain data with keys that are texts.
    serde_json::to_string_pretty(rows).unwrap_or_default() + "\n"
}

pub(super) fn markdown(rows: &[Row]) -> String {
    let mut text =
        String::from("| what | measured | ratio or figure | aim | met |\n|---|---|---|---|---|\n");
    for row in rows {
        let figures: Vec<_> = row.figures.iter().map(figure).collect();
        let what = [Some(&row.what), row.left_out.as_ref()];
        let what = what.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("; ");
        // Writing to a string cannot fail, here and below.
        let _ = write!(text, "| {}: {what} | {} |", row.name, figures.join("<br>"));
        let aims = if row.aims.is_empty() { vec![String::from(" | | |")] } else { aims(&row.aims) };
        let _ = writeln!(text, "{}", aims.join("\n| | |"));
    }
    text
}

fn aims(aims: &[Aim]) -> Vec<String> {
    let cell = |Aim { of, value, at_most, unit, met }: &Aim| {
        let met = if *met { "yes" } else { "**no**" };
        let (value, at_most) = (number(*value), number(*at_most));
        format!(" {of}: {value}{unit} | ≤ {at_most}{unit} | {met} |")
    };
    aims.iter().map(cell).collect()
}

fn figure(Figure { of, value, unit }: &Figure) -> String {
    format!("{of} {}{unit}", number(*value))
}

/// Three digits are as many as repeat.
fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 0.1 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

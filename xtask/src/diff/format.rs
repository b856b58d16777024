//! Differences as text, as Markdown and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::difference::Difference;
use super::rules::Verdict;
use crate::shown::{shown, shown_json};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Text,
    Markdown,
    Json,
}

pub fn format(labels: (&str, &str), differences: &[Difference], format: Format) -> String {
    match format {
        Format::Text => text(labels, differences),
        Format::Markdown => markdown(labels, differences),
        Format::Json => shown_json(&format!("{:#}\n", to_json(labels, differences))),
    }
}

/// How many there are of each verdict, worst first.
pub fn summary(differences: &[Difference]) -> String {
    let counts = [Verdict::Breaking, Verdict::Additive, Verdict::Documentation].map(|verdict| {
        let count = differences.iter().filter(|it| it.verdict == verdict).count();
        (count, verdict)
    });
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<_> = counts.map(|(count, verdict)| format!("{count} {verdict}")).collect();
    if counts.is_empty() { "no difference".to_owned() } else { counts.join(", ") }
}

fn groups(differences: &[Difference]) -> impl Iterator<Item = (String, &[Difference])> {
    let groups = differences.chunk_by(|a, b| a.operations == b.operations);
    groups.map(|group| (shown(&group[0].operations.join(", ")), group))
}

fn text((old, new): (&str, &str), differences: &[Difference]) -> String {
    let (old, new) = (shown(old), shown(new));
    let mut text = format!("{old} → {new}: {}\n", summary(differences));
    for (operations, group) in groups(differences) {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "\n{operations}");
        for it in group {
            let (verdict, direction, what) = (it.verdict, it.direction, it.what());
            let _ = writeln!(text, "  {verdict:13} {direction:8} {what}\n    {}", it.place());
        }
    }
    text
}

fn markdown((old, new): (&str, &str), differences: &[Difference]) -> String {
    let (old, new) = (shown(old), shown(new));
    let mut text = format!("## {old} → {new}\n\n{}\n", summary(differences));
    for (operations, group) in groups(differences) {
        let _ = writeln!(text, "\n### {operations}\n");
        let _ = writeln!(text, "| verdict | direction | what | where |\n|---|---|---|---|");
        for it in group {
            let (verdict, direction) = (it.verdict, it.direction);
            let what = it.what().replace('|', "\\|");
            let _ = writeln!(text, "| {verdict} | {direction} | {what} | `{}` |", it.place());
        }
    }
    text
}

fn to_json((old, new): (&str, &str), differences: &[Difference]) -> Value {
    let differences: Vec<_> = (differences.iter())
        .map(|it| {
            json!({
                "operations": it.operations,
                "pointer": it.pointer,
                "direction": it.direction,
                "verdict": it.verdict,
                "what": it.rule.what,
                "old": it.old,
                "new": it.new,
                "note": it.note,
            })
        })
        .collect();
    json!({"old": old, "new": new, "differences": differences})
}

//! The part of CHANGELOG.md that is written by a program.

use crate::error::{Problem, Result};

pub const CHANGELOG: &str = "CHANGELOG.md";

const UNRELEASED: &str = "## [Unreleased]";
const SECTION: &str = "### API changes";

/// The changelog with one more entry at the end of the unreleased API changes.
pub fn with_entry(text: &str, entry: &str) -> Result<String> {
    let mut lines: Vec<_> = text.lines().collect();
    let unreleased = lines.iter().position(|line| *line == UNRELEASED).ok_or_else(|| {
        let what = format!("has no section `{UNRELEASED}`");
        Problem::new("", what, "add it, above the released versions").in_file(CHANGELOG)
    })?;
    let end = next(&lines, unreleased, "## ");
    let section = lines[unreleased..end].iter().position(|line| *line == SECTION);
    let section = section.map_or_else(
        || {
            let place = unreleased + 1;
            lines.splice(place..place, ["", SECTION]);
            place + 1
        },
        |offset| unreleased + offset,
    );
    let end = next(&lines, section, "##");
    let last = (section..end).rev().find(|at| !lines[*at].trim().is_empty()).unwrap_or(section);
    if last == section {
        lines.insert(last + 1, "");
    }
    let place = if last == section { last + 2 } else { last + 1 };
    lines.splice(place..place, entry.lines());
    Ok(lines.join("\n") + "\n")
}

/// The next line after one that starts like this, or the end.
fn next(lines: &[&str], after: usize, start: &str) -> usize {
    let found = lines.iter().skip(after + 1).position(|line| line.starts_with(start));
    found.map_or(lines.len(), |offset| after + 1 + offset)
}

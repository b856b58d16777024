//! Ending the range of an action in an overlay's text.

use std::path::Path;

use crate::document::{self, child};
use crate::error::{Problem, Result};

/// The text of an overlay with one action's last revision set; everything else stays as it is, but for the
/// layout of JSON.
pub fn closed(text: &str, file: &str, index: usize, last: &str) -> Result<String> {
    let mut expected = document::parse(text, Path::new(file))?;
    expected["actions"][index]["x-last-revision"] = last.into();
    let is_json = Path::new(file).extension().is_some_and(|it| it.eq_ignore_ascii_case("json"));
    if is_json {
        return Ok(format!("{expected:#}\n"));
    }
    let edited = with_last_revision(text, index, last);
    let edited = edited.filter(|edited| {
        document::parse(edited, Path::new(file)).is_ok_and(|edited| edited == expected)
    });
    edited.ok_or_else(|| {
        let what = format!("has an action that applies no longer after {last}");
        let remedy = "set its x-last-revision by hand: this form of YAML is not edited";
        Problem::new(child("/actions", &index.to_string()), what, remedy).in_file(file).into()
    })
}

/// The line goes before the action's second key, wherever that is.
fn with_last_revision(text: &str, index: usize, last: &str) -> Option<String> {
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    let start = lines.iter().position(|line| line.trim_end() == "actions:")? + 1;
    let indent = |line: &str| line.len() - line.trim_start().len();
    let dash = indent(lines.get(start)?);
    let is_action = |line: &String| indent(line) == dash && line.trim_start().starts_with("- ");
    let starts = lines.iter().enumerate().skip(start).filter(|(_, line)| is_action(line));
    let first = starts.map(|(at, _)| at).nth(index)?;
    let ends = |line: &String| !line.trim().is_empty() && indent(line) <= dash + 2;
    let next = lines.iter().skip(first + 1).position(ends);
    let place = next.map_or(lines.len(), |next| first + 1 + next);
    lines.insert(place, format!("{}x-last-revision: {last:?}", " ".repeat(dash + 2)));
    Some(lines.join("\n") + "\n")
}

//! Where an entry of `openapi/renames.toml` stands in its text.

/// The line of a key of the entry, or else that of its head.
pub(super) fn line(text: &str, index: usize, key: &str) -> Option<usize> {
    let is_head = |line: &str| line.trim() == "[[rename]]";
    let mut lines = (1..).zip(text.lines());
    let (head, _) = lines.by_ref().filter(|(_, line)| is_head(line)).nth(index)?;
    let mut entry = lines.take_while(|(_, line)| !is_head(line));
    let has_key = |line: &str| {
        line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    Some(entry.find(|(_, line)| !key.is_empty() && has_key(line)).map_or(head, |(at, _)| at))
}

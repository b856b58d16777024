//! Names that stay text in a terminal and in Markdown.

use std::io::{self, Write};

use callperf::shown::steers;

/// A text without what would steer a terminal, or turn the rest of the line around.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

pub(super) fn line(out: &mut impl Write, cells: &[String]) -> io::Result<()> {
    writeln!(out, "| {} |", cells.join(" | "))
}

/// A text that is text in Markdown, on one line.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '&' | '~' | '$' => {
                out.extend(['\\', c]);
            }
            c if steers(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_a_name() {
        assert_eq!(escaped("a|b*c\nd"), "a\\|b\\*c\u{fffd}d");
        // Joiners are letters of names; what turns a line around isn't.
        let joined = "\u{645}\u{6cc}\u{200c}\u{622} 👩\u{200d}💻 Mu\u{308}ller";
        assert_eq!((escaped(joined), plain(joined)), (joined.to_owned(), joined.to_owned()));
        assert_eq!(plain("a\u{202e}b\u{200f}\u{2066}"), "a\u{fffd}b\u{fffd}\u{fffd}");
        assert_eq!(escaped("<script>"), "\\<script\\>");
        assert_eq!(escaped("&lt;b&gt; ~~x~~ $y$"), "\\&lt;b\\&gt; \\~\\~x\\~\\~ \\$y\\$");
    }
}

//! Text that came from outside, made fit to be shown: on a terminal, in a log, in an error.
//!
//! A server, a file or an environment variable may hold characters that a terminal obeys, that
//! turn the text around, or that can't be seen. Data that is written for programs stays as it
//! is; what people read goes through here.

use std::borrow::Cow;

use url::Url;

/// Returns the text on one line, with each character that isn't visible as an escape such as
/// `\u{1b}` or `\n`.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    escaped(text, steers)
}

/// Returns the text like [`text`](fn@text), with its line breaks.
#[must_use]
pub fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\n' && steers(c))
}

/// Returns an address without what may be a user name or a password.
///
/// An address that can't be parsed, or that holds an `@` anywhere, isn't shown at all: where a
/// password has a `#` or a `/`, its rest isn't where a parser looks for it. A query and a
/// fragment are left out.
#[must_use]
pub fn address(text: &str) -> String {
    const HIDDEN: &str = "(not shown: it isn't an address, or may hold a password)";
    match Url::parse(text) {
        Ok(mut url) if !text.contains('@') && url.has_host() => {
            url.set_query(None);
            url.set_fragment(None);
            self::text(url.as_str().trim_end_matches('/')).into_owned()
        }
        _ => HIDDEN.to_owned(),
    }
}

/// Returns the text like [`text`](fn@text), in quotation marks, with a backslash before each mark and
/// each backslash within. Unlike `{:?}` it leaves the accents of decomposed letters as they are.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if steers(c) => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn escaped(text: &str, steers: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&steers) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Returns whether a terminal obeys a character or shows nothing for it: control characters,
/// marks of direction, separators of lines, and what has no width. The two joiners aren't among
/// them: names in Persian and in Indic scripts, and some emoji, are spelt with them.
#[must_use]
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_escaped() {
        let cases = [
            ("\u{1b}[31mred\u{7}", "\\u{1b}[31mred\\u{7}"),
            ("one\r\ntwo\tthree", "one\\r\\ntwo\\tthree"),
            ("\u{9b}2J\u{7f}\0", "\\u{9b}2J\\u{7f}\\u{0}"),
            ("a\u{202e}b\u{2066}c\u{200f}", "a\\u{202e}b\\u{2066}c\\u{200f}"),
            ("a\u{200b}b\u{feff}c\u{2028}d\u{e0041}", "a\\u{200b}b\\u{feff}c\\u{2028}d\\u{e0041}"),
        ];
        for (hostile, shown) in cases {
            assert_eq!(text(hostile), shown);
        }
        assert_eq!(lines("one\r\ntwo\u{1b}"), "one\\r\ntwo\\u{1b}");
    }

    #[test]
    fn what_is_visible_stays() {
        let joined = "\u{645}\u{6cc}\u{200c}\u{622} \u{915}\u{94d}\u{200d}\u{937} 👩\u{200d}💻";
        for visible in ["", "Zoë – 日本語 العربية 😀", "a\\b \"c\"", joined, "Mu\u{308}ller"]
        {
            assert!(matches!(text(visible), Cow::Borrowed(same) if same == visible));
        }
    }

    #[test]
    fn a_quoted_text_keeps_its_letters() {
        assert_eq!(quoted("Mu\u{308}ller"), "\"Mu\u{308}ller\"");
        assert_eq!(quoted("a \"b\" \\c\n\u{202e}"), "\"a \\\"b\\\" \\\\c\\n\\u{202e}\"");
    }

    #[test]
    fn an_address_shows_no_password_however_it_is_written() {
        for hidden in [
            "https://user:hunter2@host",
            "https://user:hu#nter2@host",
            "https://user:12#hunter2@host",
            "https://user/hunter2@host",
            "https://user:hunter2",
            "https:\\\\user:hunter2@host",
            "user:hunter2@host:443",
            "hunter2",
            "mailto:hunter2",
        ] {
            assert!(address(hidden).starts_with("(not shown"), "{hidden}");
        }
        assert_eq!(address("https://example.com/"), "https://example.com");
        assert_eq!(
            address("https://example.com:444/a?hunter2#hunter2"),
            "https://example.com:444/a"
        );
        assert_eq!(address("http://[::1]:9"), "http://[::1]:9");
    }
}

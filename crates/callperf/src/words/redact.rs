//! Takes secrets out of what is shown, in every form that a response may repeat them in.
//!
//! A secret is looked for character by character, each in any of its encodings: plain, percent
//! encoded as in URLs and forms, escaped as in JSON, an entity as in HTML, and these on top of each
//! other. So a secret is found however it is spelt, and one that looks like an escape is, too.

use base64::{
    Engine as _,
    alphabet::{Alphabet, STANDARD, URL_SAFE},
    engine::{GeneralPurpose, general_purpose::NO_PAD},
};

const SHOWN: &[u8] = b"[redacted]";

/// How many encodings may lie on top of each other: JSON in JSON in HTML.
const DEPTH: u8 = 3;

/// A shorter piece of base64 would be found in texts that have nothing to do with the secret.
const SHORTEST_BASE64: usize = 6;

/// A body without any of the secrets, and otherwise byte for byte as it was.
pub(crate) fn without(body: &[u8], secrets: &[&str]) -> Vec<u8> {
    Redacted::new(body, secrets).collect()
}

/// The beginning of a body without any of the secrets, as long as `bytes` or a little longer.
pub(crate) fn beginning_without(body: &[u8], secrets: &[&str], bytes: usize) -> Vec<u8> {
    Redacted::new(body, secrets).take(bytes).collect()
}

/// The bytes of a body in one pass. Secrets that overlap or touch are redacted as one.
struct Redacted<'a> {
    body: &'a [u8],
    needles: Vec<Vec<char>>,
    at: usize,
    /// Where the secret ends that the place is in.
    hidden_until: usize,
    /// What is left to give of the last replacement.
    replacement: &'static [u8],
}

impl<'a> Redacted<'a> {
    fn new(body: &'a [u8], secrets: &[&str]) -> Self {
        let secrets = secrets.iter().filter(|secret| !secret.is_empty());
        let needles = secrets.flat_map(|secret| needles(secret)).collect();
        Self { body, needles, at: 0, hidden_until: 0, replacement: b"" }
    }

    /// Where the longest secret ends that begins at a place.
    fn longest(&self, at: usize) -> Option<usize> {
        let (first, _) = plain(self.body, at)?;
        let may_begin = |needle: &&Vec<char>| begins_escape(first) || is_same(needle[0], first);
        let likely = self.needles.iter().filter(may_begin);
        likely.filter_map(|needle| end(needle, self.body, at)).max()
    }
}

impl Iterator for Redacted<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        loop {
            if let Some((first, rest)) = self.replacement.split_first() {
                self.replacement = rest;
                return Some(*first);
            }
            let byte = *self.body.get(self.at)?;
            if let Some(end) = self.longest(self.at) {
                if self.at > self.hidden_until || self.hidden_until == 0 {
                    self.replacement = SHOWN;
                }
                self.hidden_until = self.hidden_until.max(end);
            }
            self.at += 1;
            if self.at > self.hidden_until {
                return Some(byte);
            }
        }
    }
}

/// What to look for: the secret, and what base64 has of it wherever in an encoded text it stands.
fn needles(secret: &str) -> Vec<Vec<char>> {
    let mut all = vec![secret.chars().collect()];
    for written in [secret.to_owned(), in_form(secret), in_url(secret)] {
        for alphabet in [&STANDARD, &URL_SAFE] {
            let pieces = (0..3).map(|before| base64_piece(&written, before, alphabet));
            all.extend(pieces.filter(|piece: &Vec<char>| piece.len() >= SHORTEST_BASE64));
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// As in a form, which RFC 6749 has before base64 in a Basic header.
fn in_form(secret: &str) -> String {
    percent_encoded(secret, |byte| byte.is_ascii_alphanumeric() || b"*-._".contains(&byte))
        .replace("%20", "+")
}

fn in_url(secret: &str) -> String {
    percent_encoded(secret, |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

fn percent_encoded(secret: &str, is_plain: impl Fn(u8) -> bool) -> String {
    let encoded = |byte: u8| {
        if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    secret.bytes().map(encoded).collect()
}

/// The digits that the secret alone decides where so many bytes stand before it.
fn base64_piece(secret: &str, before: usize, alphabet: &Alphabet) -> Vec<char> {
    let bytes = [&[0; 2][..before], secret.as_bytes()].concat();
    let digits = GeneralPurpose::new(alphabet, NO_PAD).encode(&bytes);
    let (first, last) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
    digits.chars().take(last).skip(first).collect()
}

/// Where a needle ends that begins at a place.
fn end(needle: &[char], text: &[u8], at: usize) -> Option<usize> {
    let mut places = vec![at];
    for wanted in needle {
        let mut next = Vec::new();
        for place in places {
            let all = readings(text, place, DEPTH).into_iter();
            next.extend(all.filter(|(read, _)| is_same(*read, *wanted)).map(|(_, end)| end));
        }
        next.sort_unstable();
        next.dedup();
        if next.is_empty() {
            return None;
        }
        places = next;
    }
    places.last().copied()
}

/// A plus is a space in a form.
fn is_same(one: char, other: char) -> bool {
    one == other || (matches!(one, '+' | ' ') && matches!(other, '+' | ' '))
}

/// A character, and where the text goes on after it.
type Reading = (char, usize);

/// All characters that the text at a place can stand for.
fn readings(text: &[u8], at: usize, depth: u8) -> Vec<Reading> {
    let Some(plain) = plain(text, at) else { return Vec::new() };
    if depth == 0 || !begins_escape(plain.0) {
        return vec![plain];
    }
    let depth = depth - 1;
    let mut all = readings(text, at, depth);
    for index in 0..all.len() {
        let (first, rest) = all[index];
        match first {
            '%' => all.extend(percent(text, rest, depth)),
            '\\' => all.extend(backslash(text, rest, depth)),
            '&' => all.extend(entity(text, rest, depth)),
            _ => {}
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn begins_escape(first: char) -> bool {
    matches!(first, '%' | '\\' | '&')
}

/// The character itself; a byte that begins none, as Latin-1 has it.
fn plain(text: &[u8], at: usize) -> Option<Reading> {
    let rest = text.get(at..)?;
    let first = *rest.first()?;
    let length = utf8_length(first);
    let whole = rest.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let whole = whole.and_then(|whole| whole.chars().next());
    Some(whole.map_or((char::from(first), at + 1), |read| (read, at + length)))
}

fn utf8_length(first: u8) -> usize {
    match first {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xFF => 4,
        _ => 1,
    }
}

/// The numbers that so many hexadecimal digits can stand for.
fn hex(text: &[u8], at: usize, digits: u32, depth: u8) -> Vec<(u32, usize)> {
    let mut all = vec![(0, at)];
    for _ in 0..digits {
        let mut next = Vec::new();
        for (value, place) in all {
            let read = readings(text, place, depth).into_iter();
            next.extend(read.filter_map(|(c, end)| Some((value * 16 + c.to_digit(16)?, end))));
        }
        all = next;
    }
    all
}

/// After a percent sign: a byte of UTF-8 and those that belong to it, or one of Latin-1.
fn percent(text: &[u8], at: usize, depth: u8) -> Vec<Reading> {
    let mut all = Vec::new();
    for (value, end) in hex(text, at, 2, depth) {
        let Ok(first) = u8::try_from(value) else { continue };
        all.push((char::from(first), end));
        let mut partial = vec![(vec![first], end)];
        for _ in 1..utf8_length(first) {
            partial = partial.into_iter().flat_map(|it| continued(text, &it, depth)).collect();
        }
        let whole = |(bytes, end): (Vec<u8>, usize)| {
            Some((std::str::from_utf8(&bytes).ok()?.chars().next()?, end))
        };
        all.extend(partial.into_iter().filter_map(whole));
    }
    all
}

fn continued(text: &[u8], (bytes, at): &(Vec<u8>, usize), depth: u8) -> Vec<(Vec<u8>, usize)> {
    let signs = readings(text, *at, depth).into_iter().filter(|(read, _)| *read == '%');
    let values = signs.flat_map(|(_, end)| hex(text, end, 2, depth));
    let byte = |(value, end)| Some(([bytes, &[u8::try_from(value).ok()?][..]].concat(), end));
    values.filter_map(byte).collect()
}

/// After a backslash: the escapes of JSON and of scripts.
fn backslash(text: &[u8], at: usize, depth: u8) -> Vec<Reading> {
    let mut all = Vec::new();
    for (read, end) in readings(text, at, depth) {
        match read {
            '"' | '\'' | '\\' | '/' => all.push((read, end)),
            'b' => all.push(('\u{8}', end)),
            'f' => all.push(('\u{c}', end)),
            'n' => all.push(('\n', end)),
            'r' => all.push(('\r', end)),
            't' => all.push(('\t', end)),
            'x' => all.extend(hex(text, end, 2, depth).into_iter().filter_map(character)),
            'u' => all.extend(unicode(text, end, depth)),
            _ => {}
        }
    }
    all
}

fn character((value, end): (u32, usize)) -> Option<Reading> {
    Some((char::from_u32(value)?, end))
}

/// Four digits, or twice four that are a pair of surrogates.
fn unicode(text: &[u8], at: usize, depth: u8) -> Vec<Reading> {
    let mut all = Vec::new();
    for (high, end) in hex(text, at, 4, depth) {
        if !(0xD800..0xDC00).contains(&high) {
            all.extend(character((high, end)));
            continue;
        }
        let after = |wanted: char, place: usize| {
            let read = readings(text, place, depth).into_iter();
            read.filter(move |(read, _)| *read == wanted).map(|(_, end)| end)
        };
        let marks = after('\\', end).flat_map(|place| after('u', place));
        let lows = marks.flat_map(|place| hex(text, place, 4, depth));
        let lows = lows.filter(|(low, _)| (0xDC00..0xE000).contains(low));
        let pair = |(low, end)| (0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00), end);
        all.extend(lows.map(pair).filter_map(character));
    }
    all
}

/// After an ampersand: an entity by number or by name. The semicolon may be missing.
fn entity(text: &[u8], at: usize, depth: u8) -> Vec<Reading> {
    let mut all = Vec::new();
    for (read, end) in readings(text, at, depth) {
        if read == '#' {
            all.extend(number(text, end, 10));
            let marks = readings(text, end, depth).into_iter();
            let marks = marks.filter(|(mark, _)| matches!(mark, 'x' | 'X'));
            all.extend(marks.filter_map(|(_, end)| number(text, end, 16)));
        }
    }
    all.extend(named(text, at));
    for index in 0..all.len() {
        let (read, end) = all[index];
        let semicolons = readings(text, end, depth).into_iter().filter(|(next, _)| *next == ';');
        all.extend(semicolons.map(|(_, end)| (read, end)));
    }
    all
}

fn number(text: &[u8], at: usize, radix: u32) -> Option<Reading> {
    let digits = text.get(at..)?.iter().take_while(|byte| char::from(**byte).is_digit(radix));
    let length = digits.count();
    let digits = std::str::from_utf8(&text[at..at + length]).ok()?;
    character((u32::from_str_radix(digits, radix).ok()?, at + length))
}

fn named(text: &[u8], at: usize) -> impl Iterator<Item = Reading> {
    let rest = text.get(at..).unwrap_or_default();
    let names = ENTITIES.iter().filter(|(name, _)| rest.starts_with(name.as_bytes()));
    names.map(move |(name, read)| (*read, at + name.len()))
}

/// The names that HTML has for visible ASCII.
const ENTITIES: [(&str, char); 39] = [
    ("AMP", '&'),
    ("GT", '>'),
    ("Hat", '^'),
    ("LT", '<'),
    ("NewLine", '\n'),
    ("QUOT", '"'),
    ("Tab", '\t'),
    ("amp", '&'),
    ("apos", '\''),
    ("ast", '*'),
    ("bsol", '\\'),
    ("colon", ':'),
    ("comma", ','),
    ("commat", '@'),
    ("dollar", '$'),
    ("equals", '='),
    ("excl", '!'),
    ("grave", '`'),
    ("gt", '>'),
    ("hyphen", '-'),
    ("lbrace", '{'),
    ("lbrack", '['),
    ("lcub", '{'),
    ("lowbar", '_'),
    ("lpar", '('),
    ("lsqb", '['),
    ("lt", '<'),
    ("num", '#'),
    ("percnt", '%'),
    ("period", '.'),
    ("plus", '+'),
    ("quest", '?'),
    ("quot", '"'),
    ("rcub", '}'),
    ("rpar", ')'),
    ("rsqb", ']'),
    ("semi", ';'),
    ("sol", '/'),
    ("verbar", '|'),
];

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE as BASE64_URL};
    use proptest::prelude::*;

    use super::*;

    fn shown(body: &str, secrets: &[&str]) -> String {
        String::from_utf8(without(body.as_bytes(), secrets)).unwrap()
    }

    #[test]
    fn the_rest_is_kept_byte_for_byte() {
        let body = without(b"a jwt.part and a \xffjwt\xc3", &["jwt", "jwt.part", ""]);
        assert_eq!(body, b"a [redacted] and a \xff[redacted]\xc3");
        assert_eq!(without(b"100% \\u00e &amp &#; %zz", &["secret"]), b"100% \\u00e &amp &#; %zz");
        assert_eq!(without(b"", &["secret"]), b"");
    }

    #[test]
    fn what_was_redacted_isnt_looked_at_again() {
        assert_eq!(
            shown("see a, b and c", &["a", "b", "c"]),
            "see [redacted], [redacted] [redacted]nd [redacted]"
        );
        assert_eq!(shown("abc", &["a", "b", "c"]), "[redacted]");
        assert_eq!(shown("[redacted]", &["red"]), "[[redacted]acted]");
    }

    #[test]
    fn secrets_that_overlap_leave_no_rest() {
        assert_eq!(shown("xabcdex", &["abc", "cde"]), "x[redacted]x");
        assert_eq!(shown("xcdeabcx", &["abc", "cde"]), "x[redacted]x");
        assert_eq!(shown("aaa", &["aa"]), "[redacted]");
    }

    const SECRET: &str = "a/b+c&d\"<é>%41\\ 😀'=";

    #[test]
    fn a_secret_is_found_in_every_encoding() {
        let cases = [
            SECRET,
            "a%2Fb%2Bc%26d%22%3C%C3%A9%3E%2541%5C+%F0%9F%98%80%27%3D",
            "a%2fb%2bc%26d%22%3c%c3%a9%3e%2541%5c%20%f0%9f%98%80%27%3d",
            "a%252Fb%252Bc%2526d%2522%253C%25C3%25A9%253E%252541%255C%2520%25F0%259F%2598%2580%2527%253D",
            "%61%2F%62%2B%63%26%64%22%3C%E9%3E%25%34%31%5C%20😀%27%3D",
            r#"a/b+c&d\"<é>%41\\ 😀'="#,
            r#"a\/b+c&d\"<\u00e9>%41\\ \ud83d\ude00'="#,
            r"\u0061\u002F\u0062\u002b\u0063\u0026d\u0022\u003C\u00E9\u003E\u002541\u005c\u0020\uD83D\uDE00\u0027\u003d",
            r#"a\\/b+c&d\\\"<\\u00e9>%41\\\\ 😀'="#,
            "a/b+c&amp;d&quot;&lt;é&gt;%41\\ 😀&#39;=",
            "a&#x2F;b&#43;c&#38;d&#34;&#60;&#xe9;&#X3E;&#0037;41&#x00005C; &#128512;&#x27;&#x3D;",
            "a&sol;b&plus;c&amp;d&quot;&LT;&#233;&GT;&percnt;41&bsol; &#x1F600;&apos;&equals;",
            "a/b+c&ampd&quot&lté&gt%41\\ 😀&#39=",
            "a&amp;#x2F;b+c&amp;amp;d&amp;quot;&amp;lt;é&amp;gt;%41\\ 😀'=",
            r"a\/b%2Bc&amp;d\u0022&lt;%C3%A9>%41\\ 😀&#x27;\x3D",
        ];
        for case in cases {
            for secrets in [&[SECRET][..], &["other", SECRET]] {
                assert_eq!(shown(&format!("[{case}]"), secrets), "[[redacted]]", "{case}");
            }
        }
    }

    #[test]
    fn a_secret_is_found_in_base64_wherever_it_stands() {
        let secret = "s3cret/+value?>~";
        for before in ["", "x", "id:", "user:", "client-id:"] {
            for after in ["", "y", "yz", "\n more"] {
                for engine in [&BASE64, &BASE64_URL] {
                    let text = engine.encode(format!("{before}{secret}{after}"));
                    let shown = shown(&format!("Basic {text}"), &[secret]);
                    assert!(shown.contains("[redacted]"), "{shown}");
                    // At most a digit on either side holds some bits of it.
                    let rest = shown.len() - "Basic [redacted]".len();
                    assert!(rest <= (before.len() + after.len() + 8) * 4 / 3, "{text} {shown}");
                }
            }
        }
        assert_eq!(shown("cw==", &["s"]), "cw==", "short secrets would hide everything");
    }

    #[test]
    fn the_beginning_is_scrubbed_before_it_is_cut() {
        let body = [b"xx".as_slice(), &b"secret".repeat(1000)].concat();
        assert_eq!(beginning_without(&body, &["secret"], 8), b"xx[redac");
    }

    fn by_byte(c: char, written: impl Fn(u8) -> String) -> String {
        c.to_string().bytes().map(written).collect()
    }

    #[test]
    fn base64_of_an_encoded_secret_is_found() {
        let secret = "Cl1ent/S3cr&t+ é";
        for written in [in_form(secret), in_url(secret)] {
            for before in ["", "a", "id:", "id"] {
                let body = format!("{before}{written}");
                let encoded = GeneralPurpose::new(&STANDARD, NO_PAD).encode(&body);
                assert!(shown(&encoded, &[secret]).contains("[redacted]"), "{body}");
            }
        }
    }

    proptest! {
        /// However each character is written, the secret isn't there afterwards.
        #[test]
        fn a_mixture_of_encodings_is_found(
            secret in "[ -~é]{1,12}",
            ways in proptest::collection::vec(0_u8..7, 12),
        ) {
            let written: String = secret.chars().zip(ways).map(|(c, way)| match way {
                1 => by_byte(c, |byte| format!("%{byte:02X}")),
                2 => by_byte(c, |byte| format!("%{byte:02x}")),
                3 => format!("\\u{:04x}", u32::from(c)),
                4 => format!("&#{};", u32::from(c)),
                5 => format!("&#x{:04X};", u32::from(c)),
                6 => by_byte(c, |byte| format!("%25{byte:02X}")),
                _ => c.to_string(),
            }).collect();
            prop_assert_eq!(shown(&format!("\0{written}\0"), &[&secret]), "\0[redacted]\0");
        }

        #[test]
        fn other_bodies_are_left_alone(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(without(&body, &["a secret that isn't there"]), body);
        }
    }
}

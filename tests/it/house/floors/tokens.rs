//! Paths in what `syn` leaves as tokens: bodies and arguments of macros and attributes.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

/// A path as it is written. A leading `::` is an empty first segment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Written {
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
    pub(super) is_macro: bool,
    /// Whether it is fine if there is no such item.
    pub(super) may_be_missing: bool,
}

impl Written {
    pub(super) fn new(segments: Vec<String>, line: usize) -> Self {
        Self { segments, line, is_macro: false, may_be_missing: false }
    }
}

/// The keys of derives whose values are paths in quotes.
const QUOTED: [&str; 10] = [
    "bound",
    "default",
    "deserialize_with",
    "from",
    "into",
    "remote",
    "schema_with",
    "serialize_with",
    "skip_serializing_if",
    "try_from",
];

pub(super) fn text(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map(str::to_owned).unwrap_or(text)
}

pub(super) fn paths(tokens: TokenStream) -> Vec<Written> {
    let mut found = Vec::new();
    scan(&tokens.into_iter().collect::<Vec<_>>(), &mut found);
    found
}

/// Each name in the tokens, and whether a keyword that declares an item is before it.
pub(super) fn names(tokens: TokenStream) -> Vec<(String, bool)> {
    const KEYWORDS: [&str; 9] =
        ["const", "enum", "fn", "mod", "static", "struct", "trait", "type", "union"];
    let (mut found, mut is_declared) = (Vec::new(), false);
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                found.push((text(&ident), is_declared));
                is_declared = KEYWORDS.contains(&text(&ident).as_str());
            }
            TokenTree::Group(group) => {
                found.extend(names(group.stream()));
                is_declared = false;
            }
            _ => is_declared = false,
        }
    }
    found
}

fn is_punct(token: Option<&TokenTree>, letter: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == letter)
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':')
}

fn scan(tokens: &[TokenTree], found: &mut Vec<Written>) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at = match token {
            TokenTree::Group(group) => {
                scan(&group.stream().into_iter().collect::<Vec<_>>(), found);
                at + 1
            }
            TokenTree::Ident(ident) => {
                let first = first_segments(tokens, at, ident);
                let (path, next) = path(tokens, at, ident, first.clone(), found);
                if first.is_some() {
                    found.extend(path);
                    found.extend(quoted(tokens, at, ident));
                }
                next
            }
            _ => at + 1,
        };
    }
}

/// How a path begins that begins at this name; `None` if no path does.
fn first_segments(tokens: &[TokenTree], at: usize, ident: &Ident) -> Option<Vec<String>> {
    let before = |back: usize| at.checked_sub(back).and_then(|at| tokens.get(at));
    let name = text(ident);
    if is_punct(before(1), '$') {
        return (name == "crate").then(|| vec![name]);
    }
    let is_range = is_punct(before(1), '.') && is_punct(before(2), '.');
    let is_member = is_punct(before(1), '.') && !is_range && name != "await";
    if is_member || is_punct(before(1), '\'') {
        return None;
    }
    if is_punct(before(1), ':') && is_punct(before(2), ':') {
        let goes_on = matches!(before(3), Some(TokenTree::Ident(_) | TokenTree::Group(_)));
        return (!goes_on && !is_punct(before(3), '>')).then(|| vec![String::new(), name]);
    }
    Some(vec![name])
}

/// The path from here on, and where the tokens go on after it. What braces after `::` hold is found at once.
fn path(
    tokens: &[TokenTree],
    at: usize,
    ident: &Ident,
    first: Option<Vec<String>>,
    found: &mut Vec<Written>,
) -> (Option<Written>, usize) {
    let line = ident.span().start().line;
    let is_start = first.is_some();
    let (mut segments, mut next) = (first.unwrap_or_default(), at + 1);
    while is_colons(tokens, next) {
        match tokens.get(next + 2) {
            Some(TokenTree::Ident(ident)) => segments.push(text(ident)),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace && is_start => {
                used(&segments, group, found);
                return (None, next + 3);
            }
            _ => break,
        }
        next += 3;
    }
    let is_macro = is_punct(tokens.get(next), '!')
        && matches!(tokens.get(next + 1), Some(TokenTree::Group(_)));
    (Some(Written { is_macro, ..Written::new(segments, line) }), next)
}

/// The paths of a group of a `use` in a macro.
fn used(prefix: &[String], group: &Group, found: &mut Vec<Written>) {
    let mut inner = Vec::new();
    scan(&group.stream().into_iter().collect::<Vec<_>>(), &mut inner);
    for written in inner {
        let rest = written.segments.into_iter().filter(|segment| segment != "self");
        let segments = prefix.iter().cloned().chain(rest).collect();
        found.push(Written { segments, ..written });
    }
}

/// The path in `with = "path"` and its like.
fn quoted(tokens: &[TokenTree], at: usize, key: &Ident) -> Vec<Written> {
    let is_value = is_punct(tokens.get(at + 1), '=');
    let Some(TokenTree::Literal(literal)) = tokens.get(at + 2).filter(|_| is_value) else {
        return Vec::new();
    };
    let line = literal.span().start().line;
    let text = syn::parse_str::<syn::LitStr>(&literal.to_string()).map(|text| text.value());
    let Some(tokens) = text.ok().and_then(|text| text.parse().ok()) else { return Vec::new() };
    let paths = paths(tokens).into_iter().map(|path| Written { line, ..path });
    match key.to_string().as_str() {
        "with" => paths.flat_map(|module| called(&module)).collect(),
        key if QUOTED.contains(&key) => paths.collect(),
        _ => Vec::new(),
    }
}

/// What a derive may call of a module.
fn called(module: &Written) -> [Written; 2] {
    ["serialize", "deserialize"].map(|function| {
        let mut path = Written { may_be_missing: true, ..module.clone() };
        path.segments.push(function.to_owned());
        path
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(tokens: &str) -> Vec<String> {
        let mark = |path: &Written| if path.is_macro { "!" } else { "" };
        paths(tokens.parse().unwrap())
            .iter()
            .map(|path| format!("{}{}", path.segments.join("::"), mark(path)))
            .collect()
    }

    #[test]
    fn paths_are_found_in_tokens() {
        for (tokens, expected) in [
            ("crate::a::B::new(c::d(1), e)", vec!["crate::a::B::new", "c::d", "e"]),
            ("$crate::a::b!($x::y, $z)", vec!["crate::a::b!"]),
            ("super::super::a", vec!["super::super::a"]),
            ("x.a().b::<c::D>()", vec!["x", "c::D"]),
            ("a::<B>::c", vec!["a", "B"]),
            ("<A as b::C>::d", vec!["A", "as", "b::C"]),
            ("::a::b", vec!["::a::b"]),
            ("0..n, a != b, 'l: loop", vec!["n", "a", "b", "loop"]),
            ("use super::{a, b::{c, self}};", vec!["use", "super::a", "super::b::c", "super::b"]),
            ("with = \"a::b\"", vec!["with", "a::b::serialize", "a::b::deserialize"]),
            ("default = \"a::b\", rename = \"a::c\"", vec!["default", "a::b", "rename"]),
            ("r#type::a", vec!["type::a"]),
            ("x().await", vec!["x", "await"]),
        ] {
            assert_eq!(found(tokens), expected, "{tokens}");
        }
    }
}

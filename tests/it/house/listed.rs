//! Lists of what is still against a rule, which may only shrink.

use std::{collections::BTreeSet, fs};

use crate::support::workspace;

pub(super) fn is_blessed() -> bool {
    std::env::var_os("BLESS").is_some()
}

/// Fails on what isn't listed, and on what is listed and is fine by now. `BLESS=1` takes the latter out.
pub(super) fn only_shrinks(list: &str, now: &BTreeSet<String>, remedy: &str) {
    let file = workspace().join(list);
    let text = fs::read_to_string(&file).unwrap();
    let before: BTreeSet<_> = text.lines().map(str::to_owned).collect();
    let added: Vec<_> = now.difference(&before).collect();
    assert!(added.is_empty(), "{remedy}: {added:#?}");
    let fixed: Vec<_> = before.difference(now).collect();
    if is_blessed() {
        let lines: Vec<_> = now.iter().map(|line| [line, "\n"].concat()).collect();
        fs::write(&file, lines.concat()).unwrap();
    } else {
        assert!(fixed.is_empty(), "take out of {list}, or run with BLESS=1: {fixed:#?}");
    }
}

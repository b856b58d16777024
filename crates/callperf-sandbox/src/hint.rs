//! What a name may have been meant to be.

/// The nearest name, if there is one near enough.
pub(crate) fn did_you_mean<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> String {
    let near = names.map(|name| (strsim::jaro_winkler(given, name), name));
    let near = near.filter(|(likeness, _)| *likeness > 0.8);
    match near.max_by(|one, other| one.0.total_cmp(&other.0)) {
        Some((_, name)) => format!("; did you mean `{name}`?"),
        None => String::new(),
    }
}

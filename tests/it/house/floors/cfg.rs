//! Which items exist in a test build only.

use syn::{Attribute, Item, Meta, Token, punctuated::Punctuated};

/// What a condition is outside tests: `None` if that depends on the build.
fn holds(condition: &Meta) -> Option<bool> {
    let Meta::List(list) = condition else {
        return condition.path().is_ident("test").then_some(false);
    };
    let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
    let parts: Vec<_> = parts.iter().map(holds).collect();
    let name = list.path.get_ident()?.to_string();
    match name.as_str() {
        "not" => parts.first().copied().flatten().map(|part| !part),
        "all" if parts.contains(&Some(false)) => Some(false),
        "all" if parts.iter().all(|part| *part == Some(true)) => Some(true),
        "any" if parts.contains(&Some(true)) => Some(true),
        "any" if parts.iter().all(|part| *part == Some(false)) => Some(false),
        _ => None,
    }
}

pub(super) fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is_cfg = attribute.path().is_ident("cfg");
        let condition = || attribute.parse_args::<Meta>().ok();
        attribute.path().is_ident("test")
            || (is_cfg && condition().is_some_and(|condition| holds(&condition) == Some(false)))
    })
}

pub(super) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[test]
fn conditions_that_only_tests_fulfil() {
    for (attribute, expected) in [
        ("#[cfg(test)]", true),
        ("#[test]", true),
        ("#[cfg(all(test, unix))]", true),
        ("#[cfg(any(test, all(unix, test)))]", true),
        ("#[cfg(not(not(test)))]", true),
        ("#[cfg(any(test, feature = \"testing\"))]", false),
        ("#[cfg(not(test))]", false),
        ("#[cfg(unix)]", false),
        ("#[cfg_attr(test, derive(Debug))]", false),
        ("#[inline]", false),
    ] {
        let item: Item = syn::parse_str(&format!("{attribute} fn x() {{}}")).unwrap();
        assert_eq!(is_for_tests(attributes(&item)), expected, "{attribute}");
    }
}

//! Snapshots by their own names, beside the tests.

pub(crate) fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

pub(crate) fn snapshot(name: &str, value: &str) {
    settings().bind(|| insta::assert_snapshot!(name, value));
}

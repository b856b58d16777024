//! JSON pointers.

/// The JSON pointer of a member.
pub fn child(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The key that a step of a pointer stands for.
pub(crate) fn key(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

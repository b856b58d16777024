//! Which fields identify an account, its people and its numbers.

/// The names of an API's fields that hold what identifies. Those that any of the vendor's
/// responses may have are known here.
#[derive(Clone, Copy)]
pub(crate) struct Identifying {
    /// Of accounts, extensions and numbers.
    pub(crate) ids: &'static [&'static str],
    /// Of people and places.
    pub(crate) names: &'static [&'static str],
    /// The operation whose response has identifiers for names of fields, and where.
    pub(crate) by_key: (&'static str, &'static str),
}

/// Texts about people and places.
const NAMES: [&str; 16] = [
    "name",
    "firstName",
    "middleName",
    "lastName",
    "nickName",
    "displayName",
    "contactName",
    "username",
    "email",
    "emailAddress",
    "company",
    "companyName",
    "jobTitle",
    "street",
    "city",
    "zip",
];

/// Parts of the names of fields that hold a secret.
const SECRETS: [&str; 6] = ["token", "secret", "password", "assertion", "authorization", "cookie"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of an account, an extension, a number.
    Id,
    Name,
    Secret,
}

impl Identifying {
    pub(super) fn kind(&self, field: &str) -> Option<Kind> {
        let lowercase = field.to_ascii_lowercase();
        let is_id = self.ids.contains(&field)
            || ["Id", "Ids", "Number", "Numbers", "Phone"].iter().any(|end| field.ends_with(end))
            || ["id", "phone", "callerId"].contains(&field);
        let is_name = || self.names.contains(&field) || NAMES.contains(&field);
        if SECRETS.iter().any(|part| lowercase.contains(part)) {
            Some(Kind::Secret)
        } else if is_id {
            Some(Kind::Id)
        } else {
            is_name().then_some(Kind::Name)
        }
    }
}

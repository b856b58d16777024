//! The APIs, by the names that they have in `openapi/revisions.toml`.

use std::fmt;

use serde::Deserialize;

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum Api {
    Beta,
    PhoneV1,
    CallsV1,
    Directory,
}

impl Api {
    pub fn name(self) -> &'static str {
        match self {
            Self::Beta => "beta",
            Self::PhoneV1 => "phone-v1",
            Self::CallsV1 => "calls-v1",
            Self::Directory => "directory",
        }
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

//! `openapi/renames.toml`: what became what where an api changed its names.

mod checks;
mod lines;
mod list;
pub mod marks;
pub mod old_names;
pub mod pins;
pub mod recorded;
mod rename;
pub mod spelling;
pub mod steps;

pub use list::{load, since_named};
pub use rename::{Kind, RENAMES, Rename};

//! `openapi/renames.toml`: what became what where an api changed its names.

pub mod changes;
mod checks;
mod dropped;
mod lines;
mod list;
pub mod marks;
pub mod old_names;
pub mod pins;
pub mod recorded;
mod rename;
mod schemas;
pub mod spelling;
pub mod steps;
pub mod texts;
pub mod words;

pub use checks::before;
pub use list::{load, of, since_named};
pub use rename::{Entry, Kind, RENAMES, Rename};

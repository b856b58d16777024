//! Queries in files.

mod definition;
mod filters;
mod parts;
mod word;

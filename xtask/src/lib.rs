//! Keeps the specification and the generated client. `openapi/README.md` explains the stages.

// A library only so that the tests get at the stages: each error says itself when it comes.
#![allow(clippy::missing_errors_doc, clippy::must_use_candidate)]

pub mod adopt;
pub mod api;
pub mod bench;
mod boxes;
pub mod browser;
pub mod canon;
pub mod catalogue;
pub mod changelog;
pub mod coverage;
pub mod date;
pub mod diff;
pub mod document;
pub mod downgrade;
pub mod envelope;
pub mod error;
mod exact;
pub mod fetch;
pub mod generate;
mod identifiers;
pub mod import;
pub mod interface;
pub mod lower;
pub mod matrix;
pub mod names;
mod node;
mod number;
pub mod overlay;
mod parse;
pub mod parts;
mod pointer;
pub mod preflight;
pub mod public_api;
mod published;
mod reading;
pub mod reference;
pub mod renames;
pub mod responses;
pub mod revision;
pub mod shown;
pub mod snapshot;
mod text;
pub mod workspace;

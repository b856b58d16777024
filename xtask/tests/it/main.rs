//! The stages, and the program on a copy of the workspace.

mod adopt;
mod bad_input;
mod coverage;
mod diff;
mod fuzz;
mod generated;
mod import;
mod lowering;
mod overlays;
mod responses;
mod support;
mod workspace;

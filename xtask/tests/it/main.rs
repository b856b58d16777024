//! The stages, and the program on a copy of the workspace.

mod bad_input;
mod generated;
mod import;
mod lowering;
mod overlays;
mod support;

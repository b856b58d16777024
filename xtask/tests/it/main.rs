//! The stages, and the program on a copy of the workspace.

mod adopt;
mod bad_input;
mod coverage;
mod diff;
mod diff_fields;
mod diff_holds;
mod downgrade;
mod fetch;
mod fuzz;
mod generated;
mod identifiers;
mod import;
mod interface;
mod lowering;
mod newer;
mod overlay_form;
mod overlays;
mod parameters;
mod reading;
mod recursion;
mod reference;
mod renames;
mod responses;
mod shown;
mod support;
mod workspace;

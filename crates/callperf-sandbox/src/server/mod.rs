//! The paths, what answers them, and the sandbox that serves them.

mod control;
mod documented;
mod faults;
mod gate;
mod lists;
mod reference;
mod routes;
pub(crate) mod sandbox;
mod state;

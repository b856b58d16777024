//! The workspace's tests, in the order of what they protect: the wire, both
//! APIs against each other, answers and errors, the repository's own rules.

mod agreement;
mod answers;
mod errors;
mod house;
mod lowered;
mod rules;
mod support;
mod wire;

//! The commands.

mod calibrate;
mod completions;
mod dashboard;
mod demo;
mod doctor;
mod drift;
mod history;
mod login;
mod logout;
mod report;
mod run;
mod sandbox;
mod status;
mod sync;

pub(crate) use run::run;

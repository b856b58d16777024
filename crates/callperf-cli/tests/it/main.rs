//! One program, so that it is compiled and linked once.

mod answers;
mod calibration;
mod cli;
mod drift;
mod encodings;
mod examples;
mod history;
mod history_agents;
mod history_days;
mod history_directory;
mod history_forget;
mod history_memory;
mod history_objects;
mod history_reports;
mod login;
mod manager;
mod manners;
mod page;
mod reports;
mod snapshot;
mod support;
mod sync;
mod targets;
mod waits;
mod week;

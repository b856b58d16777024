//! The library part of the `callperf` program: its arguments, its commands,
//! and how reports are shown.
//!
//! Data goes to standard output, everything else to standard error. The exit
//! codes are those of [`Failure`].

#![deny(missing_docs)]

mod answers;
mod app;
mod args;
mod calibrate;
mod commands;
mod config;
mod connection;
mod console;
mod dashboard;
mod directory;
mod drift;
mod explain;
mod failure;
mod files;
mod fill;
mod format;
mod glossary;
mod history;
mod lookup;
mod model;
mod narrowing;
mod options;
mod order;
mod output;
mod pairs;
mod period;
mod postman;
mod preset;
mod pull;
mod question;
mod recent;
mod remedies;
pub mod render;
mod server_revision;
mod settings;
mod target;
mod text;
mod variables;
mod waits;
mod words;

use std::{ffi::OsString, process::ExitCode};

pub use failure::Failure;

/// Runs the program with these arguments, the first being its own name.
pub async fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<_> = args.into_iter().collect();
    // Asked for before the arguments are known to be right.
    let wants_json = args.iter().any(|argument| argument == "--json-errors");
    let arguments = match args::Arguments::read(args) {
        Ok(arguments) => arguments,
        Err(error) if wants_json && error.use_stderr() => {
            let message = error.render().to_string();
            return ended(&Failure::Usage(message.trim_end().to_owned()), wants_json);
        }
        Err(error) => {
            // Help and version go to standard output with code 0, the rest to
            // standard error with code 2.
            match error.print() {
                Err(fault) if fault.kind() != std::io::ErrorKind::BrokenPipe => {
                    return ended(&Failure::Output(fault), wants_json);
                }
                _ => {}
            }
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    console::set_quiet(arguments.global.quiet || wants_json);
    waits::say_from_now_on();
    match Box::pin(commands::run(arguments)).await {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of our output may stop early, as `head` does.
        Err(Failure::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => ended(&failure, wants_json),
    }
}

fn ended(failure: &Failure, as_json: bool) -> ExitCode {
    if as_json {
        console::say(&failure.to_json().to_string());
    } else {
        console::say(&format!("callperf: {failure}"));
    }
    ExitCode::from(failure.exit_code())
}

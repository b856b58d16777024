//! The library part of the `callperf` program: its arguments, its commands,
//! and how reports are shown.
//!
//! Data goes to standard output, everything else to standard error. The exit
//! codes are those of [`Failure`].

#![deny(missing_docs)]

mod args;
mod commands;
mod connection;
mod document;
mod failure;
mod glossary;
mod render;
mod words;

use std::{ffi::OsString, process::ExitCode};

use clap::Parser;

pub use failure::Failure;

/// Runs the program with these arguments, the first being its own name.
pub async fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match args::Arguments::try_parse_from(args) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version go to standard output with code 0, the rest to
            // standard error with code 2.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match commands::run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output may stop reading it, as `head` does.
        Err(Failure::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("callperf: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

//! The `callperf` program.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    callperf_cli::run(std::env::args_os()).await
}

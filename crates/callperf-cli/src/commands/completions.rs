//! What shells and `man` want to know of the program.

use std::{io, path::PathBuf};

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::Done;
use crate::{Failure, args::Arguments, console, target};

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell that the script is for
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// The folder that the pages are written to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(super) fn completions(args: &CompletionsArgs) -> Done {
    // The library writes to what can't fail.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "callperf", &mut script);
    Ok(io::Write::write_all(&mut io::stdout().lock(), &script)?)
}

/// One page for the program, and one for each command.
pub(super) fn man(args: &ManArgs) -> Done {
    let failed = |error| Failure::file(&args.out, &error);
    std::fs::create_dir_all(&args.out).map_err(failed)?;
    // The library would follow links and lose modes.
    let pages = tempfile::tempdir().map_err(failed)?;
    clap_mangen::generate_to(Arguments::command(), pages.path()).map_err(failed)?;
    for page in std::fs::read_dir(pages.path()).map_err(failed)? {
        let page = page.map_err(failed)?;
        let content = std::fs::read(page.path()).map_err(failed)?;
        let file = args.out.join(page.file_name());
        target::write(&file, &content).map_err(|error| Failure::file(&file, &error))?;
    }
    console::note(&format!("the pages are in {}", args.out.display()));
    Ok(())
}

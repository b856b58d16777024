//! What shells and `man` want to know of the program.

use std::io;

use clap::CommandFactory as _;

use crate::{
    Failure,
    args::{Arguments, CompletionsArgs, DETAILS, ManArgs, REPORT_EXAMPLES, TIMELINE_EXAMPLES},
    console,
    failure::Done,
    target,
};

pub(super) fn completions(args: &CompletionsArgs) -> Done {
    // The library writes to what can't fail.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "callperf", &mut script);
    Ok(io::Write::write_all(&mut io::stdout().lock(), &script)?)
}

/// The program with what its help has no room for: details of options, and examples.
fn for_the_manual() -> clap::Command {
    let with_details = |command: clap::Command, examples: &'static str| {
        let known = |command: &clap::Command, id: &str| {
            command.get_arguments().any(|argument| argument.get_id() == id)
        };
        let details = DETAILS.iter().filter(|(id, _)| known(&command, id)).collect::<Vec<_>>();
        let command = details.into_iter().fold(command, |command, (id, text)| {
            command.mut_arg(id, |argument| argument.help(*text))
        });
        command.after_help(examples)
    };
    Arguments::command()
        .mut_subcommand("report", |command| with_details(command, REPORT_EXAMPLES))
        .mut_subcommand("timeline", |command| with_details(command, TIMELINE_EXAMPLES))
}

/// One page for the program, and one for each command.
pub(super) fn man(args: &ManArgs) -> Done {
    let failed = |error| Failure::file(&args.out, &error);
    std::fs::create_dir_all(&args.out).map_err(failed)?;
    // The library would follow links and lose modes.
    let pages = tempfile::tempdir().map_err(failed)?;
    clap_mangen::generate_to(for_the_manual(), pages.path()).map_err(failed)?;
    for page in std::fs::read_dir(pages.path()).map_err(failed)? {
        let page = page.map_err(failed)?;
        let content = std::fs::read(page.path()).map_err(failed)?;
        let file = args.out.join(page.file_name());
        target::write(&file, &content).map_err(|error| Failure::file(&file, &error))?;
    }
    console::note(&format!("the pages are in {}", args.out.display()));
    Ok(())
}

//! One vocabulary of assumptions: the SDK's, the sandbox's and the document's.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use callperf::rules::{ASSUMPTIONS, Assumption, Calibration};
use callperf_sandbox::{Assumptions, Settable};

use crate::support::workspace;

const DOCUMENT: &str = "crates/callperf-cli/docs/assumptions.md";

const HEAD: &str = "\
# What no document says

The API runs in production only, so some decisions of this crate and of the sandbox rest on reason. `callperf calibrate`
asks a real account for what it can settle; its file has these names and options, and so has `callperf sandbox
--assume`. **None of them has been settled by a real account yet**: the column *evidence* has the reason for the default,
and other parties' reports.

*Observable* ones are settled by requests that any API answers, if the account has the calls for it. Those *with
refusals* take a request that the API may refuse, so that `--with-refusals` has to allow it. The others can *never* be
settled by requests; their reason stands in place of the experiment. The sandbox has the options of those whose default
is in bold, and one way of the others.

The column *experiment* says what is asked. [experiments.md](experiments.md) has each request, what the responses show
by each option, and when the data can't tell.

Once an assumption is settled, *followed by* says who follows the file that they are given: the SDK, in what it sends or
returns, or the sandbox, in what it answers. What the SDK doesn't follow changes nothing that it decides.

<!-- Written by a test: BLESS=1 cargo test -p callperf-tests --test it -- assumptions -->

| assumption | options | default | evidence | settled | experiment | followed by |
|---|---|---|---|---|---|---|
";

fn of_the_sandbox() -> BTreeMap<&'static str, Settable> {
    Assumptions::vocabulary().into_iter().map(|option| (option.name, option)).collect()
}

/// The text in the fewest spaces, since a line of a source isn't a line of a table.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn row(assumption: &Assumption, settable: &Settable) -> String {
    let default = match settable.choices {
        Some(_) => format!("**`{}`**", assumption.default),
        None => format!("`{}`", assumption.default),
    };
    // The lists that the code itself goes by.
    let followed = match (assumption.is_followed(), settable.choices.is_some()) {
        (true, true) => "SDK, sandbox",
        (true, false) => "SDK",
        (false, true) => "sandbox",
        (false, false) => "neither",
    };
    format!(
        "| `{}`: {} | {} | {default} | {} | {} | {} | {followed} |",
        assumption.name,
        cell(assumption.text),
        assumption.choices,
        cell(assumption.evidence),
        assumption.settling.as_str(),
        cell(assumption.experiment)
    )
}

#[test]
fn the_sdk_and_the_sandbox_have_the_same_names_options_and_defaults() {
    let sandbox = of_the_sandbox();
    let names: Vec<_> = ASSUMPTIONS.iter().map(|assumption| assumption.name).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, sandbox.keys().copied().collect::<Vec<_>>());
    for assumption in ASSUMPTIONS {
        let settable = &sandbox[assumption.name];
        assert_eq!(settable.default, assumption.default, "{}", assumption.name);
        if let Some(choices) = &settable.choices {
            assert_eq!(*choices, assumption.choices.to_string(), "{}", assumption.name);
        }
    }
}

#[test]
fn the_document_has_them_all() {
    let sandbox = of_the_sandbox();
    let mut document = HEAD.to_owned();
    for assumption in ASSUMPTIONS {
        writeln!(document, "{}", row(assumption, &sandbox[assumption.name])).unwrap();
    }
    let file = workspace().join(DOCUMENT);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&file, &document).unwrap();
    }
    let written = fs::read_to_string(&file).unwrap();
    assert_eq!(written, document, "run with BLESS=1 and read the change");
}

/// Each side reads the file by code of its own.
#[test]
fn both_read_the_same_file_and_refuse_the_same_one() {
    for assumption in ASSUMPTIONS {
        for (value, is_fine) in [(assumption.default, true), ("no-such-value", false)] {
            let name = assumption.name;
            let head = "schema = 1\nserver = 'x'\napi = 'calls-v1'";
            let file = format!("{head}\n[settled.{name}]\nvalue = '{value}'\n[end]\n");
            assert_eq!(file.parse::<Calibration>().is_ok(), is_fine, "{name}");
            let sandbox = file.parse::<callperf_sandbox::Calibration>();
            // What is no option there is passed over, with a note.
            match of_the_sandbox()[name].choices {
                Some(_) => assert_eq!(sandbox.is_ok(), is_fine, "{name}"),
                None => assert_eq!(sandbox.unwrap().not_followed().is_empty(), is_fine, "{name}"),
            }
        }
    }
    let whole = "schema = 1\nserver = 'x'\napi = 'calls-v1'\n";
    for file in [
        "schema = 2\n",
        "[settled]\n",
        whole,
        "schema = 1\nserver = 'x'\n[end]\n",
        &format!("{whole}[settled.no-such]\nvalue = 'x'\n[end]\n"),
    ] {
        assert!(file.parse::<Calibration>().is_err(), "{file}");
        assert!(file.parse::<callperf_sandbox::Calibration>().is_err(), "{file}");
    }
}

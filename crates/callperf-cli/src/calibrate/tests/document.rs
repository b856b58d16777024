//! The document of the experiments, which is made of their own tables.

use std::{fmt::Write as _, fs, path::Path};

use callperf::rules::{ASSUMPTIONS, Choices, Settling};

use super::support::now;
use crate::calibrate::{
    experiment::{A_NUMBER, Experiment, Tells},
    experiments,
    notebook::Notebook,
    period::Setup,
    request::Family,
};

const DOCUMENT: &str = "docs/experiments.md";

const HEAD: &str = "\
# What `callperf calibrate` asks, and what the responses show

Each experiment with its requests, what the responses show by each option of an
[assumption](assumptions.md), and when the data can't tell. Responses that fit no option contradict
the assumption, and those that fit several leave it open. What no assumption is about is among the
findings of the file. `callperf calibrate --explain` prints the requests as they are sent; those marked
with ! may be refused by the API and take `--with-refusals`.

<!-- Written by a test: BLESS=1 cargo test -p callperf-cli --lib -- calibrate::tests::document -->
";

/// Each option that an assumption has, in the words of the table.
fn options(choices: Choices) -> Vec<&'static str> {
    match choices {
        Choices::Words(words) => words.to_vec(),
        _ => vec![A_NUMBER],
    }
}

#[test]
fn each_option_that_a_request_can_show_has_what_it_would_show() {
    for assumption in ASSUMPTIONS.iter().filter(|one| one.settling != Settling::Never) {
        let Tells { options: shown, open, .. } = experiments::tells(assumption.name).unwrap();
        let named: Vec<_> = shown.iter().map(|(option, _)| *option).collect();
        assert_eq!(named, options(assumption.choices), "{}", assumption.name);
        let mut texts: Vec<_> = shown.iter().map(|(_, shows)| *shows).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), shown.len(), "{}: two options show the same", assumption.name);
        assert!(!open.is_empty() && texts.iter().all(|text| !text.is_empty()));
    }
}

fn write(document: &mut String, experiment: &Experiment) {
    writeln!(document, "\n## {}\n", experiment.question).unwrap();
    let requests = (experiment.requests)(&Setup::new(now()), &Notebook::explaining());
    if requests.is_empty() {
        writeln!(document, "No request: the responses to the others answer it.").unwrap();
    }
    for (place, request) in (1..).zip(requests) {
        let may_be_refused = experiment.may_be_refused && request.family == Family::Reports;
        let mark = if may_be_refused { "! " } else { "" };
        writeln!(document, "{place}. {mark}{}", request.purpose).unwrap();
    }
    if let Some(repeats) = experiment.repeats {
        writeln!(document, "\nUp to {} more, {}.", repeats.most, repeats.purpose).unwrap();
    }
    if experiment.tells.is_empty() {
        return;
    }
    writeln!(document, "\n| assumption | option | what the responses show |\n|---|---|---|")
        .unwrap();
    for Tells { assumption, options, .. } in experiment.tells {
        for (option, shows) in *options {
            let option =
                if *option == A_NUMBER { A_NUMBER.to_owned() } else { format!("`{option}`") };
            writeln!(document, "| `{assumption}` | {option} | {shows} |").unwrap();
        }
    }
    for Tells { assumption, open, .. } in experiment.tells {
        writeln!(document, "\n`{assumption}` stays open if {open}.").unwrap();
    }
}

#[test]
fn the_document_has_all_experiments() {
    let mut document = HEAD.to_owned();
    for experiment in experiments::ALL {
        write(&mut document, experiment);
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&file, &document).unwrap();
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(written, document, "run with BLESS=1 and read the change");
}

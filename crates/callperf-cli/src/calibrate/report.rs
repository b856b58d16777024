//! What is known in the end, for a person.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write},
};

use callperf::rules::{ASSUMPTIONS, Assumption, Settling};

use super::{
    earlier::Earlier,
    experiment::Tells,
    experiments,
    notebook::Notebook,
    period::{DAYS, Setup},
    verdict::{Finding, Unsettled, Verdict},
};
use crate::{
    console::counted,
    fill::{filled, indented},
};

/// All that is known, whether the run has ended or not.
#[derive(Clone, Debug)]
pub(crate) struct Outcomes {
    pub(super) verdicts: BTreeMap<&'static str, Verdict>,
    pub(super) findings: BTreeMap<&'static str, Result<Finding, Unsettled>>,
    pub(super) requests: u32,
    /// Responses with a status from 400 to 499.
    pub(super) refusals: u32,
    /// What the run says of itself, such as why it ended early.
    pub(super) notes: Vec<String>,
}

impl Outcomes {
    /// What is known before anything is asked.
    pub(super) fn unasked() -> Self {
        let again = "another run of `callperf calibrate`";
        let verdicts = ASSUMPTIONS.iter().map(|assumption| {
            let unsettled = match assumption.settling {
                Settling::Never => {
                    Unsettled::unasked(assumption.experiment, "something else than a request")
                }
                _ => Unsettled::unasked("it wasn't asked yet", again),
            };
            (assumption.name, Verdict::Unsettled(unsettled))
        });
        Self {
            verdicts: verdicts.collect(),
            findings: BTreeMap::new(),
            requests: 0,
            refusals: 0,
            notes: Vec::new(),
        }
    }

    /// Takes what an experiment concludes. Only what its table names is taken.
    pub(super) fn conclude(
        &mut self,
        experiment: &super::experiment::Experiment,
        setup: &Setup,
        notebook: &mut Notebook,
    ) {
        for (name, verdict) in (experiment.verdicts)(setup, notebook) {
            debug_assert!(
                experiment.settles().any(|one| one == name),
                "{name} isn't the experiment's"
            );
            if let Verdict::Settled { value, .. } = &verdict {
                notebook.settle(name, value.clone());
            }
            self.verdicts.insert(name, verdict);
        }
        self.findings.extend((experiment.findings)(setup, notebook));
    }

    /// These stay open for this reason.
    pub(super) fn leave_open(
        &mut self,
        names: impl Iterator<Item = &'static str>,
        unsettled: &Unsettled,
    ) {
        for name in names {
            self.verdicts.insert(name, Verdict::Unsettled(unsettled.clone()));
        }
    }

    /// All that requests can settle stays open for this reason, and nothing is found.
    pub(super) fn leave_all_open(&mut self, unsettled: &Unsettled) {
        self.leave_open(can_be_settled(), unsettled);
        self.findings.clear();
    }

    /// The value of an assumption, if it is settled.
    #[cfg(test)]
    pub(super) fn settled(&self, name: &str) -> Option<&str> {
        match self.verdicts.get(name)? {
            Verdict::Settled { value, .. } => Some(value),
            Verdict::Contradicted { .. } | Verdict::Unsettled(_) => None,
        }
    }

    /// Whether the responses have shown anything.
    pub(crate) fn has_shown(&self) -> bool {
        !self.verdicts.values().all(|verdict| matches!(verdict, Verdict::Unsettled(_)))
    }

    /// Whether there is a finding of this name.
    pub(super) fn has_found(&self, name: &str) -> bool {
        self.findings.get(name).is_some_and(Result::is_ok)
    }

    /// Writes it for a person.
    pub(crate) fn write(
        &self,
        out: &mut impl Write,
        setup: &Setup,
        earlier: &Earlier,
    ) -> io::Result<()> {
        writeln!(out, "{}", self.head(setup))?;
        let lines: Vec<_> = ASSUMPTIONS
            .iter()
            .filter_map(|assumption| Some((assumption, self.verdicts.get(assumption.name)?)))
            .collect();
        let change = |name: &str| earlier.change(name, &self.verdicts[name]);
        section(
            out,
            "Settled",
            lines.iter().filter_map(|(assumption, verdict)| {
                let Verdict::Settled { value, evidence } = verdict else { return None };
                let is_default = value == assumption.default;
                let mark = if is_default { "" } else { ", otherwise than assumed" };
                let title = format!("{} = {value}{mark}", assumption.name);
                Some(Entry::new(title, [Some(evidence.clone()), change(assumption.name)]))
            }),
        )?;
        section(
            out,
            "Contradicted: no choice that is known fits; please report them",
            lines.iter().filter_map(|(assumption, verdict)| {
                let Verdict::Contradicted { evidence, .. } = verdict else { return None };
                let expected = experiments::tells(assumption.name).map(expected);
                let details = [Some(evidence.clone()), expected, change(assumption.name)];
                Some(Entry::new(assumption.name, details))
            }),
        )?;
        let kept: Vec<_> = lines
            .iter()
            .filter_map(|(one, verdict)| Some((one.name, earlier.kept(one.name, verdict)?)))
            .collect();
        section(
            out,
            "Found by an earlier run and kept",
            kept.iter().map(|(name, kept)| Entry::new(kept.title(name), [Some(kept.found())])),
        )?;
        let open = lines.iter().filter_map(|(assumption, verdict)| {
            let Verdict::Unsettled(unsettled) = verdict else { return None };
            let is_kept = kept.iter().any(|(name, _)| *name == assumption.name);
            let is_open = assumption.settling != Settling::Never && !is_kept;
            is_open.then_some((assumption.name, unsettled))
        });
        section(out, "Unsettled", by_reason(open).into_iter())?;
        let findings = self.findings.iter().filter_map(|(name, found)| match found {
            Ok(Finding { value, evidence }) => {
                Some(Entry::new(format!("{name} = {value}"), [Some(evidence.clone())]))
            }
            Err(Unsettled { is_observed: true, reason, .. }) => {
                Some(Entry::new(format!("{name}: {reason}"), []))
            }
            // The cause is among the unsettled ones.
            Err(_) => None,
        });
        section(out, "Found besides", findings)?;
        let never = ASSUMPTIONS.iter().filter(|one| one.settling == Settling::Never);
        let never: Vec<_> = never.map(|assumption| assumption.name).collect();
        let text = format!("No request can settle {}.", never.join(", "));
        writeln!(out, "\n{}", filled(&text, WIDTH))
    }

    fn head(&self, setup: &Setup) -> String {
        let count = |is: fn(&Verdict) -> bool| self.verdicts.values().filter(|it| is(it)).count();
        let settled = count(|it| matches!(it, Verdict::Settled { .. }));
        let settled = u64::try_from(settled).unwrap_or(u64::MAX);
        let mut head = format!(
            "{} {} settled and {} contradicted, by {} about {DAYS} days from {}.\n{} {} refused (4xx).",
            counted(settled, "assumption"),
            if settled == 1 { "is" } else { "are" },
            count(|it| matches!(it, Verdict::Contradicted { .. })),
            counted(self.requests.into(), "request"),
            setup.first,
            counted(self.refusals.into(), "request"),
            if self.refusals == 1 { "was" } else { "were" }
        );
        for note in &self.notes {
            let _ = write!(head, "\n{note}");
        }
        head
    }
}

/// Those that are open for the same reason, together.
fn by_reason<'a>(open: impl Iterator<Item = (&'static str, &'a Unsettled)>) -> Vec<Entry> {
    let mut reasons: Vec<(&Unsettled, Vec<&str>)> = Vec::new();
    for (name, unsettled) in open {
        match reasons.iter_mut().find(|(other, _)| *other == unsettled) {
            Some((_, names)) => names.push(name),
            None => reasons.push((unsettled, vec![name])),
        }
    }
    let entry = |(Unsettled { reason, needs, .. }, names): (&Unsettled, Vec<&str>)| {
        let title = match names.len() {
            all if all == can_be_settled().count() => format!("all {all} that requests can settle"),
            _ => names.join(", "),
        };
        Entry::new(title, [Some(reason.clone()), Some(format!("it takes {needs}"))])
    };
    reasons.into_iter().map(entry).collect()
}

/// What the responses to an experiment would have shown by each option.
fn expected(tells: &Tells) -> String {
    let options = tells.options.iter().map(|(option, shows)| format!("{option}: {shows}"));
    format!("expected was {}", options.collect::<Vec<_>>().join("; "))
}

fn can_be_settled() -> impl Iterator<Item = &'static str> {
    let can_be = |assumption: &&Assumption| assumption.settling != Settling::Never;
    ASSUMPTIONS.iter().filter(can_be).map(|assumption| assumption.name)
}

/// The width of a line for a person.
pub(super) const WIDTH: usize = 98;

/// A line of the report, and what is said of it below.
struct Entry {
    title: String,
    details: Vec<String>,
}

impl Entry {
    fn new(title: impl Into<String>, details: impl IntoIterator<Item = Option<String>>) -> Self {
        Self { title: title.into(), details: details.into_iter().flatten().collect() }
    }
}

fn section(
    out: &mut impl Write,
    title: &str,
    entries: impl Iterator<Item = Entry>,
) -> io::Result<()> {
    let entries: Vec<_> = entries.collect();
    if entries.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title}")?;
    for Entry { title, details } in entries {
        writeln!(out, "{}", indented(&title, 2, WIDTH))?;
        for detail in details {
            writeln!(out, "{}", indented(&detail, 6, WIDTH))?;
        }
    }
    Ok(())
}

/// The names of all assumptions that the experiments are about.
#[cfg(test)]
pub(super) fn experimented() -> Vec<&'static str> {
    super::experiments::ALL.iter().flat_map(super::experiment::Experiment::settles).collect()
}

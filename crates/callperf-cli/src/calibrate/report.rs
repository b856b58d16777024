//! What is known in the end, for a person.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write},
};

use callperf::rules::{ASSUMPTIONS, Settling};

use super::{
    earlier::Earlier,
    notebook::Notebook,
    period::{DAYS, Setup},
    verdict::{Finding, Unsettled, Verdict},
};
use crate::console::counted;

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
                    Unsettled::new(assumption.experiment, "something else than a request")
                }
                _ => Unsettled::new("it wasn't asked yet", again),
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
            debug_assert!(experiment.settles.contains(&name), "{name} isn't the experiment's");
            if let Verdict::Settled { value, .. } = &verdict {
                notebook.settle(name, value.clone());
            }
            self.verdicts.insert(name, verdict);
        }
        self.findings.extend((experiment.findings)(setup, notebook));
    }

    /// The assumptions that requests can settle stay open for this reason, if they are.
    pub(super) fn leave_open(&mut self, names: &[&'static str], unsettled: &Unsettled) {
        for name in names {
            self.verdicts.insert(*name, Verdict::Unsettled(unsettled.clone()));
        }
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

    /// Whether an assumption is neither settled nor contradicted.
    pub(super) fn is_open(&self, name: &str) -> bool {
        matches!(self.verdicts.get(name), Some(Verdict::Unsettled(_)))
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
        let kept: Vec<_> = earlier.names().filter(|name| self.is_open(name)).collect();
        let lines: Vec<_> = ASSUMPTIONS
            .iter()
            .filter_map(|assumption| Some((assumption, self.verdicts.get(assumption.name)?)))
            .collect();
        section(
            out,
            "Settled",
            lines.iter().filter_map(|(assumption, verdict)| {
                let Verdict::Settled { value, evidence } = verdict else { return None };
                let is_default = value == assumption.default;
                let mark = if is_default { "" } else { ", otherwise than assumed" };
                Some(format!("{} = {value}{mark}\n      {evidence}", assumption.name))
            }),
        )?;
        section(
            out,
            "Contradicted: no choice that is known fits; please report them",
            lines.iter().filter_map(|(assumption, verdict)| {
                let Verdict::Contradicted { evidence, .. } = verdict else { return None };
                Some(format!("{}\n      {evidence}", assumption.name))
            }),
        )?;
        section(
            out,
            "Settled by an earlier run and kept",
            kept.iter().filter_map(|name| {
                let entry = earlier.settled(name)?;
                let text = |field: &str| entry.get(field)?.as_str();
                let made = text("made").and_then(|made| made.get(..10)).unwrap_or("an unknown day");
                Some(format!("{name} = {}\n      found on {made}", text("value")?))
            }),
        )?;
        let open = lines.iter().filter_map(|(assumption, verdict)| {
            let Verdict::Unsettled(unsettled) = verdict else { return None };
            let is_open =
                assumption.settling != Settling::Never && !kept.contains(&assumption.name);
            is_open.then_some((assumption.name, unsettled))
        });
        section(out, "Unsettled", by_reason(open).into_iter())?;
        section(
            out,
            "Found besides",
            self.findings.iter().map(|(name, found)| match found {
                Ok(Finding { value, evidence }) => format!("{name} = {value}\n      {evidence}"),
                Err(Unsettled { reason, .. }) => format!("{name}: {reason}"),
            }),
        )?;
        let never: Vec<_> = ASSUMPTIONS
            .iter()
            .filter(|assumption| assumption.settling == Settling::Never)
            .map(|assumption| assumption.name)
            .collect();
        writeln!(out, "\nNo request can settle {}.", never.join(", "))
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
fn by_reason<'a>(open: impl Iterator<Item = (&'static str, &'a Unsettled)>) -> Vec<String> {
    let mut reasons: Vec<(&Unsettled, Vec<&str>)> = Vec::new();
    for (name, unsettled) in open {
        match reasons.iter_mut().find(|(other, _)| *other == unsettled) {
            Some((_, names)) => names.push(name),
            None => reasons.push((unsettled, vec![name])),
        }
    }
    let text = |(Unsettled { reason, needs }, names): (&Unsettled, Vec<&str>)| {
        format!("{}\n      {reason}\n      it takes {needs}", wrapped(&names))
    };
    reasons.into_iter().map(text).collect()
}

/// The width of a line of the report.
const WIDTH: usize = 96;

/// Names in lines.
fn wrapped(names: &[&str]) -> String {
    let mut text = String::new();
    let mut width = 0;
    for (place, name) in names.iter().enumerate() {
        let comma = if place + 1 < names.len() { "," } else { "" };
        let (gap, start) = match (place, width + name.len() + 2 > WIDTH) {
            (0, _) => ("", 0),
            (_, true) => ("\n  ", 0),
            (_, false) => (" ", width + 1),
        };
        let _ = write!(text, "{gap}{name}{comma}");
        width = start + name.len() + comma.len();
    }
    text
}

fn section(
    out: &mut impl Write,
    title: &str,
    lines: impl Iterator<Item = String>,
) -> io::Result<()> {
    let lines: Vec<_> = lines.collect();
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title}")?;
    for line in lines {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

/// The names of all assumptions that the experiments are about.
#[cfg(test)]
pub(super) fn experimented() -> Vec<&'static str> {
    super::experiments::ALL.iter().flat_map(|experiment| experiment.settles).copied().collect()
}

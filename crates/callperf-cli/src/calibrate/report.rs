//! What is known in the end, for a person.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write},
};

use callperf::rules::{ASSUMPTIONS, Settling};

use super::{
    notebook::Notebook,
    period::{DAYS, Setup},
    verdict::{Finding, Unsettled, Verdict},
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

    pub(crate) fn has_settled(&self) -> bool {
        self.settled_count() > 0
    }

    /// How many assumptions are settled.
    pub(crate) fn settled_count(&self) -> usize {
        let settled = |verdict: &&Verdict| matches!(verdict, Verdict::Settled { .. });
        self.verdicts.values().filter(settled).count()
    }

    /// Writes it for a person.
    pub(crate) fn write(&self, out: &mut impl Write, setup: &Setup) -> io::Result<()> {
        writeln!(out, "{}", self.head(setup))?;
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
            "Unsettled",
            lines.iter().filter_map(|(assumption, verdict)| {
                let Verdict::Unsettled(Unsettled { reason, needs }) = verdict else { return None };
                let is_open = assumption.settling != Settling::Never;
                is_open
                    .then(|| format!("{}\n      {reason}\n      it takes {needs}", assumption.name))
            }),
        )?;
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
        let mut head = format!(
            "{} assumptions are settled and {} contradicted, by {} requests about {DAYS} days from \
             {}.\n{} requests were refused (4xx).",
            count(|it| matches!(it, Verdict::Settled { .. })),
            count(|it| matches!(it, Verdict::Contradicted { .. })),
            self.requests,
            setup.first,
            self.refusals
        );
        for note in &self.notes {
            let _ = write!(head, "\n{note}");
        }
        head
    }
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

//! Which revisions the sandbox speaks, and what it replies.

use crate::assumptions::Assumptions;
use crate::data::era::Era;
use crate::error::Error;
use crate::wire::failure::Failure;
use crate::wire::revision::{Api, Operation, Revision};

/// How the sandbox answers.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) assumptions: Assumptions,
    pub(super) beta: &'static Revision,
    pub(super) calls_v1: &'static Revision,
}

impl Service {
    /// Which speaks these revisions, and the usual one where none is given.
    pub(crate) fn new(assumptions: Assumptions, revisions: &[String]) -> Result<Service, Error> {
        let [beta, calls_v1] = Api::ALL.map(Revision::usual);
        let mut service = Service { assumptions, beta, calls_v1 };
        let mut named: Vec<&'static Revision> = Vec::new();
        for name in revisions {
            for revision in Revision::named(name)? {
                let of_same_api = |other: &&&Revision| other.api == revision.api;
                if let Some(other) =
                    named.iter().find(of_same_api).filter(|it| it.date != revision.date)
                {
                    let api = revision.api.name();
                    let reason = format!(
                        "{api} can speak one, and {} and {} are named; leave one out",
                        other.date, revision.date
                    );
                    return Err(Error::Setting { setting: "revision", reason });
                }
                named.push(revision);
                match revision.api {
                    Api::Beta => service.beta = revision,
                    Api::CallsV1 => service.calls_v1 = revision,
                }
            }
        }
        Ok(service)
    }

    /// Whose words today's API has.
    pub(crate) fn era(&self) -> Era {
        Era::of_calls_v1(&self.calls_v1.date)
    }

    pub(crate) fn revisions(&self) -> [(&'static str, &'static str); 2] {
        [self.beta, self.calls_v1].map(|revision| (revision.api.name(), revision.date.as_str()))
    }

    /// The date of the revision of an API that is spoken.
    pub(crate) fn date(&self, api: &str) -> Option<&'static str> {
        let revisions = self.revisions();
        revisions.into_iter().find(|(name, _)| *name == api).map(|(_, date)| date)
    }

    pub(super) fn dialect(&self, api: Api, operation: &str) -> Dialect {
        let revision = match api {
            Api::Beta => self.beta,
            Api::CallsV1 => self.calls_v1,
        };
        Dialect { revision, operation: revision.operation(operation) }
    }
}

/// An operation as of a revision.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialect {
    pub(super) revision: &'static Revision,
    pub(super) operation: &'static Operation,
}

/// The response to a request, and remarks for its author.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) body: Result<Vec<u8>, Failure>,
    /// In words, as "`groupByMember` is not a field of `grouping`; did you mean `groupByMembers`?"
    pub(crate) remarks: Vec<String>,
}

impl Reply {
    /// In the names of the revision.
    pub(super) fn new(
        dialect: Dialect,
        body: Result<Vec<u8>, Failure>,
        remarks: Vec<String>,
    ) -> Reply {
        let renames = &dialect.operation.renames;
        Reply { body: body.map(|body| renames.write_response(body)), remarks }
    }
}

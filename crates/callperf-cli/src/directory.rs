//! The `directory` command: who the keys of reports are, and what they belong to.

use std::path::PathBuf;

use callperf::{
    Client, Directory, Period,
    directory::{Kind, Listing},
};
use clap::{Args, ValueEnum};

use crate::{
    Failure,
    format::{FileFormat, chosen},
    render::{Company, CompanyEntry},
};

pub(crate) const HELP: &str = "\
Examples:
  callperf directory queues
  callperf directory queues --members --format csv --out agents.csv
  callperf directory users --format json

It takes the application's ReadAccounts permission. The API has no list of departments
and user groups: those that had calls in the last 28 days come from a report, which takes
the Analytics permission.";

/// How long the keys of reports are looked back for.
const DAYS: u32 = 28;

#[derive(Debug, Args)]
pub(crate) struct CompanyArgs {
    /// What to list; without it, all that have names in the directory
    #[arg(value_enum)]
    what: Option<What>,
    /// List who belongs to each of them: of queues, sites and departments
    #[arg(long)]
    members: bool,
    /// How to show it; by default what the extension of --out stands for, else a table
    #[arg(long, value_enum)]
    pub(crate) format: Option<CompanyFormat>,
    /// Write to this file instead, whole or not at all
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompanyFormat {
    /// For people
    #[default]
    Table,
    /// The SDK's types, with members in their entries
    Json,
    /// The same, an entry a line
    Ndjson,
    /// For spreadsheets: a row for each entry, or for each member
    Csv,
    /// For wikis and chats
    #[value(alias = "md")]
    Markdown,
}

impl FileFormat for CompanyFormat {}

impl CompanyArgs {
    /// The format that is named, or else the file's.
    ///
    /// # Errors
    /// Where the two contradict each other, and for files that the directory isn't written to.
    pub(crate) fn format(&self) -> Result<CompanyFormat, Failure> {
        let is_parquet = self.out.as_deref().is_some_and(|out| {
            out.extension().is_some_and(|it| it.eq_ignore_ascii_case("parquet"))
        });
        if is_parquet {
            return Err(Failure::Usage(
                "--out: the directory isn't written as Parquet; write FILE.csv, FILE.json or \
                 FILE.ndjson"
                    .to_owned(),
            ));
        }
        chosen(self.format, self.out.as_deref())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// Users' mailboxes
    Users,
    /// Call queues, with their service levels
    Queues,
    /// IVR menus
    Ivrs,
    /// Shared lines
    SharedLines,
    /// Sites
    Sites,
    /// Departments that had calls lately
    Departments,
    /// User groups that had calls lately
    #[value(alias = "user-groups")]
    Groups,
}

impl What {
    fn kind(self) -> Kind {
        match self {
            Self::Users => Kind::User,
            Self::Queues => Kind::Queue,
            Self::Ivrs => Kind::Ivr,
            Self::SharedLines => Kind::SharedLine,
            Self::Sites => Kind::Site,
            Self::Departments => Kind::Department,
            Self::Groups => Kind::UserGroup,
        }
    }
}

/// Fetches what the arguments ask for.
pub(crate) async fn fetch(client: &Client, args: &CompanyArgs) -> Result<Company, Failure> {
    let kind = args.what.map(What::kind);
    if args.members {
        has_members(kind)?;
    }
    let directory = client.directory();
    let listing = Box::pin(listed(&directory, kind)).await?;
    let mut company = Company::new(&listing);
    if let Some(kind) = kind.filter(|kind| !kind.is_listed()) {
        company.notices.push(format!(
            "the API has no list of {}; these had calls in the last {DAYS} days",
            kind.plural()
        ));
    }
    for entry in listing {
        let members = match kind.filter(|_| args.members) {
            Some(kind) => Some(Box::pin(directory.members(kind, &entry.key)).await?),
            None => None,
        };
        if let Some(members) = &members {
            company.say(&members.notices);
        }
        let members = members.map(|members| members.entries);
        company.entries.push(CompanyEntry { entry, members });
    }
    Ok(company)
}

async fn listed(directory: &Directory, kind: Option<Kind>) -> Result<Listing, callperf::Error> {
    let Some(kind) = kind else {
        let mut all = directory.extensions().await?;
        let sites = directory.sites().await?;
        all.entries.retain(|entry| !matches!(entry.kind, Kind::Other | Kind::Site));
        all.entries.extend(sites.entries);
        all.notices.extend(sites.notices);
        return Ok(all);
    };
    if kind.is_listed() {
        directory.list(kind).await
    } else {
        directory.keys_in_reports(kind, Period::last_days(DAYS)).await
    }
}

fn has_members(kind: Option<Kind>) -> Result<(), Failure> {
    let reason = match kind {
        Some(Kind::Queue | Kind::Site | Kind::Department) => return Ok(()),
        Some(Kind::UserGroup) => {
            "the API lists no members of user groups; `callperf report --group-by \
             members-of-user-groups --keys KEY` has those with calls"
                .to_owned()
        }
        Some(kind) => {
            format!("{} have no members; ask for queues, sites or departments", kind.plural())
        }
        None => "say of what: queues, sites or departments".to_owned(),
    };
    Err(Failure::Usage(format!("--members: {reason}")))
}

//! What a command can end with, and the exit code that says so.

use std::fmt;
use std::io;
use std::path::Path;

use crate::shown::shown;
use crate::text::TOO_LARGE;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input is wrong, and nothing was written.
    #[error("{}", lines(.0))]
    Input(Vec<Problem>),
    /// No answer came from the network, or none in time.
    #[error("{}: {}\n  remedy: check the network and try again, or give a file", shown(.address), shown(.what))]
    Unreachable { address: String, what: String },
    /// `--check` found files that are not what would be written.
    #[error("stale: {}\nrun `{command}` and commit the result", .files.join(", "))]
    Stale { files: Vec<String>, command: &'static str },
    /// Things that should go together do not: a line for each.
    #[error("{}", shown_lines(.0))]
    Mismatch(Vec<String>),
}

impl Error {
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Input(_) => 3,
            Self::Stale { .. } | Self::Mismatch(_) => 4,
            Self::Unreachable { .. } => 6,
        }
    }

    /// Names the file, for problems found by a stage that sees only its contents.
    #[must_use]
    pub fn in_file(self, file: &str) -> Self {
        match self {
            Self::Input(problems) => {
                Self::Input(problems.into_iter().map(|p| p.in_file(file)).collect())
            }
            other => other,
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Input(vec![problem])
    }
}

/// One thing that is wrong with the input: where, what, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub file: String,
    pub pointer: String,
    pub what: String,
    pub remedy: String,
}

impl Problem {
    pub fn new(
        pointer: impl Into<String>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            file: String::new(),
            pointer: pointer.into(),
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    pub fn unreadable(file: &Path, error: &std::io::Error) -> Self {
        let problem = match error.to_string() {
            what if error.kind() != io::ErrorKind::InvalidData => {
                Self::new("", format!("cannot be read: {what}"), "check the path")
            }
            what if what == TOO_LARGE => Self::new("", what, "check that it is the right file"),
            what => Self::new("", what, "save it as UTF-8"),
        };
        problem.in_file(&file.display().to_string())
    }

    pub fn unwritable(file: &Path, error: &std::io::Error) -> Self {
        Self::new(
            "",
            format!("cannot be written: {error}"),
            "check permissions and free space; nothing was changed",
        )
        .in_file(&file.display().to_string())
    }

    /// Keeps a file that is named already: the stage that named it knew better.
    #[must_use]
    pub fn in_file(mut self, file: &str) -> Self {
        if self.file.is_empty() {
            file.clone_into(&mut self.file);
        }
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [file, pointer, what, remedy] =
            [&self.file, &self.pointer, &self.what, &self.remedy].map(|text| shown(text));
        let mark = if pointer.is_empty() { "" } else { "#" };
        write!(f, "{file}{mark}{pointer}: {what}\n  remedy: {remedy}")
    }
}

fn shown_lines(lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| shown(line)).collect();
    lines.join("\n")
}

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<_> = problems.iter().map(Problem::to_string).collect();
    lines.join("\n")
}

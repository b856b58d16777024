//! The arguments.

mod arguments;
pub(crate) mod calibrate;
mod completions;
mod connection;
mod dashboard;
mod details;
pub(crate) mod history;
pub(crate) mod login;
mod report;
mod run;
pub(crate) mod session;
pub(crate) mod sync;

pub(crate) use arguments::{
    Arguments, CalibrateArgs, CallProfile, Command, DataArgs, DataFormat, DemoArgs, Described,
    DirectoryArgs, DoctorArgs, DumpArgs, ProtocolArgs, SandboxArgs, SandboxCommand, SchemaArgs,
};
pub(crate) use completions::{CompletionsArgs, ManArgs};
pub(crate) use connection::{ConnectionArgs, api};
pub(crate) use dashboard::DashboardArgs;
pub(crate) use details::DETAILS;
pub(crate) use report::{
    OutputArgs, PeriodArgs, QuestionArgs, REPORT_EXAMPLES, ReportArgs, ShownArgs,
    TIMELINE_EXAMPLES, TimelineArgs,
};
pub(crate) use run::{RunArgs, SavedArgs};

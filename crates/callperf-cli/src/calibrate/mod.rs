//! Settling by requests what no document says.
//!
//! An [`Experiment`](experiment::Experiment) says which requests it needs and what their responses
//! mean. It sends nothing: the driver does, keeps the budget, and writes down what is settled. So
//! experiments are tested by responses alone.

mod driver;
mod earlier;
mod experiment;
mod experiments;
mod explain;
mod file;
mod line;
mod lock;
mod notebook;
mod period;
mod reading;
mod redact;
mod report;
mod request;
#[cfg(test)]
mod tests;
mod verdict;

pub(crate) use self::{
    driver::{Allowed, Driver, End},
    earlier::Earlier,
    explain::explain,
    file::{Target, written},
    line::{Line, Settings as ClientSettings, code},
    lock::Lock,
    period::Setup,
    report::Outcomes,
};

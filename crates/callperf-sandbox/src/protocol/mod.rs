//! What every request passes: logins, limits, faults and the log.

pub(crate) mod clock;
pub(crate) mod faults;
pub(crate) mod gzip;
pub(crate) mod hosts;
pub(crate) mod limits;
pub(crate) mod log;
pub(crate) mod oauth;

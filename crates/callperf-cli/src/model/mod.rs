//! What is asked and what it is held against, as plain data.

pub(crate) mod comparison;
pub(crate) mod moment;
pub(crate) mod targets;

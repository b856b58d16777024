//! Questions and answers that are unlike the usual ones, as they were met from
//! outside.

mod directory;
mod filters;
mod hours;
mod keys;
mod numbers;
mod older_server;
mod period;
mod remedies;
mod support;
mod words;

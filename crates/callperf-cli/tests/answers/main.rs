//! Questions and answers that are unlike the usual ones, as they were met from
//! outside.

mod hours;
mod numbers;
mod period;
mod support;

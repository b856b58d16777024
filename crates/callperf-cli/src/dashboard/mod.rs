//! What the dashboard asks of the API or of a history, and what that costs.

mod accumulator;
mod cost;
mod daily;
mod fetch;
mod hourly;
mod range;
mod stored;
mod targets;

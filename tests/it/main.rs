//! The workspace's tests, in the order of what they protect: the wire, both
//! APIs against each other, answers and errors, the repository's own rules.

mod agreement;
mod answers;
mod cancelled;
mod cassettes;
mod document;
mod errors;
mod faults;
mod fuzz;
mod house;
mod kpis;
mod lenient;
mod logins;
mod lowered;
mod migration;
mod paging;
mod properties;
mod queries;
mod quota;
mod redaction;
mod retries;
mod rules;
mod sandbox_faults;
mod secrets;
mod settings;
mod soak;
mod spans;
mod support;
mod survival;
mod theatre;
mod tls;
mod user_programs;
mod vocabulary;
mod wire;

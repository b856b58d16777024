//! Accounts and their calls in files.

mod account;
mod calls;
mod csv_file;
mod directory;
mod dump;
mod error;
mod format;
mod parquet_file;
mod rows;
mod schema;
mod spelling;
mod table;

pub use account::Data;
pub(crate) use dump::write;
pub use error::DataError;
pub use format::Format;
pub(crate) use spelling::DAYS;

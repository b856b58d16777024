//! A model of the server and of what may happen to a client, for the simulations.
//!
//! It is written from the vendor's documents and knows nothing of the client: no
//! type of the ledger, no HTTP, no clock. A simulation turns [`server::Response`]
//! into what its subject reads, and holds the subject's decisions against
//! [`server::Truth`].

pub(crate) mod draw;
pub(crate) mod history;
pub(crate) mod seeds;
pub(crate) mod server;

//! What the reference documents need from the server that they are about.

use axum::body::Bytes;
use axum::http::Uri;
use jiff::Timestamp;

use crate::server::reference::Described;
use crate::server::state::Server;
use crate::wire::{Request, Service, beta, calls_v1};

impl Described for Server {
    fn url(&self) -> &str {
        &self.url
    }

    #[cfg(feature = "reference")]
    fn client_id(&self) -> &str {
        self.sessions.client_id(0)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn spoken(&self, api: &str) -> Option<&'static str> {
        self.service.date(api)
    }

    fn answer(
        &self,
        revision: &str,
        operation: &str,
        query: &str,
        body: Vec<u8>,
    ) -> Option<Vec<u8>> {
        let service =
            Service::new(self.service.assumptions.clone(), &[revision.to_owned()]).ok()?;
        let uri: Uri = format!("/?{query}").parse().ok()?;
        let request = Request::new(&uri, &Bytes::from(body), self.now()).ok()?;
        let answer = match operation {
            beta::OPERATION => beta::aggregate,
            calls_v1::AGGREGATION => calls_v1::aggregation,
            calls_v1::TIMELINE => calls_v1::timeline,
            _ => return None,
        };
        answer(&self.world, &service, &request).body.ok()
    }

    #[cfg(feature = "reference")]
    fn log_in(&self) -> String {
        self.sessions.log_in_for_tool()
    }
}

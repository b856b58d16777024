//! The one place where requests leave.

use reqwest::{Request, Response};

/// Carries requests to their responses, in the place of a network.
#[cfg(test)]
pub(crate) trait Carrier: Send + Sync {
    fn carry(
        &self,
        request: Request,
    ) -> futures_util::future::BoxFuture<'static, reqwest::Result<Response>>;
}

/// What requests of a client go out by: the recorder's, the logins', and all others.
#[derive(Clone)]
pub(crate) struct Network {
    http: reqwest::Client,
    #[cfg(test)]
    simulated: Option<std::sync::Arc<dyn Carrier>>,
}

impl Network {
    pub(super) fn new(http: reqwest::Client) -> Self {
        Self {
            http,
            #[cfg(test)]
            simulated: None,
        }
    }

    /// Nothing leaves the process.
    #[cfg(test)]
    pub(super) fn simulated(self, carrier: std::sync::Arc<dyn Carrier>) -> Self {
        Self { simulated: Some(carrier), ..self }
    }

    /// What builds requests.
    pub(super) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    pub(super) async fn execute(&self, request: Request) -> reqwest::Result<Response> {
        #[cfg(test)]
        if let Some(carrier) = &self.simulated {
            return carrier.carry(request).await;
        }
        self.http.execute(request).await
    }
}

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
    random: fn() -> f64,
    #[cfg(test)]
    simulated: Option<std::sync::Arc<dyn Carrier>>,
}

impl Network {
    pub(super) fn new(http: reqwest::Client, random: fn() -> f64) -> Self {
        Self {
            http,
            random,
            #[cfg(test)]
            simulated: None,
        }
    }

    /// Nothing leaves the process.
    #[cfg(test)]
    pub(super) fn simulated(self, carrier: std::sync::Arc<dyn Carrier>) -> Self {
        Self { simulated: Some(carrier), ..self }
    }

    /// A number from 0 to 1, for waits that are to differ between programs.
    pub(super) fn random(&self) -> f64 {
        (self.random)()
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

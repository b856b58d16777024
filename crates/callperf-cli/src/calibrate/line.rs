//! The line to an API: requests by the SDK's client, and what their responses say beside the bodies.

use std::sync::{Arc, Mutex, PoisonError};

use callperf::{Attempt, Client, ClientBuilder, ErrorKind};
use serde_json::{Value as Json, json};

use super::{
    driver::{Attempt as Failed, Reply, Sender},
    notebook::Head,
    reading::is_report,
};
use crate::{Failure, console::note_beside_a_meter};

/// What a client is built with besides its usual settings.
pub(crate) type Settings = Box<dyn FnOnce(ClientBuilder) -> ClientBuilder>;

/// Sends requests by clients that it has built.
pub(crate) struct Line<C> {
    connect: C,
    client: Client,
    /// One that leaves responses compressed, once it is needed.
    compressed: Option<Client>,
    last: Last,
    error: Option<callperf::Error>,
}

/// The last attempt of any of its clients.
#[derive(Clone, Default)]
struct Last(Arc<Mutex<Option<Attempt>>>);

impl Last {
    fn set(&self, attempt: Option<Attempt>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = attempt;
    }

    fn get(&self) -> Option<Attempt> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn watched(&self, builder: ClientBuilder) -> ClientBuilder {
        let last = self.clone();
        builder.on_attempt(move |attempt| last.set(Some(attempt.clone())))
    }
}

impl<C: Fn(Settings) -> Result<Client, Failure>> Line<C> {
    pub(crate) fn new(connect: C) -> Result<Self, Failure> {
        let last = Last::default();
        let watching = last.clone();
        let client = connect(Box::new(move |builder| watching.watched(builder)))?;
        Ok(Self { connect, client, compressed: None, last, error: None })
    }

    /// The last error, if there was one.
    pub(crate) fn into_error(self) -> Option<callperf::Error> {
        self.error
    }

    fn failed(&mut self, error: callperf::Error) -> Reply {
        let reply = reply(&error);
        self.error = Some(error);
        reply
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    fn compressed(&mut self) -> Result<Client, Failure> {
        if let Some(client) = &self.compressed {
            return Ok(client.clone());
        }
        let last = self.last.clone();
        let client = (self.connect)(Box::new(move |it| last.watched(it).keep_encoding()))?;
        Ok(self.compressed.insert(client).clone())
    }
}

impl<C: Fn(Settings) -> Result<Client, Failure>> Sender for &mut Line<C> {
    async fn send(
        &mut self,
        path: &str,
        query: &[(&'static str, String)],
        body: Option<&Json>,
    ) -> Reply {
        self.last.set(None);
        match sent(&self.client, path, query, body).await {
            Ok(answer) => Reply::Answered(answer),
            Err(error) => self.failed(error),
        }
    }

    async fn encoding(
        &mut self,
        path: &str,
        query: &[(&'static str, String)],
        body: Option<&Json>,
    ) -> Reply {
        let client = match self.compressed() {
            Ok(client) => client,
            Err(failure) => return Reply::Failed(failure.to_string()),
        };
        self.last.set(None);
        let outcome = sent(&client, path, query, body).await;
        let attempt = self.last.get();
        match (outcome, attempt) {
            // What is compressed can't be read, and needn't be.
            (_, Some(Attempt { status: Some(200), encoding: Some(encoding), .. })) => {
                Reply::Answered(json!({"encoding": encoding}))
            }
            (Ok(answer), Some(Attempt { status: Some(200), .. })) if is_report(&answer) => {
                Reply::Answered(json!({"encoding": null}))
            }
            (Ok(_), Some(Attempt { status: Some(200), .. })) => Reply::Unreadable,
            (Err(error), _) => self.failed(error),
            (Ok(_), _) => Reply::Failed("the response's head is unknown".to_owned()),
        }
    }

    async fn wait(&mut self, failed: &Failed<'_>) {
        let Failed { number, reason, delay } = failed;
        let seconds = delay.as_secs_f64();
        note_beside_a_meter(&format!(
            "attempt {number} failed ({reason}); the next one begins in {seconds:.1} s"
        ));
        tokio::time::sleep(*delay).await;
    }

    fn head(&self) -> Head {
        let Some(attempt) = self.last.get() else { return Head::default() };
        let quota =
            attempt.quota.and_then(|said| Some((said.group?, said.limit?, said.remaining?)));
        Head { took: Some(attempt.duration), quota }
    }
}

async fn sent(
    client: &Client,
    path: &str,
    query: &[(&'static str, String)],
    body: Option<&Json>,
) -> callperf::Result<Json> {
    let query: Vec<_> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
    client.send(path, &query, body).await
}

/// Of who asks, and not of what is asked.
const OF_PERMISSION: [&str; 6] = ["CMN-109", "CMN-401", "CMN-402", "CMN-403", "CMN-405", "CMN-408"];

fn reply(error: &callperf::Error) -> Reply {
    let codes: Vec<_> = error.api_errors().iter().map(|error| code(&error.code)).collect();
    let status = error.status();
    let is_of_permission = codes.iter().any(|code| OF_PERMISSION.contains(&code.as_str()));
    match (error.kind(), status) {
        (ErrorKind::Quota, _) => Reply::NoQuota { was_refused: status.is_some() },
        // It waited for the quota, or for others who use it.
        (ErrorKind::Deadline, None) if error.attempts() == 0 => {
            Reply::NoQuota { was_refused: false }
        }
        (ErrorKind::Authentication, _) => Reply::NoAccess(said(status, &codes)),
        (_, Some(status @ 400..500)) if is_of_permission => {
            Reply::NoAccess(said(Some(status), &codes))
        }
        (ErrorKind::Answer, _) if !error.is_transient() => Reply::Unreadable,
        (_, Some(status @ 400..500)) if !error.is_transient() => Reply::Refused { status, codes },
        (kind, status) => {
            let reason = match (kind, status) {
                (_, Some(status)) => format!("HTTP {status}"),
                (ErrorKind::Network, _) => "the server can't be reached".to_owned(),
                (ErrorKind::Deadline, _) => "the response took too long".to_owned(),
                _ => format!("{kind:?}").to_lowercase(),
            };
            if error.is_transient() {
                let is_refused = matches!(status, Some(400..500));
                Reply::Failing { reason, retry_after: error.retry_after(), is_refused }
            } else {
                Reply::Failed(reason)
            }
        }
    }
}

fn said(status: Option<u16>, codes: &[String]) -> String {
    let status = status.map_or_else(|| "the login".to_owned(), |status| format!("HTTP {status}"));
    format!("{status} {}", codes.join(", ")).trim_end().to_owned()
}

/// A code that looks like one; anything else may be a name.
pub(crate) fn code(code: &str) -> String {
    let is_code =
        code.len() <= 32 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_code { code.to_owned() } else { "…".to_owned() }
}

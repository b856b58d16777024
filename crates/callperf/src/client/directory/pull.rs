//! One list of the directory, page after page.

use callperf_raw::{
    Error as RawError, ResponseValue, Session, directory::operations::list_extensions,
};

use crate::{
    client::{
        connection::Client,
        page_guard::{Counts, PageGuard},
    },
    directory::Keyed,
    http::transport::{Received, Sending},
    report::Notice,
    wire::directory::{self as wire, List, Listed, Part},
    words::error::{Error, ErrorKind, Result},
};

/// The most that a page of the directory's lists may have.
pub(super) const PER_PAGE: i64 = 1000;

const NOT_ALLOWED: &str = "not allowed; the company's directory takes the application's \
                           ReadAccounts permission, and a user who may see it";

/// The outcome of a generated operation.
pub(super) type Raw<T> = std::result::Result<ResponseValue<T>, RawError<()>>;

/// All records of a list, with what a reader should know.
pub(super) struct Pulled<T> {
    pub(super) records: Vec<T>,
    pub(super) notices: Vec<Notice>,
}

/// How the pages of an operation are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Paging {
    /// By parameters of the operation.
    Documented,
    /// The operation has no parameters for it, although its responses may count pages.
    Undocumented,
}

type RecordOf<L> = <<L as List>::Record as Listed>::Read;

/// Sends one request of the directory's client.
pub(super) async fn run<T, F, R>(
    client: &Client,
    operation: &'static str,
    parameters: &[(String, String)],
    send: F,
) -> Result<Received<T>>
where
    F: Fn(Session) -> R,
    R: Future<Output = Raw<T>>,
{
    let sending = Sending {
        operation,
        method: "GET",
        parameters,
        retry: None,
        earlier_body: &|| None,
        copy: None,
        taken: None,
        max_body: None,
    };
    client.transport().run(sending, send).await.map_err(|error| match error.kind() {
        ErrorKind::Permission => error.with_message(NOT_ALLOWED.to_owned()),
        _ => error,
    })
}

/// Fetches all pages of a list. The pages are compared as those of calls are.
pub(super) async fn pull<L, F, R>(
    client: &Client,
    operation: &'static str,
    paging: Paging,
    send: F,
) -> Result<Pulled<RecordOf<L>>>
where
    L: List,
    F: Fn(Session, i64) -> R,
    R: Future<Output = Raw<L>>,
{
    let mut pulled = Pulled { records: Vec::new(), notices: Vec::new() };
    let mut guard = PageGuard::default();
    for number in 1_u32.. {
        let parameters = match paging {
            Paging::Undocumented if number > 1 => vec![
                (list_extensions::page.to_owned(), number.to_string()),
                (list_extensions::per_page.to_owned(), PER_PAGE.to_string()),
            ],
            _ => Vec::new(),
        };
        let page = |session| send(session, number.into());
        let received = run(client, operation, &parameters, page).await?;
        let attempts = received.attempts;
        let part = wire::read::<L>(received.answer, &received.redactor);
        let part = part.map_err(|error| error.answered(attempts))?;
        if take(client, number, part, &mut guard, &mut pulled)? {
            break;
        }
    }
    Ok(pulled)
}

/// Takes a page in; whether it is the last.
fn take<T: Keyed>(
    client: &Client,
    number: u32,
    part: Part<T>,
    guard: &mut PageGuard,
    pulled: &mut Pulled<T>,
) -> Result<bool> {
    let Part { mut records, page, total_pages, total_records, left_out, notices } = part;
    let is_last = total_pages.is_none_or(|pages| u64::from(number) >= pages);
    let counts = Counts { page, total_pages, total_records, left_out };
    let odd = guard.take_records(number, counts, &mut records, T::key, is_last)?;
    guard.see_losses(&notices, is_last)?;
    let new = pulled.notices.len();
    pulled.notices.extend(notices.into_iter().chain(odd));
    if let Some(first) = pulled.notices.get(new).filter(|_| client.0.is_strict) {
        return Err(Error::new(ErrorKind::Answer, first.to_string()));
    }
    pulled.records.append(&mut records);
    Ok(is_last)
}

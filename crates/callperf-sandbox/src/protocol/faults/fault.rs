//! What can go wrong with one answer.

use std::time::Duration;

use jiff::SignedDuration;

/// One thing that goes wrong with an answer. Its name is the same in Rust (`"reset:body".parse()`), in the header
/// `X-Sandbox-Fault`, in a script and in the control API.
///
/// What stands in the place of an answer spends no quota and does no work; what spoils an answer comes after both.
///
/// | name | what comes |
/// |---|---|
/// | `status:503` | that status, with the service's error body |
/// | `html:502` | that status, with a page of HTML |
/// | `empty:204` | that status, with nothing |
/// | `redirect:301` | that status, to another host |
/// | `retry-after:503=5` | that status, with `Retry-After` of these seconds; `=+60s`, `=-60s` is a date, anything else is sent to the letter |
/// | `quota` | 429 with all its headers |
/// | `quota-lying` | the same, but `X-Rate-Limit-Remaining` has all of it left |
/// | `quota-silent` | the same without `Retry-After` |
/// | `quota-bare` | 429 without any header that speaks of it: the account's limit |
/// | `token-expired`, `token-revoked` | 401 with `OAU-128`, `OAU-129`; the session isn't touched |
/// | `unauthorized` | 401 without a reason |
/// | `permission` | 403 with the permission's name |
/// | `expire-token`, `end-session` | the session's token grows old, or the session ends, and then the request is looked at |
/// | `invalid-grant`, `invalid-client`, `second-factor` | a login refused with `OAU-210`, `OAU-146`, `OAU-168` |
/// | `token-null`, `token-empty`, `token-broken` | a login's token is null, empty, or has a line break |
/// | `lifetime-negative`, `lifetime-endless` | how long a login's token lives is -1, or 2⁶⁴ − 1 seconds |
/// | `truncated`, `doubled`, `null`, `list`, `object` | the answer's JSON ends half-way, comes twice, or is that |
/// | `error-with-200` | an error's body |
/// | `other-api` | what the other of beta and today's API answers when there are no calls |
/// | `text-plain`, `no-content-type` | another content type, or none |
/// | `not-utf8`, `utf16`, `byte-order-mark` | another encoding |
/// | `brackets`, `deep` | 100,000 brackets, or an unknown field 10,000 levels deep |
/// | `big:50` | an unknown field of so many megabytes |
/// | `gzip-cut`, `gzip-false`, `gzip-bomb` | gzip that ends half-way, that is none, or that is 50 MB of spaces |
/// | `unknown-fields`, `unknown-words` | fields, units and groupings that no document has |
/// | `null-numbers`, `nan-numbers`, `string-numbers` | every number of a record is null, `"NaN"`, or in quotes |
/// | `duplicate-keys` | every number comes a second time under its name, and is another |
/// | `key-twice` | a page's first record comes twice |
/// | `page-repeated` | the first page, whichever was asked for |
/// | `page-other` | the right records, said to be another page's |
/// | `page-empty` | a page without records |
/// | `pages-grow`, `pages-shrink` | one page more, or less, than there are |
/// | `pages-shift` | from the second page on, the records begin with the last of the page before |
/// | `pages-endless` | as many pages as are asked for, and always one more |
/// | `reset:body`, `close:body`, `stall:body` | the connection is reset, closed, or goes silent for ten minutes; also at `start`, in the `head` of the answer, after its `headers` |
/// | `slow-head:20ms`, `slow-body:20ms` | a byte each so often |
/// | `not-http` | another protocol's greeting |
/// | `latency:100ms` | the answer comes that late; `latency:10ms..90ms` between the two, `latency:80ms~0.5` log-normally around a median |
/// | `skew:-1h` | the server's clock goes wrong by so much: for its `Date`, and for what is in the future |
///
/// ```
/// use std::time::Duration;
///
/// use callperf_sandbox::{Fault, Place, Sandbox};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// assert_eq!("close:body".parse::<Fault>()?, Fault::Close(Place::Body));
///
/// let sandbox = Sandbox::builder().start().await?;
/// // The next three reports: a page of a proxy, a broken connection, a quota that is spent.
/// sandbox.set_faults([Fault::Html(502), Fault::Reset(Place::Start), Fault::Quota]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the table above has what each of them does")]
pub enum Fault {
    Status(u16),
    Html(u16),
    Empty(u16),
    Redirect(u16),
    /// The status and the header's value.
    RetryAfter(u16, String),
    Quota,
    QuotaLying,
    QuotaSilent,
    QuotaBare,
    TokenExpired,
    TokenRevoked,
    Unauthorized,
    Permission,
    ExpireToken,
    EndSession,
    InvalidGrant,
    InvalidClient,
    SecondFactor,
    TokenNull,
    TokenEmpty,
    TokenBroken,
    LifetimeNegative,
    LifetimeEndless,
    Truncated,
    Doubled,
    Null,
    List,
    Object,
    ErrorWith200,
    OtherApi,
    TextPlain,
    NoContentType,
    NotUtf8,
    Utf16,
    ByteOrderMark,
    Brackets,
    Deep,
    /// Megabytes.
    Big(u16),
    GzipCut,
    GzipFalse,
    GzipBomb,
    UnknownFields,
    UnknownWords,
    NullNumbers,
    NanNumbers,
    StringNumbers,
    DuplicateKeys,
    KeyTwice,
    PageRepeated,
    PageOther,
    PageEmpty,
    PagesGrow,
    PagesShrink,
    PagesShift,
    PagesEndless,
    Reset(Place),
    Close(Place),
    Stall(Place),
    /// The time between two bytes, from the first on.
    SlowHead(Duration),
    /// The same, from the first of the body on.
    SlowBody(Duration),
    NotHttp,
    Latency(Latency),
    Skew(SignedDuration),
}

/// How far an answer gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nothing of it.
    Start,
    /// Into its head.
    Head,
    /// To the end of its head.
    Headers,
    /// Into its body.
    Body,
}

/// How late answers are.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Latency {
    /// Always as late.
    Fixed(Duration),
    /// Anything between the two.
    Uniform(Duration, Duration),
    /// Most about the median, some much later: sigma is the logarithm's standard deviation.
    LogNormal {
        /// Half of the answers are faster.
        median: Duration,
        /// 0.5 makes the slowest of a hundred answers about three times the median.
        sigma: f64,
    },
}

impl Fault {
    /// Whether it is about logging in.
    pub(crate) fn is_of_logins(&self) -> bool {
        matches!(
            self,
            Fault::InvalidGrant
                | Fault::InvalidClient
                | Fault::SecondFactor
                | Fault::TokenNull
                | Fault::TokenEmpty
                | Fault::TokenBroken
                | Fault::LifetimeNegative
                | Fault::LifetimeEndless
        )
    }

    /// Whether it can come with another one.
    pub(crate) fn is_aside(&self) -> bool {
        matches!(self, Fault::Latency(_) | Fault::Skew(_))
    }
}

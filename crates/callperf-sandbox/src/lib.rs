//! A local server that behaves like RingCentral's Call Performance API, with known calls behind it.
//!
//! The API runs in production only: there is no place to try a request, and no numbers that a test could expect.
//! This crate invents a company and half a year of its calls, and answers from them over HTTP: the private beta of
//! 2021, and the calls API, version 1, that it became (aggregation and timeline), each as of any of its revisions. It
//! is written from the documents alone and shares no code with the client beside it.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use callperf_sandbox::Sandbox;
//!
//! let sandbox = Sandbox::builder().seed(7).now("2025-06-02T00:00:00Z".parse()?).start().await?;
//! // What any client of the API needs:
//! let _ = (sandbox.url(), sandbox.client_id(), sandbox.client_secret(), sandbox.jwt());
//! // Who it will find:
//! assert_eq!(sandbox.directory().users().len(), 24);
//! # Ok(())
//! # }
//! ```
//!
//! # The calls
//!
//! The company has users in departments, user groups and at sites, queues with agents, menus (IVRs), virtual agents
//! (IVAs) that answer some calls in place of a menu, shared lines and direct numbers; [`Directory`] has their names and
//! keys. It is open from Monday to Friday, 9 to 18 by the clocks of New York, and each queue at hours of its own
//! ([`Directory::queue_hours`]). By default it has 24 users, and about 150 calls begin on a day it is open, few on
//! others, over the 184 days before [`Sandbox::now`]. The same settings and `now` give the same bytes on every machine.
//!
//! [`Builder::users`], [`Builder::calls`], [`Builder::days`] and [`Builder::profile`] ask for other calls, and
//! [`Builder::data`] brings those of files, in the schema that [`Data`] documents: a history of your own, for example.
//! [`Sandbox::dump`] writes the files.
//!
//! A *call* has a start, an origin, a party that ended it, perhaps a direct number that was dialled, and *legs*: one for each time that it
//! came to an extension or was made from one. A leg has a direction, a response, a type and a result (as far as they
//! apply), segments with whole seconds, actions with their time, the queue that brought it, and the colleague at the
//! other end. A report's *record* is built from the *portions* of calls that involved its key: the legs of one call
//! that belong to the key make one portion, so that a call counts once per key.
//!
//! ```text
//! seconds   0         12    22       42      50            150    180
//! Main Menu |IvrPrompt|                                             answered, direct
//! Support             |Ringing . . . . . . . .|                     answered, direct; its SLA is 30 seconds
//! Greta                     |Ringing |                              not answered, missed
//! Hugo                               |Ringing|LiveTalk    |Hold  |  answered, from queue, completed
//!
//! users    Greta     20 s  ringing                     not answered, missed
//!          Hugo     138 s  ringing, talk, hold         answered, from queue, completed
//! queues   Support  180 s  prompt, ringing, talk, hold answered, from queue, completed, out of SLA
//! company           180 s  prompt, ringing, talk, hold answered, from queue, completed
//! ```
//!
//! **Whose a leg is.** Users, queues, IVRs, IVAs and shared lines have the legs at their extension; a queue also those that
//! it brought to its agents. A site has the legs at its extensions, a department or user group those of its users,
//! the company all, a company number all of the calls that came in on it. A queue that another queue passed the call
//! on to has that leg for itself.
//!
//! **Merging.** Segments and actions are added up. Response, type and result are those of the leg that was picked up
//! and ended last, or else of the leg that ended last (the first such leg); a menu's or
//! virtual agent's leg has a say only if there is no other. If the key both made and received legs of a call, the received ones decide and theirs are the segments, so
//! that a talk between two members counts once; if such a call is internal, it has no direction. At company scope no
//! internal call has one. The time in menus also belongs to whom they led to straight: to the key whose first leg
//! follows them, another menu's included. Company hours are those at the call's start, and so are queue hours, which only a queue's portion has.
//! The party that ended the call is the same in all of its portions. A queue's portion is in or out of SLA by the wait before
//! it was answered, which is how long the queue's leg lasted. An unanswered call is neither; but a queue can have it
//! that abandoned calls count (`sla_abandoned_seconds` in [`Data`], none of the invented ones): those whose caller hung
//! up while the queue's leg lasted, after so many seconds or more. The first leg that tells decides.
//!
//! **Counting.** A portion's length is the sum of its segments' seconds. Calls count portions, time spent adds up
//! their lengths; by segment, the portions that had it, and the seconds in it; by action, how often it was done.
//! Queue opportunities are the times that a queue let it ring at the user. A portion counts under one word of a
//! breakdown at most, and of type, result and SLA perhaps under none: a call that was parked has no result here.
//!
//! **Aggregating.** A sum is that. An average, minimum or maximum by hour, day, week or month is one of the sums of
//! those, cut as a timeline is; without an interval (timers only) it is one over the portions that fall under the
//! word, or had the segment, each with its seconds. A percentage is the sum as a share of another sum in the same unit:
//!
//! | words | are a share of |
//! |---|---|
//! | all calls (an assumption: 100), direction, origin, type, company and queue hours, queue SLA, ending party | all calls |
//! | answered, not answered | inbound |
//! | connected, not connected | outbound |
//! | completed, every action, and the segments but for the next line's | answered |
//! | every other result, VM greeting, voicemail | not answered |
//!
//! So a percentage may be more than 100. Numbers are whole until the one division that makes an average or a share,
//! and nothing is rounded but on the beta, which only has whole numbers.
//!
//! **Inventing.** Chances are tables of whole numbers, because floating-point functions differ between machines, and
//! each local day draws from a stream of its own.
//!
//! | [`Profile`] | calls of 24 users | when | in, out, inside |
//! |---|---|---|---|
//! | `Steady` | 140 to 160 on a working day, 10 to 15 on others | most from 9 to 17, fewer at noon | 57, 28, 15 % |
//! | `ContactCentre` | 560 to 640, 30 to 40; 35 % more on Mondays | peaks from 10 to 12 and 14 to 16, when queues take four times as long | 90, 7, 3 % |
//! | `AfterHoursVoicemail` | 60 to 76, 70 to 90; 30 % more on Saturdays | most before 9 and after 18, and on weekends | 84, 11, 5 % |
//!
//! What the words of 2025-05-20 tell is drawn from streams of their own, after the calls, so that all other numbers
//! stay what they were: who hung up (the caller, if the call was abandoned; the system, if there was no answer); one
//! call in four at a menu, which a virtual agent answers instead; one answered call in eleven to a user's own number,
//! which was forwarded; and of every hundred calls that one agent let ring and the next one took, 12 that the next one
//! picked up and 28 that were answered elsewhere.
//!
//! While the company is closed nearly all calls come in, and queues pass them to a mailbox. Talks have the shape of a
//! log-normal distribution: half last less than 140 seconds, one in six more than 390, one in twelve more than 580,
//! none more than 1,400. Who waits in a queue gives up after a time of their own: one in eight within 24 seconds, half
//! within 2 minutes, all within 10. So the longer they wait, the more give up.
//!
//! # Assumptions
//!
//! The documents leave questions open, which the sandbox had to decide. Each of these is an option, by its name here
//! ([`Assumptions::set`], or `callperf sandbox --assume NAME=VALUE`) or by the method of [`Assumptions`] of that name.
//! What a real account has settled sets them, too ([`Calibration`], `callperf sandbox --calibration FILE`).
//!
//! | option | default | others | because |
//! |---|---|---|---|
//! | `empty-records` | `named`: of the keys without a matching call, those that the request names come back | `none`, `all` | "no calls" differs from "no such key", and who counts calls doesn't see others |
//! | `record-order` | `key` | `name` | it is stable from page to page |
//! | `beta-per-page` | `100` records if the request doesn't say | any | documented then |
//! | `aggregation-per-page` | `100` | 1 to 200 | the beta's |
//! | `timeline-per-page` | `20` | 1 to 20; `refused` sets `timeline-page-limit` to `anl-503` | the most that is allowed |
//! | `timeline-page-limit` | `cmn-101` refuses a timeline's `perPage` above 20 | `anl-503` | the limit is documented; its other code is one party's word |
//! | `page-after-last` | `empty` | `refused` | keys come and go between requests |
//! | `week-start` | `monday` | the other days | ISO 8601 |
//! | `milliseconds` | `kept`: those of a period's bounds count | `dropped`: a bound is the second that it is in | RFC 3339 has parts of a second |
//! | `empty-points` | `all` points of a timeline are there, with zeros | `included`: where a call could have begun by `includeDays` and `includeHours`; `none` | every record has the same times |
//! | `empty-intervals` | `included`: an average, minimum or maximum by interval is one over all in which a call could have begun | `all`, `none` | a report on workdays isn't divided by seven, and quiet days count |
//! | `partial-buckets` | `cut`: the first and last point or interval are whole in name, and have the calls of the period | `omitted`, with their calls | no call is lost, and they line up with other periods' |
//! | `point-times` | `local`: a point's `time` is its local start, with the offset of the time zone asked for | `utc` | the day can be read off |
//! | `overnight-hours` | `wrapped`: 22:00–06:00 passes midnight, each part on the days that are included | `empty`, `refused` | it is what is meant |
//! | `hours-end` | `included`: the minute `to` belongs to `includeHours`, and there is no 24:00 | `excluded`, with 24:00 | samples end at 23:59 |
//! | `undefined-values` | `zero` stands for a share of nothing, and for the average, minimum and maximum of nothing | `absent`, against the documents | the documents require a number |
//! | `beta-averages` | `rounded` to the nearest second, a half up | `truncated` | the beta's numbers are whole |
//! | `unknown-fields` | `ignored` | `refused` with ANL-202 | no document says that they are refused; ANL-202 is one party's word |
//! | `future-time-to` | `anl-302` | `cmn-101` | others report it |
//! | `timeline-range` | `any` range of time is answered, however short | `longer-than-interval`: a timeline's has to be longer than the longest interval of its kind (1 hour, 25 hours, 7 days and 1 hour, 31 days and 1 hour), or is refused with ANL-305 | one other reports the rule; what the service compares isn't known |
//! | `foreign-account` | `not-found`: a report of another account gets 400 with CMN-102, and the caller's own id means `~` | `refused`: all but `~` get 403 with ANL-102 | the document takes an id; the refusal is one party's word, of an operation that no document has |
//! | `abandoned-sla` | `out`: where a queue counts abandoned calls, they are out of its SLA | `by-wait`: in it, if the caller waited no longer than an answer may take | a service level is the share that was answered in time |
//! | `result-shares` | `not-answered`: percentages of the results `Transferred` and `Forwarded` are shares of the calls that weren't answered | `answered` | the vendor says so of every result but `Completed`, but before there were these two |
//! | `response-encoding` | `gzip`: an answer of a kilobyte and more is compressed for those who take gzip | `none` | servers usually do, and no document says |
//! | `rate-limit-remaining` | `after`: `X-Rate-Limit-Remaining` tells what is left after the request | `before` | the header's name |
//! | `latency` | `0` seconds after its start a call is counted | any, up to a day | a test finds what it put there; integrations keep two minutes away from now |
//!
//! These aren't options:
//!
//! | question | answer here | because |
//! |---|---|---|
//! | timers by interval | an average, minimum or maximum of the seconds of each | as for calls |
//! | percentages of all calls | 100 | it is the share in itself |
//! | time in a menu | the menu's, and that of each key whose first leg comes after it or after a chain of menus | a caller's time in menus is part of reaching whom they lead to |
//! | response, type and result of a call at company scope | those of the leg that was picked up and ended last, or else of the one that ended last | it is whom the call ended with |
//! | `Setup` of an internal call at company scope | not counted, as no other segment of the leg that made it | the received legs decide, or the talk would count twice |
//! | the filter `queues` | looks at the whole call: a queue's leg, or one that a queue brought to a user, whichever part is the key's | the document says that the call was routed through the queue |
//! | `queueOpportunities` under the filter `queues` | all times that a queue let it ring in the calls that pass, those of other queues too | a filter chooses calls, not parts of them |
//! | `empty-records=named` and members | a set's members without a matching call don't come back, even if the set is named | the request names the set, not them |
//! | time zone data | release 2026f, bundled, whichever the machine has | the same request gets the same answer everywhere; offsets of some zones differ between releases |
//! | hour | begins when the local clock shows a full one, or is moved | a half-hour's move makes no hour longer |
//! | empty lists, `null` | as if left out | the guide says so of `grouping` |
//! | no `grouping` on today's API | the company, with a remark | so says the guide, and the document requires one |
//! | segment lengths in filters | all seconds of the portion in that segment | as the timer counts them |
//! | extension filters, queue SLA on the beta | refused where today's API has no use for them | zeros would mislead |
//! | who ended a call that several took part in | one party for the whole call, whichever key is counted; the caller is who called, in either direction | the documents tell of the call |
//! | queue hours | by the company's time zone, at the call's start; refused where the grouping isn't queues, in breakdowns as in the filter | as company hours and queue SLA |
//! | `Transferred` as a result | of the part of the call that was passed on | who received it has the type of that name |
//! | `PickedUp` and `QueueCallPickup` | the result of the agent whose call another took, and the type of the other's part | the words go together |
//! | `AnsweredElsewhere` | the result of an agent whose call the next one answered | such a call wasn't missed |
//! | `Forwarded`, the segment `Forwarding` | a user's call was answered at another number, which rang for so long | nothing says more |
//! | virtual agents (IVAs) | count as menus do; no list of extensions has them | no document has a type of extension for them |
//! | revisions before 2025-05-20 | `Forwarded` is `Completed`; `PickedUp` and `AnsweredElsewhere` are `Missed`; `QueueCallPickup` is `FromQueue`; `Forwarding` is `Ringing`; a transferred call has no result; a virtual agent's part is its menu's | those are the older words for it |
//! | `groupedBy` of members | `Users` | the field has no other word for it |
//! | `parameterName` | the path in the body, as in `timeSettings.timeZone` | it finds the place |
//! | `message` | the documented words, then the reason | it helps, and programs shouldn't read it |
//!
//! On the beta, `completed` counts connected outbound calls too, as on today's API; `connected` of results is today's
//! response of that name, missed and accepted of response types are today's results, the other response types today's
//! types. Within one of its filter lists words of two such kinds are alternatives.
//!
//! From others' reports only: error codes AGW-402, ANL-102, ANL-202, ANL-302, ANL-305, ANL-503, OAU-123, OAU-210,
//! OAU-213 and OAU-251, the shape of a refused login, and that `timeTo` can't be in the future. A wrong method and a
//! body that isn't JSON get an error in the service's shape whose code is a guess.
//!
//! # Names and keys
//!
//! `GET /restapi/v1.0/account/~/extension` (by `type`, `status`, `extensionNumber`), `/call-queues` (by
//! `memberExtensionId`), `/sites`, and `/restapi/v1.0/dictionary/timezone` have the platform's shapes, with pages and
//! links to the next; their `id` is what a report calls `key`. Time zones have their IANA names, which reports take.
//!
//! `/restapi/v1.0/account/~` is the account itself, `/call-queues/{id}` a queue with its service-level settings, and
//! `/ivr-menus` all menus. `/call-queues/{id}/members` and `/department/{id}/members` list users, in pages;
//! `/sites/{id}/members` lists all extensions at a site at once, because the platform's document has no parameters
//! for pages of it. `/department` takes the departments of reports (assumed) and, as documented, queues.
//!
//! # Remarks
//!
//! The service ignores fields that the document lacks without a word: that is how reports come to be full of zeros.
//! The sandbox adds to each response, of any status, a header `x-sandbox-remark` for each probable mistake:
//!
//! ```text
//! x-sandbox-remark: `groupByMember` is not a field of `grouping`; did you mean `groupByMembers`?
//! x-sandbox-remark: `101` isn't a key of this grouping; it is the extension number of the key `1502200017`
//! ```
//!
//! A request for numbers that the calls of older files can't have gets one, too ([`Sandbox::remarks`]).
//!
//! # Revisions
//!
//! The sandbox speaks the revision of each API that it is written for ([`Sandbox::revisions`]), or any other that
//! `openapi/revisions` has ([`Builder::revision`]): the names and words in `interface.json` decide what a request can
//! hold and what a response does. What a later revision brings to a request is answered with 501 until it is written,
//! and no call falls under a word that it brings to a breakdown. What the vendor's change logs tell beyond the
//! documents holds as well: averages, minima and maxima of timers work from 2021-07-19 on, and a period that ends
//! before it begins is refused from 2021-08-12 on and had no calls before. In all revisions alike are errors, of which
//! no document lists all fields, the 184 days of lookback, and phone numbers in E.164.
//!
//! # Logging in
//!
//! The token endpoint knows JWT (also as `partner_jwt`), authorization code with and without PKCE, refresh token and,
//! for the beta, password; `revoke` ends a session. The sandbox's own app may prove who it is by its secret (HTTP Basic
//! or `client_secret_jwt`), but its client id alone will do; apps of [`Builder::app`] keep their own rules. `authorize`
//! shows a page to choose a user on; `prompt=none` gives the code without it, to the user whose extension id is the
//! `login_hint`, or else the JWT's. [`Sandbox::advance`] lets tokens grow old.
//!
//! | question | answer here | because |
//! |---|---|---|
//! | what a killed, revoked or replaced token brings | 401, `OAU-213` | others have seen it; the guide tells only that it is 401 |
//! | which session a sixth login ends | one that is over, else the oldest | the guide only says "one" |
//! | status of a refused login | 400, but 401 if the app is wrong | the document has 400, RFC 6749 the other |
//! | code of a wrong verifier | `invalid_grant`, `CMN-101` | RFC 7636 has the first, no source the second |
//! | a code that was used | is used up, good or not | the safe reading of "once" |
//! | `private_key_jwt` | refused | the sandbox has no app's public key |
//! | words of `scope` that the app lacks | passed over | clients send some of their own |
//! | a redirect to this machine | any port; any path if registered without | RFC 8252 |
//!
//! # Quotas
//!
//! [`Builder::limits`] has the service's quotas: requests in a sliding window by user, app and group, reported in
//! the `X-Rate-Limit-…` headers of every answer; one too many brings 429 with `Retry-After` and a penalty, which each
//! further request starts anew. A test has none unless it asks for them, so that it doesn't wait; `callperf sandbox`
//! has the documented ones by default. [`Limits::scaled`] makes a minute a second, and
//! [`Sandbox::advance`] lets one pass.
//!
//! | question | answer here | because |
//! |---|---|---|
//! | whose requests a login counts with | the app's | since 2026 by others' word; the guide says the user's |
//! | what counts | requests with a good token, and logins that name an app | others have no quota |
//! | whether a refused request counts in the window | no, but it starts the penalty anew | the guide tells only of the penalty |
//! | `X-Rate-Limit-Remaining` in a penalty | what the window has left | others have seen 50 there |
//!
//! # Faults
//!
//! The failures of production are available on demand: statuses with and without their headers, bodies of other kinds,
//! pages that shift, connections that break off, answers that come late, logins that fail. [`Fault`] has the table.
//! The same names are in a test ([`Builder::faults`], [`Sandbox::set_faults`]), in a script
//! (`callperf sandbox --faults FILE`; [`Faults`] has its form), and in the header `X-Sandbox-Fault` of one request,
//! which comes before all others. [`Sandbox::requests`] returns the requests, their outcomes and the faults they met.
//!
//! The sandbox's own code cuts connections, below the HTTP server. What an HTTP server can't send, such as wrong
//! lengths, is left to a test's own socket.
//!
//! # Watching it
//!
//! With [`Builder::control`], or `callperf sandbox --control`, a page at `/sandbox` shows requests as they come: their
//! contents, why they were refused, and what is left of the quota. Programs get the same below it:
//!
//! | | |
//! |---|---|
//! | `GET /sandbox/requests?after=7` | [`SeenRequest`]s after that number; `DELETE` forgets them |
//! | `GET /sandbox/clock` | the date; `POST` `{"advance": "1h"}` moves it and all that grows old |
//! | `GET /sandbox/limits` | the text of [`Limits`]; `PUT` `{"limits": "light=50/1s/1s"}` sets them |
//! | `GET /sandbox/quota` | what is left to whom; `POST` `{"group": "light", "requests": 40}` spends as another process would (with `user`, `clientId`), `DELETE` forgets what was spent |
//! | `GET /sandbox/faults` | the script of [`Faults`]; `PUT` another, `DELETE` it |
//! | `POST /sandbox/reset` | as [`Sandbox::reset`] |
//! | `GET /sandbox/state` | all that the page shows besides the requests |
//!
//! It has no password, so it is off by default. It answers its own page alone.
//!
//! # API reference
//!
//! | | |
//! |---|---|
//! | `GET /openapi/calls-v1.json`, `/openapi/beta.json` | the OpenAPI 3.0 document of the revision that is spoken |
//! | `GET /openapi/calls-v1/2023-03-27.json` | of another one; any other path below `/openapi` lists them all |
//! | `GET /reference` | a page to browse them, and to send requests from (feature `reference`, 1.8 MB) |
//!
//! A document names this sandbox as its server. The period of each example is the seven days before the sandbox's last
//! midnight, and its response what the sandbox answers. A tool that can't log in by itself takes the token of
//! [`Sandbox::access_token`]; the page gets one when it sends its first request. None of this counts in a quota, and
//! none of it is among [`Sandbox::requests`], but for the requests that the page sends to the service.
//!
//! # Who can reach it
//!
//! The sandbox listens on 127.0.0.1. Any program on the machine can use it: the credentials are made from the seed. Web
//! pages can't, although a browser on the machine can send requests here for any page that it shows. Every path, the
//! service's and `/sandbox`, answers 403 to a request whose `Host` (or `:authority`) or `Origin` is neither a loopback
//! name or address (`localhost`, names below it, 127.0.0.0/8, `[::1]`), with any port, nor allowed by
//! [`Builder::allow_host`]; so DNS rebinding doesn't help a page. `Origin: null`, which a page in a file sends, is
//! refused. A request without `Host` comes from no browser and is answered. Headers like `X-Forwarded-Host` don't count.
//! Pages that pass may read the documents below `/openapi` (CORS), and nothing else. `/sandbox` and `/reference` answer
//! their own pages alone.
#![deny(missing_docs)]

mod aggregate;
mod assumptions;
mod calibration;
mod data;
mod error;
mod hint;
mod protocol;
mod server;
mod shown;
mod wire;

pub use assumptions::{
    AbandonedSla, Assumptions, BetaAverages, EmptyBuckets, EmptyRecords, ForeignAccount,
    FutureTimeTo, HoursEnd, Milliseconds, OvernightHours, PageAfterLast, PartialBuckets,
    PointTimes, RateLimitRemaining, RecordOrder, ResponseEncoding, ResultShares, TimelinePageLimit,
    TimelineRange, UndefinedValues, UnknownFields,
};
pub use calibration::{Calibration, Settable};
pub use data::directory::{Directory, Entry};
pub use data::files::{Data, DataError, Format};
pub use data::generate::Profile;
pub use error::Error;
pub use protocol::faults::{Fault, FaultError, Faults, Latency, Place, Requests, Rule};
pub use protocol::limits::{Limit, Limits, LimitsError};
pub use protocol::log::SeenRequest;
pub use protocol::oauth::App;
pub use server::sandbox::{Builder, Sandbox};

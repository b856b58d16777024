//! A local server that behaves like RingCentral's Call Performance API, with known calls behind it.
//!
//! The API runs in production only: there is no place to try a request, and no numbers that a test could expect.
//! This crate invents a company and half a year of its calls, and answers from them over HTTP: the private beta of
//! 2021-08-12, and the calls API, version 1, of 2025-03-11 (aggregation and timeline). It is written from the
//! documents alone and shares no code with the client beside it.
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
//! The company has users in departments, user groups and at sites, queues with agents, menus (IVRs), shared lines and
//! direct numbers; [`Directory`] tells their names and keys. It is open from Monday to Friday, 9 to 18 by the clocks
//! of New York. About 150 calls begin on a day it is open, few on others, over the 184 days before
//! [`Sandbox::now`]. The same seed and `now` give the same bytes on every machine.
//!
//! A *call* has a start, an origin, perhaps a direct number that was dialled, and *legs*: one for each time that it
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
//! **Whose a leg is.** Users, queues, IVRs and shared lines have the legs at their extension; a queue also those that
//! it brought to its agents. A site has the legs at its extensions, a department or user group those of its users,
//! the company all, a company number all of the calls that came in on it.
//!
//! **Merging.** Segments and actions are added up. Response, type and result are those of the leg that was picked up
//! and ended last, or else of the leg that ended last; a menu's leg has a say only if there is no other. If the key
//! both made and received legs of a call, the received ones decide and theirs are the segments, so that a talk
//! between two members counts once; if such a call is internal, it has no direction. At company scope no internal
//! call has one. The time in a menu also belongs to the queue or user that the menu led to straight. Company hours
//! are those at the call's start. A queue's portion is in or out of SLA by the wait before it was answered, and
//! neither if it wasn't.
//!
//! **Counting.** A portion's length is the sum of its segments' seconds. Calls count portions, time spent adds up
//! their lengths; by segment, the portions that had it, and the seconds in it; by action, how often it was done.
//! Queue opportunities are the times that a queue let it ring at the user. A portion counts under one word of a
//! breakdown at most, and of type, result and SLA perhaps under none: a call that was passed on has no result here.
//!
//! # Assumptions
//!
//! What no document says had to be decided. [`Builder::empty_records`] is an option; the others will be.
//!
//! | question | answer here | because |
//! |---|---|---|
//! | which keys come back without `keys` | those with a matching call | who counts calls doesn't see others |
//! | … with `keys` | every one that exists | "no calls" differs from "no such key"; see [`EmptyRecords`] |
//! | order of records | by key | stable from page to page |
//! | `perPage` on `aggregation/fetch` | 100 | the beta's documented default |
//! | `perPage` on `timeline/fetch` | 20 | the most that is allowed |
//! | a page after the last | empty, not refused | keys come and go between requests |
//! | first and last bucket | whole in name, cut by the period | they line up with other periods' |
//! | a bucket's `time` | its local start, with the offset of the zone asked for | the day can be read off |
//! | empty buckets | present, all zero | every record has the same times |
//! | week | begins on Monday | ISO 8601 |
//! | `includeHours` | both minutes are in; 22:00–06:00 passes midnight; no 24:00 | samples end at 23:59 |
//! | empty lists, `null` | as if left out | the guide says so of `grouping` |
//! | fields the document lacks | ignored | nothing says that they are refused |
//! | segment lengths in filters | all seconds of the portion in that segment | as the timer counts them |
//! | extension filters, queue SLA on the beta | refused where today's API has no use for them | zeros would mislead |
//! | `groupedBy` of members | `Users` | the field has no other word for it |
//! | `parameterName` | the path in the body, as in `timeSettings.timeZone` | it finds the place |
//! | `message` | the documented words, then the reason | it helps, and nobody should read it by program |
//!
//! On the beta, `completed` counts connected outbound calls too, as on today's API; `connected` of results is today's
//! response of that name, missed and accepted of response types are today's results, the other response types today's
//! types. Within one of its filter lists words of two such kinds are alternatives.
//!
//! From others' reports only: error codes AGW-402, ANL-302, OAU-123, OAU-210, OAU-213 and OAU-251, the shape of a refused login, and
//! that `timeTo` can't be in the future. An unknown path and a wrong method get an error in the service's shape whose
//! code is a guess.
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
//! | code of a wrong verifier | `invalid_grant`, `CMN-101` | RFC 7636 has the first, nobody the second |
//! | a code that was used | is used up, good or not | the safe reading of "once" |
//! | `private_key_jwt` | refused | the sandbox has no app's public key |
//! | words of `scope` that the app lacks | passed over | clients send some of their own |
//! | a redirect to this machine | any port; any path if registered without | RFC 8252 |
//!
//! # Quotas
//!
//! [`Builder::limits`] has the service's quotas: requests in a sliding window by user, app and group, told in the
//! `X-Rate-Limit-…` headers of every answer; one too many brings 429 with `Retry-After` and a penalty, which each
//! further request starts anew. A test has none unless it asks for them, so that it doesn't wait; `callperf sandbox`
//! has the documented ones unless told otherwise. [`Limits::scaled`] makes a minute a second, and
//! [`Sandbox::advance`] lets one pass.
//!
//! | question | answer here | because |
//! |---|---|---|
//! | whose requests a login counts with | the app's | since 2026 by others' word; the guide says the user's |
//! | what counts | whatever has a good token, or names an app in order to log in | nobody else has a quota |
//! | whether a refused request counts in the window | no, but it starts the penalty anew | the guide tells only of the penalty |
//! | `X-Rate-Limit-Remaining` in a penalty | what the window has left | others have seen 50 there |
//!
//! # Faults
//!
//! What goes wrong in production can be had on demand: statuses with and without their headers, bodies of other kinds,
//! pages that shift, connections that break off, answers that come late, logins that fail. [`Fault`] has the table.
//! The same names are in a test ([`Builder::faults`], [`Sandbox::set_faults`]), in a script
//! (`callperf sandbox --faults FILE`; [`Faults`] has its form), and in the header `X-Sandbox-Fault` of one request,
//! which comes before all others. [`Sandbox::requests`] tells what was asked, what came of it and which fault it met.
//!
//! A connection is cut by the sandbox's own code, below the HTTP server. What no server can be made to say, such as
//! lengths that aren't true, is left to a test's own socket.
//!
//! # Not yet
//!
//! Average, Min, Max and Percent on today's API, and all but Sum for timers of the beta, are answered with 501 and
//! `CMN-202`.
#![deny(missing_docs)]

mod calls;
mod clock;
mod directory;
mod errors;
mod faults;
mod filter;
mod gate;
mod generate;
mod gzip;
mod limits;
mod log;
mod oauth;
mod portion;
mod query;
mod sandbox;
mod server;
mod time;
mod wire;
mod words;

pub use directory::{Directory, Entry};
pub use faults::{Fault, FaultError, Faults, Latency, Place, Requests, Rule};
pub use limits::{Limit, Limits, LimitsError};
pub use log::SeenRequest;
pub use oauth::App;
pub use query::EmptyRecords;
pub use sandbox::{Builder, Error, Sandbox};

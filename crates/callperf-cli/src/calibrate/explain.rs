//! What would be sent, without sending it.

use std::io::{self, Write};

use super::{
    driver::Allowed,
    experiments,
    notebook::Notebook,
    period::{DAYS, Setup, ZONE},
};

/// Writes all requests for the person who is responsible for the account.
pub(crate) fn explain(
    out: &mut impl Write,
    setup: &Setup,
    server: &str,
    allowed: Allowed,
) -> io::Result<()> {
    writeln!(
        out,
        "callperf calibrate asks RingCentral how it counts calls, so that reports can be trusted.\n\
         \n\
         It only reads. It asks for numbers of calls, as a report does: no request changes a setting,\n\
         a user, a call or anything else in your account, and none asks for what was said, for\n\
         recordings or for messages. Analytics requests are POST because their question is in the\n\
         body; the API's document has no other method for them.\n\
         \n\
         Where to:  {server}\n\
         About:     the {DAYS} days from {} on, by the clock of {ZONE}, and the last two days\n\
         How many:  at most {} requests, and one or two logins{}\n\
         Kept:      the file has numbers and times, and no names, keys or phone numbers\n\
         \n\
         Nothing has been sent now. These would be:",
        setup.first,
        allowed.budget,
        if allowed.refusals {
            "; those marked with ! may be refused by the API"
        } else {
            "; none that the API is expected to refuse (--with-refusals adds those)"
        }
    )?;
    let notebook = Notebook::explaining();
    let mut shown: Vec<String> = Vec::new();
    for experiment in experiments::ALL {
        if experiment.may_be_refused && !allowed.refusals {
            continue;
        }
        writeln!(out, "\n{}", experiment.question)?;
        let requests = (experiment.requests)(setup, &notebook);
        if requests.is_empty() {
            writeln!(out, "  the responses to the other requests answer it")?;
        }
        for request in requests {
            if let Some(place) = shown.iter().position(|name| *name == request.name) {
                writeln!(out, "  {} answers it, too", place + 1)?;
                continue;
            }
            shown.push(request.name.clone());
            let number = shown.len();
            let mark = if experiment.may_be_refused { " !" } else { "" };
            let method = if request.body.is_some() { "POST" } else { "GET" };
            let query: Vec<_> =
                request.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let query =
                if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
            writeln!(out, "  {number}.{mark} {}", request.purpose)?;
            writeln!(out, "     {method} {}{query}", request.path)?;
            if let Some(body) = &request.body {
                writeln!(out, "     {body}")?;
            }
        }
        if let Some(repeats) = experiment.repeats {
            writeln!(out, "     and {repeats}")?;
        }
    }
    Ok(())
}

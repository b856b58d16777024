//! What would be sent, without sending it.

use std::io::{self, Write};

use super::{
    driver::{Allowed, most_requests},
    experiment::{Repeats, Tells},
    experiments,
    notebook::Notebook,
    period::{DAYS, Setup, ZONE},
    report::WIDTH,
    request::Family,
};
use crate::fill::indented;

/// Writes all requests for the person who is responsible for the account.
pub(crate) fn explain(
    out: &mut impl Write,
    setup: &Setup,
    server: &str,
    allowed: Allowed,
) -> io::Result<()> {
    writeln!(
        out,
        "callperf calibrate finds out how RingCentral counts calls, so that you can trust reports.\n\
         \n\
         It only reads. It requests numbers of calls, as a report does. No request changes a setting,\n\
         a user, a call or anything else in your account, and none reads recordings, messages or what\n\
         was said. Analytics requests are POST because the query is in the body; the API has no other\n\
         method for them.\n\
         \n\
         Server:    {server}\n\
         Calls:     of the {DAYS} days from {} on, by the clock of {ZONE}, and of the last two days\n\
         Requests:  {}{}\n\
         Responses: numbers of calls, of the company and of each user, queue and department, with their\n\
         \x20          names and extension numbers, as in a report; perhaps one queue's settings{}\n\
         Kept:      one file with numbers, times, error codes and the server's address, and without\n\
         \x20          names, keys, extension numbers, phone numbers and ids\n\
         \n\
         Nothing is sent now. A run sends these requests:",
        setup.first,
        requests(setup, allowed),
        if allowed.refusals {
            ";\n           those marked with ! may be refused by the API"
        } else {
            ";\n           none that the API is expected to refuse (--with-refusals adds those)"
        },
        if allowed.refusals { ";\n           and the account's own record" } else { "" }
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
            let may_be_refused = experiment.may_be_refused && request.family == Family::Reports;
            let mark = if may_be_refused { " !" } else { "" };
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
        if let Some(Repeats { most, purpose }) = experiment.repeats {
            let text = format!("and up to {most} more like it, {purpose}");
            writeln!(out, "{}", indented(&text, 5, WIDTH))?;
        }
        for Tells { assumption, open, .. } in experiment.tells {
            let text = format!("`{assumption}` stays open if {open}.");
            writeln!(out, "{}", indented(&text, 2, WIDTH))?;
        }
    }
    Ok(())
}

/// How many requests there are. Some depend on the responses to others.
fn requests(setup: &Setup, allowed: Allowed) -> String {
    let most = most_requests(setup, allowed.refusals);
    let budget = allowed.budget;
    let limit = if budget < most {
        format!(
            "at most {budget} (--budget), of up to {most} that the responses may make necessary"
        )
    } else if allowed.attempts > 1 && budget > most {
        format!("at most {most}, or {budget} with attempts that fail")
    } else {
        format!("at most {most}")
    };
    format!("{limit}, and one or two logins")
}

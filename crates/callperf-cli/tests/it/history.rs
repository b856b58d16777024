//! `callperf sync` at the fewest requests, and what reads its history.

use std::fs;

use serde_json::Value as Json;

use crate::support::{
    company::{Company, NOW, both},
    files, outcome,
};

fn kinds(requests: &[String]) -> (usize, usize) {
    let timelines = requests.iter().filter(|path| path.contains("timeline")).count();
    (requests.len() - timelines, timelines)
}

/// With P pages of 20 keys over all groupings: P for days, 3 P for figures, and one for the account.
#[test]
fn days_and_figures_take_a_request_for_twenty_keys() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(
        &folder,
        "--from 2026-10-01 --hourly none --figures company,queues,users,sites --daily none",
    );
    let pages = 1 + 1 + 2 + 1;
    assert_eq!(kinds(&company.requests()), (1, 4 * pages));
    let days = 31 + 23;
    assert_eq!(files(&folder).len(), 4 * 4 * days + 1);
    // A night later nothing is new, and the last two days are fetched again.
    company.sync(&folder, "");
    assert_eq!(kinds(&company.requests()).1, 4 * 3, "users by two aggregations instead");
}

/// Day timelines give the same files as aggregations.
#[test]
fn a_day_is_the_same_bytes_by_either_request() {
    let company = Company::of("--users 60");
    let (whole, again) = (company.home.path("whole"), company.home.path("again"));
    let kept = "--hourly none --daily users --figures users --time-zone America/New_York";
    company.sync(&whole, &format!("--from 2026-11-18 {kept}"));
    // Calls that were abandoned had only two pages of users.
    assert_eq!(kinds(&company.requests()), (1, 3 + 3 + 3 + 2));
    company.sync(&again, &format!("--from 2026-11-22 {kept}"));
    company.requests();
    for day in ["2026-11-21", "2026-11-20", "2026-11-19", "2026-11-18"] {
        // With the last two days three, of three pages of twenty keys or one of two hundred.
        company.sync(&again, &format!("--from {day} --hourly none --daily users --figures users"));
        assert_eq!(kinds(&company.requests()), (1 + 4 * 3, 0));
    }
    let (one, other) = (files(&whole), files(&again));
    assert!(one.keys().eq(other.keys()));
    for (name, bytes) in &one {
        assert!(other[name] == *bytes, "{} differs", name.display());
    }
}

#[test]
fn a_history_answers_as_the_api_does() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(
        &folder,
        "--from 2026-10-26 --time-zone America/New_York --hourly queues --daily none \
         --figures company,queues,users,sites",
    );
    company.requests();
    let month = "--from 2026-10-27 --to 2026-11-23";
    let figures = "offered,answered,answer-rate,abandonment-rate,abandonment-rate-before-answer,\
                   voicemail-rate,missed-rate,average-speed-of-answer,average-time-to-abandon,\
                   average-handle-time,average-talk-time,average-hold-time,hold-rate,transfer-rate";
    let metrics = "--calls all,by-result,by-action --time-spent by-segment";
    let questions = [
        format!("report queues {month} --kpis {figures} --totals"),
        format!("report agents {month} --kpis {figures}"),
        format!("report company {month} --kpis {figures}"),
        format!("report sites {month} --missing-is-zero"),
        format!("report --group-by users {month} {metrics} --where direction=inbound"),
        format!("report --group-by queues {month} --calls by-queue-sla,by-queue-hours"),
        format!("timeline --group-by queues {month} {metrics}"),
        format!("timeline queues {month}"),
        "timeline --group-by queues --last 3d --interval hour --calls all,by-result".to_owned(),
        "report queues --last 7d --compare --totals".to_owned(),
        "report --group-by queues --last 7d --keys 1503200017 --calls all".to_owned(),
    ];
    for question in questions {
        let (sent, stored) = both(&company, &folder, &question);
        assert!(sent.lines().count() > 1, "{question}: {sent}");
        assert_eq!(sent, stored, "{question}");
    }
}

#[test]
fn what_a_history_cannot_answer_is_refused_by_name() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(&folder, "--from 2026-11-16 --hourly none --daily queues --figures queues");
    let refused = |args: &str| {
        let args = format!("{args} --now {NOW} --history {}", folder.display());
        let output = company.home.command(&args).output().unwrap();
        let (code, data, said) = outcome(&output);
        assert_eq!((code, data.as_str()), (2, ""), "{args}: {said}");
        said
    };
    for (args, reason) in [
        ("report --group-by users --last 2d --calls all", "daily Users isn't kept"),
        ("report queues --last 30d", "from 2026-10-25 to 2026-11-15"),
        ("report queues --last 2d --time-zone Europe/Zurich", "its days are cut in UTC"),
        ("report queues --from 2026-11-20T08:00:00Z --to 2026-11-21", "parts of days"),
        ("report queues --last 2d --where origin=external", "filtered by direction and origin"),
        ("report queues --last 2d --kpis longest-wait", "filtered by direction and response"),
        ("report --group-by queues --last 2d --calls all:average", "sums are kept"),
        (
            "report queues --month 2026-11",
            "the last whole day that is kept is 2026-11-23: ask --from 2026-11-01 --to 2026-11-23",
        ),
        ("report queues --today", ": ask --from 2026-11-23 --to 2026-11-23"),
        (
            "timeline queues --last 2d --heat",
            "there are the numbers of all calls (--group-by queues --calls all)",
        ),
        ("report agents-of Support --last 2d", "`callperf sync --queue-agents` keeps them"),
        ("report --group-by company-numbers --last 2d --calls all", "--daily company-numbers`"),
        ("report --group-by queues --last 2d --calls all --hours 09:00-17:59", "hourly Queues"),
        ("report queues --last 2d --hours 09:00-17:59", "not by hours of the day"),
        ("timeline queues --last 2d --interval hour", "kept by day, not by hour"),
        ("timeline --group-by queues --last 2d --interval hour --calls all", "hourly Queues"),
        ("report --group-by members-of-queues --keys 1503200017 --last 2d --calls all", "members"),
    ] {
        let said = refused(args);
        assert!(said.contains("the history in ") && said.contains(reason), "{args}: {said}");
    }
    let missing = company.home.path("nothing");
    let args = format!("report queues --last 2d --history {}", missing.display());
    let (code, _, said) = outcome(&company.home.command(&args).output().unwrap());
    assert_eq!(code, 2);
    assert!(said.contains("--history: ") && said.contains("nothing was synced there"), "{said}");
}

#[test]
fn an_explanation_names_the_requests_that_are_made_and_makes_none() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    let kept = "--from 2026-11-10 --hourly none --daily queues --figures users";
    let explained = |args: &str| {
        company.run(&format!("sync --explain --quiet --now {NOW} {args}"), Some(&folder))
    };
    let first = explained(kept);
    assert!(!folder.exists());
    let lines = [
        "daily Queues: timeline from 2026-11-10 to 2026-11-23, 14 days: 1 request",
        "figures abandoned_unanswered Users: timeline from 2026-11-10 to 2026-11-23, 14 days: 1 request",
        "6 requests at least, the one for the account included: 1 min at 50 a minute",
        "Queues, Users: nothing is kept yet that says how many keys they have",
    ];
    for line in lines {
        assert!(first.contains(line), "{line}: {first}");
    }
    company.sync(&folder, kept);
    company.requests();
    let second = explained("");
    assert_eq!(company.requests().len(), 0);
    company.sync(&folder, "");
    let requests = format!("{} requests at least", company.requests().len());
    assert!(second.contains(&requests), "{requests}: {second}");
    assert!(!second.contains("nothing is kept yet"), "{second}");
}

#[test]
fn a_folder_of_an_earlier_version_is_taken_forward() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(&folder, "--from 2026-11-22 --hourly none --daily company,queues,users");
    let manifest = || fs::read_to_string(folder.join("manifest.json")).unwrap();
    assert!(manifest().contains("\"schema\": 1"), "earlier versions go on with it");
    let before = files(&folder);
    company.sync(&folder, "--migrate");
    let after = files(&folder);
    for (name, bytes) in before.iter().filter(|(name, _)| !name.ends_with("manifest.json")) {
        assert!(after[name] == *bytes, "{}", name.display());
    }
    assert!(manifest().contains("\"schema\": 2"));
    for series in ["daily/grouping=Sites", "figures/scope=answered/grouping=Queues"] {
        assert!(folder.join(series).join("date=2026-11-23/part-0.parquet").is_file(), "{series}");
    }
    let (sent, stored) = (
        company.run(&format!("report queues --last 2d --now {NOW} --format csv"), None),
        company.run(
            &format!(
                "report queues --last 2d --now {NOW} --format csv --history {}",
                folder.display()
            ),
            None,
        ),
    );
    assert_eq!(sent, stored);
}

/// A day's file in the place of another day's, which the manifest takes for its own.
#[test]
fn hours_that_do_not_add_up_to_their_day_are_found() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(&folder, "--from 2026-11-19 --hourly queues --daily queues");
    let check = || {
        let mut command = company.home.command("sync --check");
        outcome(&command.arg("--out").arg(&folder).output().unwrap())
    };
    assert_eq!(check().0, 0);
    let part = |day: &str| folder.join(format!("daily/grouping=Queues/date={day}/part-0.parquet"));
    fs::copy(part("2026-11-19"), part("2026-11-20")).unwrap();
    let text = fs::read_to_string(folder.join("manifest.json")).unwrap();
    let mut manifest: Json = serde_json::from_str(&text).unwrap();
    let days = &mut manifest["tables"]["daily"]["Queues"]["days"];
    days["2026-11-20"] = days["2026-11-19"].clone();
    fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
    let (code, all, said) = check();
    assert_eq!(code, 5, "{all}{said}");
    assert!(all.contains("hours don't add up: Queues 2026-11-20: "), "{all}");
    assert!(said.contains("1 problem in "), "{said}");
}

#[test]
fn views_are_of_what_a_folder_has() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(&folder, "--from 2026-11-22 --hourly queues --daily none");
    let args = format!("history views {}", folder.display());
    let (code, data, said) = outcome(&company.home.run(&args));
    assert_eq!((code, data.as_str()), (2, ""), "{said}");
    assert!(said.contains("has no days, which views are of"), "{said}");
    company.sync(&folder, "--daily queues");
    let (code, days, said) = outcome(&company.home.run(&args));
    assert!(
        code == 0 && said.contains("has no key figures, so the views are of its days"),
        "{said}"
    );
    assert!(days.contains("VIEW callperf_names") && !days.contains("/figures/"), "{days}");
    company.sync(&folder, "--figures queues");
    let sql = company.run(&args, None);
    let figures = format!("read_parquet('{}/figures/scope=*/grouping=*/date=", folder.display());
    assert!(sql.contains(&figures), "{sql}");
    let spark = company.run(&format!("{args} --engine spark"), None);
    assert!(spark.contains("CREATE OR REPLACE VIEW callperf_by_month") && spark != sql);
}

/// They are the same bytes on a server whose hours add up, and take no request.
#[test]
fn days_can_be_added_up_from_hours() {
    let company = Company::of("--users 24");
    let (fetched, added) = (company.home.path("fetched"), company.home.path("added"));
    let kept = "--from 2026-11-18 --time-zone America/New_York --hourly queues,users \
                --daily queues,users --figures sites";
    company.sync(&fetched, kept);
    let all = company.requests().len();
    let explained = company
        .run(&format!("sync --explain --quiet --now {NOW} {kept} --days-from-hours"), Some(&added));
    let line = "daily Users: added up from hours from 2026-11-18 to 2026-11-23, 6 days: 0 requests";
    assert!(explained.contains(line), "{explained}");
    company.sync(&added, &format!("{kept} --days-from-hours"));
    assert_eq!(company.requests().len(), all - 3, "one page of queues and two of users");
    let (one, other) = (files(&fetched), files(&added));
    assert!(one.keys().eq(other.keys()));
    for (name, bytes) in &one {
        assert!(other[name] == *bytes, "{} differs", name.display());
    }
    company.sync(&added, "--days-from-hours");
    assert!(files(&added) == other);
}

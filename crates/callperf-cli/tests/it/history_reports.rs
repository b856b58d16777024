//! Reports from a history: what they are asked by, and what they refuse.

use std::{fs, path::Path};

use serde_json::Value as Json;

use crate::support::{
    company::{Company, NOW, both},
    files, outcome,
};

/// The exit code, the data and the rest of a command with `--history`.
fn asked(company: &Company, folder: &Path, args: &str, more: &[&str]) -> (i32, String, String) {
    let mut command = company.home.command(&format!("{args} --now {NOW}"));
    command.arg("--history").arg(folder).args(more);
    outcome(&command.envs(company.served.variables.clone()).output().unwrap())
}

#[test]
fn keys_are_looked_up_in_the_history() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(&folder, "--from 2026-11-20 --hourly none --daily queues,users,sites");
    let report = |args: &str, keys: &str| {
        let args = format!("report {args} --last 2d --calls all --format json --quiet");
        asked(&company, &folder, &args, &["--keys", keys])
    };
    let (_, all, _) = asked(
        &company,
        &folder,
        "report --group-by queues --last 2d --calls all --format json --quiet",
        &[],
    );
    let all: Json = serde_json::from_str(&all).unwrap();
    let queue = &all["records"][1];
    let text = |value: &Json| value.as_str().unwrap().to_owned();
    let (key, info) = (text(&queue["key"]), &queue["info"]);
    for named in [key.clone(), text(&info["extension_number"]), text(&info["name"]).to_uppercase()]
    {
        let (code, data, said) = report("--group-by queues", &named);
        let found: Json = serde_json::from_str(&data).unwrap_or_default();
        assert_eq!(code, 0, "{named}: {said}");
        assert_eq!(found["records"].as_array().unwrap().len(), 1, "{named}");
        assert_eq!(found["records"][0]["calls"], queue["calls"], "{named}");
    }
    for (args, named, reason) in [
        ("--group-by queues", "Suport", "no queue is named \"Suport\"; did you mean \"Support\""),
        ("--group-by queues", "999", "no queue has the key or the extension number 999"),
        ("--group-by users", "999", "no user has the key or the extension number 999"),
        ("--group-by sites", "Nowhere", "no site is named \"Nowhere\""),
    ] {
        let (code, data, said) = report(args, named);
        assert_eq!((code, data.as_str()), (2, ""), "{named}: {said}");
        assert!(said.contains("--keys: ") && said.contains(reason), "{named}: {said}");
    }
    // What isn't looked up is taken as it is, as the API does.
    let (code, data, said) = asked(
        &company,
        &folder,
        "report --group-by queues --last 2d --calls all --unchecked --keys 999",
        &[],
    );
    assert!(
        code == 0 && data.contains("No calls matched") && said.contains("999"),
        "{code} {data}{said}"
    );
}

#[test]
fn a_file_of_another_day_or_damaged_answers_nothing() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(&folder, "--from 2026-11-19 --hourly none --daily queues");
    let part = |day: &str| folder.join(format!("daily/grouping=Queues/date={day}/part-0.parquet"));
    let report = || {
        let args = "report --group-by queues --from 2026-11-20 --to 2026-11-20 --calls all";
        asked(&company, &folder, args, &[])
    };
    let whole = fs::read(part("2026-11-20")).unwrap();
    assert_eq!(report().0, 0);
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    let cases = [fs::read(part("2026-11-19")).unwrap(), changed, whole[..middle].to_vec()];
    for bytes in cases {
        fs::write(part("2026-11-20"), bytes).unwrap();
        let (code, data, said) = report();
        assert_eq!((code, data.as_str()), (5, ""), "{said}");
        assert!(said.contains("date=2026-11-20/part-0.parquet: it is damaged"), "{said}");
        assert!(said.contains("--check` names all") && !said.contains("Parquet"), "{said}");
    }
}

#[test]
fn weeks_start_as_a_calibration_has_settled() {
    let company = Company::of("--users 24 --assume week-start=wednesday");
    let folder = company.home.path("history");
    let kept = "--from 2026-11-01 --time-zone America/New_York --hourly none --daily none";
    company.sync(&folder, &format!("{kept} --figures queues"));
    let settled = "schema = 1\nserver = 'https://platform.ringcentral.com'\napi = 'calls-v1'\n\
                   [settled.week-start]\nvalue = 'wednesday'\n[end]\n";
    let file = company.home.write("calibration.toml", settled);
    let weeks = "timeline queues --from 2026-11-04 --to 2026-11-17 --interval week";
    for args in ["report queues --last-week", weeks] {
        let args = format!("{args} --calibration {}", file.display());
        let (sent, stored) = both(&company, &folder, &args);
        assert_eq!(sent, stored, "{args}");
        assert!(sent.lines().count() > 4, "{sent}");
    }
    // Unless it is settled, weeks start on Monday.
    let args = format!(
        "{weeks} --time-zone America/New_York --format csv --quiet --now {NOW} --history {}",
        folder.display()
    );
    let stored = company.run(&args, None);
    assert!(stored.contains("2026-11-02T") && !stored.contains("2026-11-04T"), "{stored}");
}

#[test]
fn weeks_months_weekdays_and_hours_come_from_days_and_hours() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(
        &folder,
        "--from 2026-10-26 --time-zone America/New_York --hourly queues --daily company \
         --figures queues",
    );
    company.requests();
    let period = "--from 2026-10-28 --to 2026-11-10";
    let questions = [
        format!("timeline queues {period} --interval week"),
        format!("timeline queues {period} --interval month"),
        format!("timeline --group-by company {period} --interval week --calls all,by-result"),
        format!("report queues {period} --days monday,friday"),
        format!("report --group-by queues {period} --calls all,by-result --days sunday"),
        format!("report --group-by queues {period} --calls all --time-spent all --hours 09:00-16:59"),
        format!("report --group-by queues {period} --calls all --hours 17:00-09:59 --days monday"),
        format!("timeline --group-by queues {period} --calls all --hours 09:00-16:59"),
        format!("timeline --group-by queues {period} --calls all --interval week --hours 09:00-16:59"),
        "timeline --group-by queues --last 3d --interval hour --calls all --hours 09:00-16:59"
            .to_owned(),
        "report --group-by queues --from 2026-11-02T08:00:00-05:00 --to 2026-11-04T17:00:00-05:00 \
         --calls all,by-result"
            .to_owned(),
        "report --group-by queues --last 7d --calls all --where direction=inbound,direction=outbound"
            .to_owned(),
    ];
    for question in questions {
        let (sent, stored) = both(&company, &folder, &question);
        assert!(sent.lines().count() > 1, "{question}: {sent}");
        assert_eq!(sent, stored, "{question}");
    }
}

#[test]
fn the_folders_zone_is_the_reports() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(
        &folder,
        "--from 2026-11-16 --time-zone America/New_York --hourly none --daily queues",
    );
    let args = "report --group-by queues --last 2d --calls all --format csv --quiet";
    let (code, stored, said) = asked(&company, &folder, args, &[]);
    assert_eq!(code, 0, "{said}");
    let sent = company.run(&format!("{args} --time-zone America/New_York --now {NOW}"), None);
    assert_eq!(stored, sent);
}

/// The times of points are text.
#[test]
fn times_in_utc_are_written_as_the_api_writes_them() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(&folder, "--from 2026-11-20 --hourly none --daily queues");
    for format in ["json", "csv"] {
        let args =
            format!("timeline --group-by queues --last 2d --calls all --quiet --format {format}");
        let (code, stored, said) = asked(&company, &folder, &args, &[]);
        assert_eq!(code, 0, "{said}");
        let sent = company.run(&format!("{args} --now {NOW}"), None);
        let points = |text: &str| -> Vec<String> {
            let lines = text.lines().filter(|line| line.contains("2026-11-22T"));
            lines.map(|line| line.trim().to_owned()).collect()
        };
        assert!(points(&sent).len() > 1, "{sent}");
        assert_eq!(points(&stored), points(&sent));
    }
}

#[test]
fn a_history_needs_no_credentials_and_explains_itself() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(&folder, "--from 2026-11-20 --hourly none --figures queues --daily none");
    company.requests();
    let args = "report queues --last 2d";
    let (code, data, said) =
        asked(&company, &folder, args, &["--credentials", "no-such-file", "--format", "csv"]);
    assert!(code == 0 && data.lines().count() > 1, "{data}{said}");
    let (code, data, said) = asked(&company, &folder, &format!("{args} --explain"), &[]);
    assert_eq!(code, 0, "{said}");
    for line in
        ["answered from the history in ", "answer rate: ", "no request", "Nothing was sent."]
    {
        assert!(data.contains(line), "{line}: {data}");
    }
    assert!(!data.contains("POST"), "{data}");
    let (code, _, said) = asked(&company, &folder, "report queues --last 9d --explain", &[]);
    assert!(code == 2 && said.contains("lacks "), "{said}");
    assert_eq!(company.requests(), Vec::<String>::new());
}

/// A file beside a day's own.
#[test]
fn a_stray_file_is_named_and_changes_no_answer() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(&folder, "--from 2026-11-20 --hourly none --daily queues");
    let args = "report --group-by queues --last 2d --calls all --format csv";
    let before = asked(&company, &folder, args, &[]).1;
    let part = folder.join("daily/grouping=Queues/date=2026-11-22/part-0.parquet");
    fs::copy(&part, part.with_file_name("part-1.parquet")).unwrap();
    assert_eq!(asked(&company, &folder, args, &[]).1, before);
    let mut command = company.home.command(&format!("sync --now {NOW} --out"));
    command.arg(&folder).envs(company.served.variables.clone());
    let (code, _, said) = outcome(&command.output().unwrap());
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("part-1.parquet: it isn't one of the history's files"), "{said}");
    assert_eq!(files(&folder).len(), 4 + 1 + 1, "it is left to its owner");
}

#[test]
fn a_threshold_for_short_calls_is_kept_if_it_is_said() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    let zone = "--time-zone America/New_York";
    company.sync(
        &folder,
        &format!("--from 2026-11-16 {zone} --hourly none --figures queues --daily none"),
    );
    let args = "report --group-by queues --last 7d --kpis abandonment-rate:20s";
    let (code, _, said) = asked(&company, &folder, args, &[]);
    assert_eq!(code, 2);
    let remedy = "`callperf sync --figures queues --short-abandons 20s` keeps it";
    assert!(said.contains(remedy), "{said}");
    company.sync(&folder, "--short-abandons 20s");
    company.requests();
    let (sent, stored) = both(&company, &folder, args);
    assert!(sent.lines().count() > 1 && sent == stored, "{sent}{stored}");
    let (code, _, said) = asked(&company, &folder, &args.replace("20s", "30s"), &[]);
    assert!(code == 2 && said.contains("--short-abandons 30s"), "{said}");
}

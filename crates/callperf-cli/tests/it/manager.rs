//! Targets, saved reports, periods as people name them, and the formats of spreadsheets.

use crate::support::{
    Home, Served,
    company::{Company, NOW},
    outcome, text,
};
use serde_json::Value as Json;

const ZONE: &str = "--time-zone America/New_York";

struct Desk(Company);

impl Desk {
    fn new(config: &str) -> Self {
        let company = Company::of("");
        company.home.write("config/callperf/config.toml", config);
        Self(company)
    }

    /// The exit code, what was printed, and what was said.
    fn said(&self, args: &str) -> (i32, String, String) {
        let mut command = self.0.home.command(&format!("{args} --now {NOW}"));
        command.current_dir(self.0.home.path("."));
        outcome(&command.envs(self.0.served.variables.clone()).output().unwrap())
    }

    fn printed(&self, args: &str) -> String {
        let (code, data, said) = self.said(args);
        assert_eq!(code, 0, "{args}: {said}");
        data
    }

    fn json(&self, args: &str) -> Json {
        serde_json::from_str(&self.printed(&format!("{args} --format json"))).unwrap()
    }

    /// What a command is refused with; nothing may have been printed, and no report asked for.
    fn refused(&self, args: &str) -> String {
        self.0.requests();
        let (code, data, said) = self.said(args);
        assert_eq!((code, &*data), (2, ""), "{args}: {said}");
        assert_eq!(self.0.requests(), Vec::<String>::new(), "{args}");
        said.trim_end().strip_prefix("callperf: ").unwrap_or(&said).to_owned()
    }
}

const TARGETS: &str = "[targets]\nanswer-rate = '75%'\nvoicemail-rate = '6%'\n\
                       [targets.queues]\nSupport = { answer-rate = '>= 70%' }\n";

#[test]
fn a_report_says_which_targets_are_met() {
    let desk = Desk::new(TARGETS);
    let args = format!("report queues --last-week {ZONE}");
    let report = desk.json(&args);
    let record = |name: &str| {
        let records = report["records"].as_array().unwrap();
        records.iter().find(|record| record["info"]["name"] == name).unwrap().clone()
    };
    for name in ["Sales", "Support", "Billing", "Returns"] {
        let record = record(name);
        let rate = record["kpis"]["answer_rate"]["value"].as_f64().unwrap();
        let goal = if name == "Support" { 0.7 } else { 0.75 };
        let expected = serde_json::json!({
            "goal": goal, "direction": "at_least", "origin": "config", "met": rate >= goal,
        });
        assert_eq!(record["targets"]["answer_rate"], expected, "{name}: {rate}");
        // The queue's own, which the sandbox's directory has.
        let own = &record["targets"]["service_level_of_answered"];
        let level = record["kpis"]["service_level_of_answered"]["value"].as_f64().unwrap();
        let goal = own["goal"].as_f64().unwrap();
        assert_eq!(own["origin"], "queue", "{name}");
        assert!(own["threshold_seconds"].is_u64(), "{name}");
        assert_eq!(own["met"], level >= goal, "{name}: {level} {goal}");
    }

    let directory = desk.json("directory queues");
    let sales = directory["entries"].as_array().unwrap().iter();
    let sales = sales.clone().find(|entry| entry["name"] == "Sales").unwrap();
    let level = &sales["service_level"];
    let target = &record("Sales")["targets"]["service_level_of_answered"];
    assert_eq!(level["threshold_seconds"], target["threshold_seconds"]);
    let percent = level["goal_percent"].as_f64().unwrap();
    assert_eq!(target["goal"], percent / 100.0);

    let table = desk.printed(&args);
    assert!(table.contains(" ✓") && table.contains(" ✗"), "{table}");
    let line = "answer rate: at least 75.0 %; at least 70.0 % (Support)";
    assert!(table.contains(line), "{table}");
    let markdown = desk.printed(&format!("{args} --format markdown"));
    assert!(markdown.contains(&format!("- {line}").replace('(', "(")), "{markdown}");
    let csv = desk.printed(&format!("{args} --format csv"));
    assert!(csv.lines().next().unwrap().contains(",kpis.answer_rate.target,kpis.answer_rate.met,"));
    // A day's numbers are held against the same goals.
    let timeline = desk.json(&format!("timeline queues --last 2d {ZONE}"));
    assert_eq!(timeline["records"][0]["points"][0]["targets"]["answer_rate"]["goal"], 0.75);
}

/// Their goal is no share of the answered calls then.
#[test]
fn a_queue_that_counts_abandoned_calls_has_no_goal_of_answered_ones() {
    let home = Home::new();
    let data = home.path("calls");
    let dump = format!("sandbox dump --seed 7 --days 14 --now {NOW} --out");
    assert_eq!(outcome(&home.command(&dump).arg(&data).output().unwrap()).0, 0);
    let file = data.join("extensions.csv");
    let extensions = std::fs::read_to_string(&file).unwrap();
    let counting = extensions.replace(",Support,30,", ",Support,30,5");
    assert_ne!(extensions, counting);
    std::fs::write(&file, counting).unwrap();
    let options = format!("--limits off --now {NOW} --data {}", data.display());
    let served = Served::start(&home, &options);
    let args = format!("report queues --last-week --targets --format json --now {NOW}");
    let mut command = home.command(&args);
    let (code, printed, said) = outcome(&command.envs(served.variables.clone()).output().unwrap());
    assert_eq!(code, 0, "{said}");
    let report: Json = serde_json::from_str(&printed).unwrap();
    for record in report["records"].as_array().unwrap() {
        let has_goal = !record["targets"]["service_level_of_answered"].is_null();
        assert_eq!(has_goal, record["info"]["name"] != "Support", "{record}");
    }
}

#[test]
fn a_history_with_the_directory_holds_queues_against_their_own_goals() {
    let desk = Desk::new("");
    let kept = "--from 2026-11-10 --time-zone America/New_York --hourly none --daily queues \
                --figures queues";
    let (with, without) = (desk.0.home.path("with"), desk.0.home.path("without"));
    desk.0.sync(&with, &format!("{kept} --directory yes"));
    desk.0.sync(&without, kept);
    let args = format!("report queues --last-week --targets {ZONE}");
    let records = |args: &str| desk.json(&format!("{args} --quiet"))["records"].clone();
    let sent = records(&args);
    let goals = sent.as_array().unwrap().iter();
    let goals = goals.filter(|it| it["targets"]["service_level_of_answered"]["origin"] == "queue");
    assert_eq!(goals.count(), 4);
    assert_eq!(records(&format!("{args} --history {}", with.display())), sent);
    let said = |folder: &std::path::Path| {
        let (code, _, said) = desk.said(&format!("{args} --history {}", folder.display()));
        assert_eq!(code, 0, "{said}");
        said.contains("the queues' own goals aren't known, because the history doesn't have")
    };
    assert!(!said(&with) && said(&without));
    let stored = records(&format!("{args} --history {}", without.display()));
    assert!(stored[0]["kpis"].is_object() && stored[0]["targets"].is_null(), "{stored}");
}

#[test]
fn the_queues_own_goals_are_shown_on_request() {
    let desk = Desk::new("");
    let args = format!("report queues --last-week {ZONE}");
    assert!(!desk.printed(&args).contains("Targets"));
    let table = desk.printed(&format!("{args} --targets"));
    assert!(table.contains("\nservice level of answered: at least "), "{table}");
    let set = Desk::new("[targets]\nqueue_goals = false\nanswer-rate = '1%'\n");
    assert!(!set.printed(&args).contains("service level of answered: at least "));
}

#[test]
fn a_missed_target_has_an_exit_code_of_its_own() {
    let desk = Desk::new(TARGETS);
    let args = format!("report queues --last-week {ZONE} --kpis answer-rate --keys Support");
    let (code, data, _) = desk.said(&args);
    assert_eq!(code, 0, "a report alone doesn't fail");
    let lenient = Desk::new("[targets]\nqueue_goals = false\nanswer-rate = '10%'\n");
    assert_eq!(lenient.said(&format!("{args} --fail-on-target")).0, 0);
    let strict = Desk::new("[targets]\nqueue_goals = false\nanswer-rate = '99%'\n");
    let (code, printed, said) = strict.said(&format!("{args} --fail-on-target"));
    assert_eq!(code, 7, "{said}");
    assert!(said.contains("1 target was missed\n  Support: answer-rate "), "{said}");
    assert!(said.contains("%, target at least 99.0 %"), "{said}");
    let row = |shown: &str| {
        shown.lines().find(|line| line.starts_with("Support")).map(|line| line[..12].to_owned())
    };
    assert_eq!(row(&printed), row(&data), "the report is printed all the same");
    let (code, _, said) = strict.said(&format!("{args} --fail-on-target --json-errors"));
    let said: Json = serde_json::from_str(&said).unwrap();
    assert_eq!((code, said["kind"].as_str()), (7, Some("target")), "{said}");
    // Without a number there is nothing to miss.
    let nights = format!("{args} --fail-on-target --hours 03:00-03:59 --days sunday");
    assert_eq!(strict.said(&nights).0, 0);
}

/// A night's watch must not pass because nothing was looked at.
#[test]
fn a_target_that_the_report_does_not_show_is_named() {
    let goals = "[targets]\nanswer-rate = '1%'\n'abandonment-rate:20s' = '1%'\n\
                 service-level-of-answered = '1%'\n";
    let desk = Desk::new(goals);
    let (code, _, said) =
        desk.said(&format!("report queues --last-week {ZONE} --fail-on-target -q"));
    let lacking = "not checked: the report doesn't show abandonment-rate:20s; --kpis \
                   abandonment-rate:20s shows it";
    assert!(code == 0 && said.contains(lacking), "{said}");
    let args = format!("report queues --last-week {ZONE} --fail-on-target -q");
    let (code, _, said) = desk.said(&format!("{args} --kpis abandonment-rate:20s"));
    assert!(code == 7 && !said.contains("not checked"), "{said}");
    let (code, _, said) = desk.said(&args.replace("queues", "agents"));
    assert!(
        code == 0 && said.contains("these rows don't have service-level-of-answered"),
        "{said}"
    );
    // Nothing is said of it to who only looks.
    assert!(!desk.said(&format!("report queues --last-week {ZONE}")).2.contains("not checked"));
}

/// Half-way through a first sync it has no day of them yet.
#[test]
fn a_history_without_names_blames_no_account() {
    let desk = Desk::new("[targets.queues.Billing]\nanswer-rate = '75%'\n");
    let folder = desk.0.home.path("history");
    let kept = format!("{ZONE} --from 2026-11-22 --hourly none --daily queues --figures queues");
    desk.0.sync(&folder, &kept);
    let manifest = folder.join("manifest.json");
    let mut json: Json =
        serde_json::from_str(&std::fs::read_to_string(&manifest).unwrap()).unwrap();
    let series = json["tables"]["daily"].as_object_mut().unwrap();
    for (_, series) in series {
        (series["days"], series["high_water"]) = (serde_json::json!({}), Json::Null);
    }
    std::fs::write(&manifest, json.to_string()).unwrap();
    let args = format!("report queues --yesterday --history {}", folder.display());
    let (code, data, said) = desk.said(&args);
    assert!(code == 0 && data.contains("Billing"), "{data}{said}");
    assert!(said.contains("the history has no names of queues yet"), "{said}");
}

#[test]
fn a_target_that_cannot_be_held_is_refused() {
    let refused = |config: &str, args: &str| Desk::new(config).refused(args);
    let report = format!("report queues --last-week {ZONE}");
    let queue = "[targets.queues.Suport]\nanswer-rate = '70%'\n";
    let said = refused(queue, &report);
    assert!(said.starts_with("[targets.queues]: no queue"), "{said}");
    assert!(said.contains("Suport") && said.contains("did you mean \"Support\""), "{said}");
    let twice = "[targets.queues.Support]\nanswer-rate = '70%'\n[targets.queues.202]\n\
                 answer-rate = '80%'\n";
    let said = refused(twice, &report);
    assert!(
        said.contains("stands for a queue that has a target for answer-rate already"),
        "{said}"
    );
    for (config, expected) in [
        (
            "[targets]\n\nanswer-rat = '90%'",
            ":3: in [targets]: figures: no such word as `answer-rat`; did you mean answer-rate?",
        ),
        (
            "[targets]\ncalls = '90'",
            ":2: in [targets]: figures: no such word as `calls`; there are ",
        ),
        (
            "[targets]\noffered = '90'",
            ":2: in [targets]: offered: neither more nor less of it is better by itself; write \
             \">= 90\" or \"<= 90\"",
        ),
        (
            "[targets.queues.A]\nopportunity-conversion = '90%'",
            ":2: in [targets.queues.A]: opportunity-conversion: queues don't have this figure",
        ),
        (
            "[targets]\nanswer-rate = '0.9'",
            ":2: in [targets]: answer-rate: `0.9` isn't a percentage",
        ),
    ] {
        let said = refused(config, &format!("{report} --targets"));
        assert!(said.contains(expected), "{said}");
    }
    let args =
        format!("report --group-by users --last-week {ZONE} --kpis offered --fail-on-target");
    let said = refused(TARGETS, &args);
    assert!(
        said.starts_with(
            "--fail-on-target: the report has no figure with a target; it shows offered"
        ),
        "{said}"
    );
}

const MONDAY: &str = "[reports.monday]\npreset = 'queues'\nlast-week = true\n\
                      time-zone = 'America/New_York'\nkpis = ['offered', 'longest-wait']\n\
                      sort = 'offered'\ntop = 2\nformat = 'csv'\n\
                      [reports.days]\ncommand = 'timeline'\npreset = 'queue-hours'\n\
                      of = 'Support'\nlast = '2d'\n";

#[test]
fn a_saved_report_is_the_command_that_it_stands_for() {
    let desk = Desk::new(MONDAY);
    let same = "report queues --last-week --time-zone America/New_York --kpis offered,longest-wait \
                --sort offered --top 2 --format";
    assert_eq!(desk.printed("run monday"), desk.printed(&format!("{same} csv")));
    assert_eq!(
        desk.printed("run monday --format markdown"),
        desk.printed(&format!("{same} markdown"))
    );
    assert_eq!(desk.printed("run days"), desk.printed("timeline queue-hours Support --last 2d"));
    let output = desk.0.home.run("reports");
    assert_eq!(
        text(&output.stdout),
        "days\tcallperf timeline queue-hours Support --last=2d\n\
         monday\tcallperf report queues --format=csv --kpis=offered --kpis=longest-wait \
         --last-week --sort=offered --time-zone=America/New_York --top=2\n"
    );
}

/// Before the night in which cron runs it.
#[test]
fn a_saved_report_that_cannot_be_made_is_listed_with_the_reason() {
    let desk =
        Desk::new("[reports.monday]\npreset = 'queues'\nyesterday = true\nsrot = 'offered'\n");
    let listed = text(&desk.0.home.run("reports").stdout);
    let start = "monday\t[reports.monday]: unexpected argument '--srot' found";
    assert!(listed.starts_with(start) && listed.contains("--sort"), "{listed}");
    assert_eq!(listed.lines().count(), 1, "{listed}");
    let desk = Desk::new(
        "[reports.a]\npreset = 'quues'\ntoday = true\n[reports.b]\npreset = 'queues'\ntoday = true\n\
         [reports.c]\npreset = 'queues'\ntoday = true\nconfig = 'nowhere.toml'\n\
         [reports.d]\ncommand = 'timeline'\npreset = 'queues'\ntoday = true\ninterval = 'dya'\n",
    );
    let file = desk.0.home.path("config/callperf/config.toml");
    let args = format!("reports --config {}", file.display());
    let listed = text(&desk.0.home.run(&args).stdout);
    let lines: Vec<_> = listed.lines().collect();
    assert_eq!(lines[0], "a\t[reports.a]: preset: no such word as `quues`; did you mean queues?");
    let in_use = format!("b\tcallperf report queues --today --config={}", file.display());
    assert_eq!(lines[1], in_use);
    assert!(lines[2].contains("config: there is no file \"nowhere.toml\""), "{listed}");
    assert!(lines[3].ends_with("no such word as `dya`; did you mean day?"), "{listed}");
    let (code, _, said) = desk.said("run c");
    assert!(code == 2 && said.contains("there is no file \"nowhere.toml\""), "{said}");
    // No name is near one letter.
    let (code, _, said) = desk.said("run f");
    assert!(code == 2 && said.contains("there are a, b, c, d"), "{said}");
}

#[test]
fn a_saved_report_that_cannot_be_made_is_refused() {
    let refused = |report: &str| Desk::new(report).refused("run monday");
    let said = Desk::new(MONDAY).refused("run mondya");
    assert!(
        said.contains("no report is named `mondya` in ") && said.contains("did you mean monday?")
    );
    let queue = "[reports.monday]\npreset = 'agents-of'\nof = 'Suport'\nyesterday = true\n";
    let said = refused(queue);
    assert!(
        said.starts_with("agents-of: no queue is named \"Suport\"; did you mean \"Support\""),
        "{said}"
    );
    let newer = "[reports.monday]\nversion = 2\npreset = 'queues'\nchart = true\n";
    let said = refused(newer);
    assert!(said.starts_with("[reports.monday]: it has version 2, and this program knows up to 1"));
    let said = refused("[reports.monday]\npreset = 'queues'\nyesterday = true\nsrot = 'offered'\n");
    assert!(said.starts_with("[reports.monday]: unexpected argument '--srot' found"), "{said}");
    assert!(said.contains("--sort"), "{said}");
    let said = refused("[reports.monday]\npreset = 'queues'\n[reports.monday]\npreset = 'sites'\n");
    assert!(said.contains(":3: duplicate key"), "{said}");
    let said = refused("[reports.monday]\njwt = 's3cret'\n");
    assert!(said.contains(":2: in [reports.monday]: jwt: secrets don't belong"), "{said}");
    assert!(!said.contains("s3cret"));
    // One that can't be made is listed with the reason, and hides no other.
    let desk = Desk::new(&format!("{newer}{}", MONDAY.replace("monday", "other")));
    let output = desk.0.home.run("reports");
    let (code, data, _) = outcome(&output);
    assert_eq!(code, 0);
    assert!(data.contains("monday\t[reports.monday]: it has version 2"), "{data}");
    assert!(data.contains("other\tcallperf report queues"), "{data}");
}

/// What is compared with is what a report of that period says.
#[test]
fn a_comparison_is_with_the_period_that_is_named() {
    let desk = Desk::new("");
    for (period, before) in [
        ("--last-month --compare-to previous", "--from 2026-09-01 --to 2026-09-30"),
        ("--month 2026-10 --compare", "--from 2026-09-01 --to 2026-09-30"),
        ("--last-month --compare-to month", "--month 2026-09"),
        ("--last 30d --compare-to weekdays", "--from 2026-09-20 --to 2026-10-19"),
        ("--yesterday --compare-to weekdays", "--from 2026-11-16 --to 2026-11-16"),
        ("--yesterday --compare-to 2026-10-01..2026-10-02", "--from 2026-10-01 --to 2026-10-02"),
        (
            "--month 2026-11 --compare-to previous",
            "--from 2026-10-01T00:00:00-04:00 --to 2026-10-24T06:58:00-04:00",
        ),
        (
            "--today --compare-to previous",
            "--from 2026-11-23T00:00:00-05:00 --to 2026-11-23T06:58:00-05:00",
        ),
    ] {
        let compared = desk.json(&format!("report queues {period} {ZONE}"));
        let alone = desk.json(&format!("report queues {before} {ZONE}"));
        assert_eq!(compared["previous_period"], alone["period"], "{period}");
        for record in compared["records"].as_array().unwrap() {
            let records = alone["records"].as_array().unwrap();
            let same = records.iter().find(|other| other["key"] == record["key"]);
            let same = same.map(|other| &other["kpis"]["offered"]);
            let previous = record.get("previous").map(|it| &it["kpis"]["offered"]);
            assert_eq!(previous, same, "{period}");
        }
    }
    let said = desk.refused(&format!("report queues --last 30 {ZONE}"));
    assert_eq!(said, "--last: `30` isn't a number of days; write `30d`");
    let year = desk.json(&format!("report queues --last-month --compare-to year {ZONE}"));
    let notices = year["notices"].to_string();
    assert!(notices.contains("no comparison: the period before begins at 2025-10-01"), "{notices}");
}

#[test]
fn one_queues_agents_are_its_members_with_its_calls() {
    let desk = Desk::new("");
    let args = format!("--last-week {ZONE} --kpis offered,answered");
    let agents = desk.json(&format!("report agents-of Support {args}"));
    let key =
        desk.json(&format!("report queues {args} --keys Support"))["records"][0]["key"].clone();
    let key = key.as_str().unwrap().to_owned();
    let members = desk.json(&format!(
        "report --group-by members-of-queues --keys {key} --where queue={key} {args},answer-rate,\
         missed-rate,average-handle-time,hold-rate,transfer-rate --time-spent all"
    ));
    assert_eq!(agents["records"].as_array().unwrap().len(), 8);
    for (one, other) in
        agents["records"].as_array().unwrap().iter().zip(members["records"].as_array().unwrap())
    {
        assert_eq!(one["kpis"], other["kpis"]);
    }
    assert_eq!(agents["filters"], serde_json::json!(["queue=Support"]));
    let hours = desk.json(&format!("report queue-hours Support {args}"));
    assert!(hours["records"][0]["calls"]["by_queue_hours"].is_object(), "{hours}");
    for (args, expected) in [
        ("agents-of", "agents-of: which queue?"),
        ("agents-of Support --keys 1", "--keys: agents-of has its queue already"),
        ("agents-of Support --where queue=1", "--where queue: agents-of has its queue already"),
        ("queues Support", "queues: `Support` is one argument too many"),
    ] {
        let said = desk.refused(&format!("report {args} --last-week"));
        assert!(said.starts_with(expected), "{said}");
    }
}

/// A name may have a comma of its own.
#[test]
fn a_name_with_a_comma_stands_in_quotation_marks_wherever_one_is_taken() {
    let desk = Desk::new("");
    for args in [
        vec!["agents", "--where", "queue=\"Sales, East\""],
        vec![
            "--group-by",
            "users",
            "--calls",
            "all",
            "--where",
            "\"queue=Sales, East\",origin=external",
        ],
        vec!["queues", "--keys", "\"Sales, East\""],
        vec!["queues", "--staffed", "\"Sales, East\"=38.5", "--keys", "Support"],
        vec!["agents-of", "\"Sales, East\""],
        vec!["agents-of", "Sales, East"],
        vec!["queue-hours", "\"Sales, East\""],
    ] {
        let mut command = desk.0.home.command(&format!("report --last-week --now {NOW}"));
        command.args(&args).envs(desk.0.served.variables.clone());
        let (code, _, said) = outcome(&command.output().unwrap());
        let refusal = "no queue is named \"Sales, East\"";
        assert!(code == 2 && said.contains(refusal), "{args:?}: {said}");
    }
}

#[test]
fn a_timeline_has_its_busiest_hours_first() {
    let desk = Desk::new("");
    let args = format!("timeline queues --keys Support --last 28d {ZONE} --kpis offered");
    let offered = |timeline: &Json| -> Vec<u64> {
        let points = timeline["records"][0]["points"].as_array().unwrap();
        points.iter().map(|it| it["kpis"]["offered"]["value"].as_u64().unwrap()).collect()
    };
    let mut all = offered(&desk.json(&format!("{args} --interval hour")));
    all.sort_unstable();
    all.reverse();
    let top = desk.json(&format!("{args} --interval hour --sort offered --top 5"));
    assert_eq!(offered(&top), all[..5]);
    let latest = desk.json(&format!("{args} --sort time:desc --top 1"));
    let time = latest["records"][0]["points"][0]["time"].as_str().unwrap();
    assert!(time.starts_with("2026-11-23"), "{time}");
    let heat = desk.printed(&format!("{args} --heat"));
    let sums = heat.lines().find(|line| line.starts_with("all")).unwrap();
    let sums = sums.split_whitespace().skip(1).map(|sum| sum.parse::<u64>().unwrap());
    assert_eq!(sums.sum::<u64>(), all.iter().sum::<u64>());
    let days = heat.lines().find(|line| line.starts_with("days")).unwrap();
    assert_eq!(days.split_whitespace().skip(1).collect::<Vec<_>>(), ["4"; 7], "{heat}");
    assert_eq!(desk.printed(&format!("{args} --heat=offered")), heat);
    for (more, expected) in [
        ("--heat=answer-rate", "--heat: answer-rate of several hours isn't the sum of theirs"),
        ("--heat --format csv", "--heat: it is a table for a terminal"),
        ("--heat=missed", "--heat: no such word as `missed`"),
        ("--heat --top 3", "the argument '--heat[=<COLUMN>]' cannot be used with '--top <N>'"),
    ] {
        let said = desk.refused(&format!("timeline queues --last 7d {more}"));
        assert!(said.trim_start_matches("error: ").starts_with(expected), "{said}");
    }
}

#[test]
fn an_end_belongs_to_a_start_alone() {
    let desk = Desk::new("");
    for period in
        ["--last 7d", "--today", "--yesterday", "--last-week", "--last-month", "--month 2026-10"]
    {
        let said = desk.refused(&format!("report queues {period} --to 2026-11-18"));
        assert!(said.contains("cannot be used with"), "{period}: {said}");
    }
}

#[test]
fn a_report_is_no_page() {
    let desk = Desk::new("");
    for file in ["x.pdf", "x.HTML", "x.ods"] {
        let said = desk.refused(&format!("report queues --last 7d --out {file}"));
        assert!(said.starts_with(&format!("--out: {file} can't be written")), "{said}");
    }
}

#[test]
fn a_configuration_that_is_named_is_read_or_refused() {
    let desk = Desk::new("");
    let said = desk.said("report queues --last 7d --quiet --config missing.toml");
    assert_eq!((said.0, said.1.as_str()), (2, ""), "{}", said.2);
    let said = desk.said("run monday --last 7d --config missing.toml");
    assert!(said.0 == 2 && said.2.contains("missing.toml"), "{}", said.2);
}

#[test]
fn csv_for_people_has_words_and_a_mark() {
    let desk = Desk::new("");
    let args = format!("report queues --last-week {ZONE} --format csv --calls by-result");
    let plain = desk.printed(&args);
    let readable = desk.printed(&format!("{args} --readable --bom"));
    let readable = readable.strip_prefix('\u{feff}').unwrap();
    let (heading, rows) = readable.split_once('\n').unwrap();
    assert_eq!(rows, plain.split_once('\n').unwrap().1, "the numbers are the same");
    assert!(
        heading.starts_with("key,name,extension,offered,answer rate (share of 1),"),
        "{heading}"
    );
    assert!(heading.contains("average speed of answer (seconds)"), "{heading}");
    assert!(heading.contains("Calls by result: abandoned"), "{heading}");
    let said = desk.refused("report queues --last-week --format json --bom");
    assert!(said.starts_with("--bom: it is for CSV alone"), "{said}");
}

#[test]
fn a_workbook_is_not_written_over_one_that_is_open() {
    let desk = Desk::new("");
    let args = "report queues --last-week --out book.xlsx";
    desk.printed(args);
    let book = desk.0.home.path("book.xlsx");
    assert!(std::fs::read(&book).unwrap().starts_with(b"PK"));
    for (lock, program) in [(".~lock.book.xlsx#", "LibreOffice"), ("~$book.xlsx", "Excel")] {
        let lock = desk.0.home.write(lock, "");
        let (code, _, said) = desk.said(args);
        assert_eq!(code, 6, "{said}");
        assert!(said.contains(&format!("{program} has it open")), "{said}");
        std::fs::remove_file(lock).unwrap();
    }
    let said = desk.refused("report queues --last-week --out none/book.xlsx");
    assert!(said.starts_with("--out: "), "{said}");
    let said = desk.refused("report queues --last-week --format xlsx");
    assert!(said.contains("--out"), "{said}");
}

#[test]
fn help_is_a_page_and_the_manual_has_the_rest() {
    let desk = Desk::new("");
    let help = text(&desk.0.home.run("report --help").stdout);
    assert!(help.lines().count() <= 50, "{}", help.lines().count());
    assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    for heading in ["What:", "Period:", "Which calls:", "Output:", "Connection:"] {
        assert!(help.lines().any(|line| line == heading), "{heading}");
    }
    let folder = desk.0.home.path("man");
    let output = desk.0.home.command("man --quiet --out").arg(&folder).output().unwrap();
    assert!(output.status.success());
    let page = std::fs::read_to_string(folder.join("callperf-report.1")).unwrap();
    let page = page.replace("\\-", "-");
    for rare in ["--staffed", "--wire-filter", "--unchecked", "--bom", "--attempts", "--strict"] {
        assert!(page.contains(rare), "{rare}");
        assert!(!help.lines().any(|line| line.trim_start().starts_with(rare)), "{rare}");
    }
    assert!(page.contains("callperf report queues --last-week --compare"));
}

#[test]
fn what_was_requested_and_is_missing_is_said_to_the_quiet_too() {
    let desk = Desk::new("");
    let report = "report queues --month 2026-06 --compare-to month --quiet";
    let (code, _, said) = desk.said(report);
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with("callperf: note: no comparison: the period before begins"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    // A table that an older server lacks.
    let (code, data, said) =
        desk.said("report queue-hours Support --last-week --server-revision 2022-09-29");
    assert!(code == 0 && data.contains("Support"), "{said}");
    assert!(said.contains("calls-v1 as this server speaks it lacks by-queue-hours"), "{said}");
}

#[test]
fn hours_days_and_times_are_taken_as_people_write_them() {
    let desk = Desk::new("");
    let calls = format!("report --group-by queues --calls all {ZONE}");
    let same = |people: &str, exact: &str| {
        let numbers = |args: &str| desk.json(&format!("{calls} {args}"))["records"].clone();
        assert_eq!(numbers(people), numbers(exact), "{people}");
        assert_ne!(numbers(people), serde_json::json!([]), "{people}");
    };
    same("--last 7d --hours 9-17:30", "--last 7d --hours 09:00-17:30");
    same("--last 7d --days mon,Tue", "--last 7d --days monday,tuesday");
    same(
        "--from 2026-11-20T08:00 --to 2026-11-20T17:30",
        "--from 2026-11-20T08:00:00-05:00 --to 2026-11-20T17:30:00-05:00",
    );
    let said = desk.refused(&format!("{calls} --from 2026-11-01T01:30"));
    assert!(said.contains("comes twice at a change of the clocks"), "{said}");
}

#[test]
fn options_that_do_nothing_together_are_not_taken_in_silence() {
    let desk = Desk::new("");
    for format in ["xlsx", "parquet"] {
        let said = desk.refused(&format!("report queues --last 7d --format {format}"));
        let remedy = format!("add --out FILE, for example --out report.{format}");
        assert!(said.ends_with(&remedy), "{said}");
    }
    let (code, _, said) = desk.said("report queues --last 7d --format csv --width 60");
    assert!(code == 0 && said.contains("--width is for tables alone"), "{said}");
    let (code, _, said) = desk.said("report queues --last 7d --explain --out queues.csv");
    assert!(code == 0 && said.contains("queues.csv isn't written"), "{said}");
    assert!(!desk.0.home.path("queues.csv").exists());
}

//! The figures that the page's script computes are those of reports.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use flate2::read::ZlibDecoder;
use serde_json::{Value as Json, json};

use crate::support::company::{Company, NOW};

const SELECTIONS: usize = 50;
const FIRST: &str = "2026-09-20";
const DAYS: u64 = 65;

/// The groups of the page and the figures that it has of them.
const GROUPS: [(&str, &str); 4] =
    [("company", COMMON), ("queues", QUEUES), ("sites", COMMON), ("users", USERS)];
const COMMON: &str = "offered,answered,answer-rate,abandonment-rate,abandonment-rate-before-answer,\
    voicemail-rate,missed-rate,average-speed-of-answer,average-time-to-abandon,average-handle-time,\
    average-talk-time,average-hold-time,hold-rate,transfer-rate";
const QUEUES: &str = "offered,answered,answer-rate,abandonment-rate,abandonment-rate-before-answer,\
    voicemail-rate,missed-rate,service-level-of-answered,service-level-of-offered,\
    service-level-abandoned-missed,service-level-abandoned-met,average-speed-of-answer,\
    average-time-to-abandon,average-handle-time,average-talk-time,average-hold-time,hold-rate,\
    transfer-rate";
const USERS: &str = "offered,answered,answer-rate,missed-rate,voicemail-rate,average-handle-time,\
    average-talk-time,hold-rate,transfer-rate,opportunity-conversion";

/// Whether the machine can run the page's script. The gate's tools bring node.
fn has_node() -> bool {
    Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// What the script computes for selections: figures by key.
fn computed(page: &Path, selections: &Json) -> Vec<Json> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut node = Command::new("node")
        .arg(root.join("tests/it/page/evaluate.mjs"))
        .arg(root.join("src/render/dashboard/script"))
        .arg(page)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    node.stdin.take().unwrap().write_all(selections.to_string().as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Numbers that are the same in each run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % end
    }
}

fn day(place: u64) -> String {
    let first: jiff::civil::Date = FIRST.parse().unwrap();
    let days = i64::try_from(place).unwrap();
    first.checked_add(jiff::Span::new().days(days)).unwrap().to_string()
}

fn with_history(options: &str) -> (Company, std::path::PathBuf) {
    let company = Company::of(options);
    let folder = company.home.path("history");
    let all = "company,queues,sites,users";
    company.sync(&folder, &format!("--from {FIRST} --hourly none --daily {all} --figures {all} --time-zone America/New_York"));
    (company, folder)
}

#[test]
fn page_and_report_agree_on_drawn_selections() {
    if !has_node() {
        return;
    }
    // Few calls, so that some users and queues have none on some days.
    let (company, folder) = with_history("--users 24 --calls 2500 --days 66");
    let mut draw = Draw(23);
    for more in ["", "--missing-is-zero"] {
        let page = company.home.path("page.html");
        let line = format!("dashboard --last 28d --now {NOW} --quiet {more} --history");
        let mut command = company.home.command(&line);
        let output = command.arg(&folder).arg("--out").arg(&page).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let selections: Vec<_> = (0..SELECTIONS / 2)
            .map(|at| {
                let from = draw.below(DAYS);
                // One selection in three is a few days.
                let length =
                    if at % 3 == 0 { 1 + draw.below(3) } else { 1 + draw.below(DAYS - from) };
                let to = (from + length - 1).min(DAYS - 1);
                json!({"group": GROUPS[at % 4].0, "from": day(from), "to": day(to)})
            })
            .collect();
        let pages = computed(&page, &json!(selections));
        let mut absent = 0;
        for (selection, page) in selections.iter().zip(&pages) {
            absent += compare(&company, &folder, selection, more, page);
        }
        // Without it, some figure must be unknown for want of proof; else the draw proves little.
        assert!(absent > 0, "{more}");
    }
}

/// Compares the figures of a selection, and returns how many are absent in both.
fn compare(company: &Company, folder: &Path, selection: &Json, more: &str, page: &Json) -> usize {
    let text = |name: &str| selection[name].as_str().unwrap();
    let figures = GROUPS.iter().find(|(name, _)| *name == text("group")).unwrap().1;
    let report = company.run(
        &format!(
            "report --group-by {} --from {} --to {} --kpis {figures} --format json --quiet --now \
             {NOW} {more} --history {}",
            text("group"),
            text("from"),
            text("to"),
            folder.display()
        ),
        None,
    );
    let report: Json = serde_json::from_str(&report).unwrap();
    let records = report["records"].as_array().unwrap();
    assert_eq!(page.as_object().unwrap().len(), records.len(), "{selection}: other rows");
    let mut absent = 0;
    for record in records {
        let key = record["key"].as_str().unwrap();
        let own = page[key].as_object().unwrap();
        assert_eq!(own.len(), figures.split(',').count(), "{selection}: {own:?}");
        for (name, number) in own {
            let expected = &record["kpis"][name];
            let (page, report) = (number.as_f64(), expected["value"].as_f64());
            absent += usize::from(page.is_none());
            let agrees = match (page, report) {
                (None, None) => true,
                // Calls are whole numbers.
                (Some(page), Some(report)) if expected["unit"] == "calls" => {
                    page.to_bits() == report.to_bits()
                }
                (Some(page), Some(report)) => (page - report).abs() <= 1e-9 * report.abs().max(1.0),
                _ => false,
            };
            assert!(
                agrees,
                "{selection}: {key}: {name} is {number} on the page, {expected} in the report"
            );
        }
    }
    absent
}

/// What a report of these arguments is compared with: its first and its last day, if they are whole.
fn compared(company: &Company, args: &str) -> Json {
    let zone = "--time-zone America/New_York";
    let report = company.run(
        &format!("report company {args} {zone} --compare --format json --quiet --now {NOW}"),
        None,
    );
    let report: Json = serde_json::from_str(&report).unwrap();
    let previous = &report["previous_period"];
    let zone = jiff::tz::TimeZone::get("America/New_York").unwrap();
    let local = |name: &str| {
        let instant: jiff::Timestamp = previous[name].as_str().unwrap().parse().unwrap();
        instant.to_zoned_datetime(zone.clone())
    };
    let (from, to) = (local("from"), local("to"));
    let is_whole = [&from, &to].iter().all(|time| time.start_of_day().unwrap() == **time);
    let last = to.date().yesterday().unwrap();
    if is_whole { json!([from.date().to_string(), last.to_string()]) } else { Json::Null }
}

/// The page compares the days that `report --compare` does, and never part of a day with a whole one.
#[test]
fn page_and_report_compare_with_the_same_days() {
    if !has_node() {
        return;
    }
    let company = Company::of("--users 24 --calls 2500 --days 120");
    let page = company.home.path("page.html");
    let computed_of = |args: &str, links: &[&str]| {
        company.run(
            &format!("dashboard {args} --time-zone America/New_York --quiet --now {NOW}"),
            Some(&page),
        );
        let links: Vec<_> = links.iter().map(|link| json!({"link": link})).collect();
        computed(&page, &json!(links))
    };
    for own in [
        "--last 28d",
        "--month 2026-10",
        "--month 2026-11",
        "--last-week",
        "--today",
        "--from 2026-11-20T08:00 --to 2026-11-20T12:00",
        "--from 2026-11-01 --to 2026-11-23",
    ] {
        assert_eq!(computed_of(own, &["#period=page"])[0], compared(&company, own), "{own}");
    }
    let chosen = [
        ("#period=2026-10", "--month 2026-10"),
        ("#from=2026-09-01&to=2026-10-31", "--from 2026-09-01 --to 2026-10-31"),
        ("#from=2026-10-05&to=2026-10-11", "--from 2026-10-05 --to 2026-10-11"),
        ("#from=2026-11-02&to=2026-11-22", "--from 2026-11-02 --to 2026-11-22"),
    ];
    let links: Vec<_> = chosen.iter().map(|(link, _)| *link).collect();
    let found = computed_of("--last 90d", &links);
    for ((link, args), found) in chosen.iter().zip(&found) {
        assert_eq!(*found, compared(&company, args), "{link}");
    }
    // The end of the page's days cuts the month: the same days of the one before.
    let month = &computed_of("--last 90d", &["#period=2026-11"])[0];
    assert_eq!(*month, json!(["2026-10-01", "2026-10-23"]));
}

#[test]
fn agents_of_a_queue_have_the_figures_of_its_own_calls() {
    if !has_node() {
        return;
    }
    let company = Company::of("--users 24 --days 30");
    let folder = company.home.path("history");
    let kept = "company,queues,users";
    let kept = format!("--hourly none --daily {kept} --figures {kept} --queue-agents");
    company.sync(&folder, &format!("--from 2026-11-01 --time-zone America/New_York {kept}"));
    let page = company.home.path("page.html");
    let line = format!("dashboard --last 7d --now {NOW} --quiet --history");
    let output = company.home.command(&line).arg(&folder).arg("--out").arg(&page).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (queue, from, to) = ("1503200048", "2026-11-05", "2026-11-19");
    let of_page = &computed(&page, &json!([{"queue": queue, "from": from, "to": to}]))[0];
    let report = company.run(
        &format!(
            "report --group-by users --where queue={queue} --from {from} --to {to} --kpis offered,\
             answered,answer-rate,missed-rate,average-handle-time,average-talk-time,hold-rate,\
             transfer-rate --format json --quiet --now {NOW} --history {}",
            folder.display()
        ),
        None,
    );
    let report: Json = serde_json::from_str(&report).unwrap();
    let mut known = 0;
    for record in report["records"].as_array().unwrap() {
        let own = &of_page[record["key"].as_str().unwrap()];
        for (name, figure) in record["kpis"].as_object().unwrap() {
            let (page, report) = (own[name].as_f64(), figure["value"].as_f64());
            known += usize::from(page.is_some());
            let agrees = match (page, report) {
                (Some(page), Some(report)) => (page - report).abs() <= 1e-9 * report.abs().max(1.0),
                (page, report) => page.is_none() && report.is_none(),
            };
            assert!(agrees, "{}: {name}: {page:?} {report:?}", record["key"]);
        }
    }
    assert!(known > 20, "{known}");
    assert_eq!(of_page.as_object().unwrap().len(), report["records"].as_array().unwrap().len());
}

/// What a history lacks isn't zero.
#[test]
fn a_day_that_the_history_lacks_is_unknown_on_the_page() {
    if !has_node() {
        return;
    }
    let (company, folder) = with_history("--users 24 --days 66");
    let manifest = folder.join("manifest.json");
    let mut kept: Json = serde_json::from_str(&fs::read_to_string(&manifest).unwrap()).unwrap();
    for (_, series) in kept["tables"]["figures"].as_object_mut().unwrap() {
        series["days"].as_object_mut().unwrap().remove("2026-10-14");
    }
    fs::write(&manifest, kept.to_string()).unwrap();
    let page = company.home.path("page.html");
    let line = format!("dashboard --last 7d --now {NOW} --quiet --history");
    let output = company.home.command(&line).arg(&folder).arg("--out").arg(&page).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let over = |from: &str, to: &str| json!({"group": "company", "from": from, "to": to});
    let selections = json!([
        over("2026-10-01", "2026-10-13"),
        over("2026-10-01", "2026-10-14"),
        over("2026-10-15", "2026-10-20"),
    ]);
    let offered: Vec<_> = computed(&page, &selections)
        .iter()
        .map(|answer| {
            let company = answer.as_object().unwrap().values().next();
            company.and_then(|figures| figures["offered"].as_f64())
        })
        .collect();
    assert!(offered[0].is_some() && offered[2].is_some(), "{offered:?}");
    assert_eq!(offered[1], None);
}

#[test]
fn the_cost_is_said_and_nothing_is_sent() {
    let company = Company::of("--users 24");
    company.requests();
    let said = company.run(&format!("dashboard --last 28d --now {NOW} --explain"), None);
    assert!(said.contains("a company of 2000 users, 100 queues and 10 sites: "), "{said}");
    assert!(said.ends_with("Nothing was sent.\n"), "{said}");
    assert_eq!(company.requests(), Vec::<String>::new());
}

#[test]
fn a_page_has_the_title_and_the_queues_that_are_named() {
    let company = Company::of("--users 24");
    let page = company.home.path("page.html");
    let mut command = company.home.command(&format!("dashboard --last 7d --now {NOW} --quiet"));
    command.envs(company.served.variables.clone()).arg("--out").arg(&page);
    let output = command.args(["--keys", "Support", "--title", "<b>Desk</b>"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = fs::read_to_string(&page).unwrap();
    assert!(page.contains("<h1>&lt;b&gt;Desk&lt;&#x2f;b&gt;</h1>"), "{}", &page[..2000]);
    let (_, queues) = page.split_once("id=\"queues\"").unwrap();
    let (queues, _) = queues.split_once("</table>").unwrap();
    assert_eq!(queues.matches("<th scope=\"row\"").count(), 1, "{queues}");
}

/// The numbers that a page's script has.
fn numbers(company: &Company, args: &str) -> Json {
    let page = company.home.path("page.html");
    let mut command = company.home.command(&format!("dashboard --last 7d --now {NOW} {args}"));
    let output = command.envs(company.served.variables.clone()).arg("--out").arg(&page).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = fs::read_to_string(&page).unwrap();
    let (_, block) = page.split_once(r#"<script type="application/json" id="block">"#).unwrap();
    let block = BASE64.decode(block.split_once('<').unwrap().0).unwrap();
    serde_json::from_reader(ZlibDecoder::new(&block[..])).unwrap()
}

const ALL_OF_IT: &str = "--from 2026-11-10 --hourly company,queues --daily company,queues \
                         --figures company,queues,users --time-zone America/New_York";

#[test]
fn hours_of_a_history_are_those_of_the_queues_that_are_named() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(&folder, ALL_OF_IT);
    let numbers = numbers(&company, &format!("--keys Support --history {}", folder.display()));
    let keys = numbers["hours"]["queues"]["keys"].as_object().unwrap();
    assert_eq!(keys.keys().collect::<Vec<_>>(), ["1503200048"]);
}

#[test]
fn a_page_has_the_queues_goals_from_the_api_and_from_a_directory_that_is_kept() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(&folder, ALL_OF_IT);
    let zone = "--time-zone America/New_York";
    let history = format!("{zone} --history {}", folder.display());
    let sent = numbers(&company, zone)["targets"].clone();
    assert_eq!(sent.as_array().unwrap().len(), 4, "{sent}");
    assert_eq!(numbers(&company, &history)["targets"], json!([]));
    company.sync(&folder, "--directory yes");
    assert_eq!(numbers(&company, &history)["targets"], sent);
    // One that can't be read isn't taken for one without goals.
    fs::write(folder.join("directory/date=2026-11-24/part-0.parquet"), "other").unwrap();
    let line = format!("dashboard --last 7d --now {NOW} {history} --out");
    let page = company.home.path("other.html");
    let output = company.home.command(&line).arg(&page).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(5) && said.contains("date=2026-11-24"), "{said}");
}

#[test]
fn a_page_has_the_targets_of_the_configuration() {
    let company = Company::of("--users 24");
    let config = company.home.path("targets.toml");
    let written = "[targets]\nqueue_goals = false\nanswer-rate = '75%'\n\
                   [targets.queues]\nSupport = { answer-rate = '>= 70%', offered = '<= 900' }\n";
    fs::write(&config, written).unwrap();
    let sent = numbers(&company, &format!("--config {}", config.display()))["targets"].clone();
    let of = |group: &str, key: Option<&str>, figure: &str, goal: f64, direction: &str| json!({"group": group, "key": key, "figure": figure, "goal": goal, "direction": direction});
    let answered = |group: &str| of(group, None, "answer_rate", 0.75, "at_least");
    let support = Some("1503200048");
    assert_eq!(
        sent,
        json!([
            answered("company"),
            of("queues", support, "answer_rate", 0.7, "at_least"),
            of("queues", support, "offered", 900.0, "at_most"),
            answered("queues"),
            answered("sites"),
            answered("users"),
        ])
    );
}

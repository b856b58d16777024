//! The agents of queues in a history: a queue's own calls by the user that took them.

use std::fs;

use serde_json::{Value as Json, json};

use crate::support::{
    company::{Company, NOW, both},
    files, outcome,
};

const FROM: &str = "--from 2026-11-17 --time-zone America/New_York --hourly none --daily none";

#[test]
fn a_queues_agents_have_figures_of_its_own_calls() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    let explained =
        |args: &str| company.run(&format!("sync --explain --now {NOW} {args}"), Some(&folder));
    let first = explained(&format!("{FROM} --figures queues --queue-agents"));
    assert!(first.contains("each takes three requests for 20 agents"), "{first}");
    company.sync(&folder, &format!("{FROM} --figures queues --queue-agents"));
    // The account, the queues, four pages of them, and three of each queue's agents.
    assert_eq!(company.requests().len(), 1 + 1 + 4 + 3 * 4);
    let again = explained("");
    assert!(again.contains("agents answered Users of queue 1503200048: "), "{again}");
    company.sync(&folder, "");
    assert_eq!(company.requests().len(), 1 + 1 + 4 + 3 * 4, "a night later, by two days");
    let figures = "offered,answered,answer-rate,average-speed-of-answer,average-handle-time,\
                   average-talk-time,abandonment-rate,transfer-rate";
    let period = "--from 2026-11-17 --to 2026-11-23";
    for question in [
        format!("report --group-by users {period} --where queue=1503200048 --kpis {figures}"),
        format!("report --group-by users {period} --where queue=Sales --kpis {figures}"),
        format!(
            "report --group-by users {period} --where queue=Support --where direction=inbound \
             --calls all,by-result --time-spent by-segment"
        ),
        format!("timeline --group-by users {period} --where queue=Support --kpis {figures}"),
    ] {
        let (sent, stored) = both(&company, &folder, &question);
        assert!(sent.lines().count() > 3, "{question}: {sent}");
        assert_eq!(sent, stored, "{question}");
    }
    company.run("sync --check", Some(&folder));
    for (question, reason) in [
        ("--where queue=Support,queue=Sales --kpis answered", "ask for one queue at a time"),
        ("--where queue=Support --calls all", "filter by direction=inbound, too"),
        ("--where queue=Suport --kpis answered", "did you mean"),
    ] {
        let args = format!(
            "report --group-by users {period} {question} --now {NOW} --history {}",
            folder.display()
        );
        let (code, _, said) = outcome(&company.home.command(&args).output().unwrap());
        assert!(code == 2 && said.contains(reason), "{question}: {said}");
    }
    let views = company.run(&format!("history views {}", folder.display()), None);
    assert!(views.contains("VIEW callperf_agents_by_month"), "{views}");
    // An agent is erased here, too.
    let key = "1502200203";
    let (code, said, _) = outcome(
        &company
            .home
            .command(&format!("history forget {} {key}", folder.display()))
            .output()
            .unwrap(),
    );
    assert!(code == 0 && said.starts_with(&format!("erased {key}: ")), "{said}");
    company.run("sync --check", Some(&folder));
}

#[test]
fn a_queue_that_is_erased_does_not_come_back() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    company.sync(&folder, &format!("{FROM} --figures queues --queue-agents"));
    let queue = "1503200048";
    let holds = || {
        let has = |bytes: &[u8]| bytes.windows(queue.len()).any(|it| it == queue.as_bytes());
        let all = files(&folder).into_iter();
        all.filter(|(name, bytes)| has(name.to_string_lossy().as_bytes()) || has(bytes)).count()
    };
    assert!(holds() > 0);
    let args = format!("history forget {} {queue}", folder.display());
    let (code, _, said) = outcome(&company.home.command(&args).output().unwrap());
    assert_eq!(code, 0, "{said}");
    let place = folder.join(format!("agents/queue={queue}"));
    assert!(!place.exists());
    assert_eq!(holds(), 0);
    company.requests();
    company.sync(&folder, "");
    assert!(holds() == 0 && !place.exists());
    // The account, the queues, two days of them, and of the agents of the other three.
    assert_eq!(company.requests().len(), 1 + 1 + 4 + 3 * 3);
    // Earlier versions left the series in the manifest, and went on with it.
    let manifest = folder.join("manifest.json");
    let mut kept: Json = serde_json::from_str(&fs::read_to_string(&manifest).unwrap()).unwrap();
    let series = json!({"first": "2026-11-17", "high_water": null, "days": {}});
    kept["tables"]["agents"][format!("{queue}/inbound/Users")] = series;
    fs::write(&manifest, kept.to_string()).unwrap();
    let part = place.join("scope=inbound/grouping=Users/date=2026-11-23/part-0.parquet");
    fs::create_dir_all(part.parent().unwrap()).unwrap();
    fs::write(part, "a queue's agents").unwrap();
    let explained = company.run(&format!("sync --explain --now {NOW}"), Some(&folder));
    assert!(!explained.contains(queue), "{explained}");
    company.sync(&folder, "");
    assert!(holds() == 0 && !place.exists());
    company.run("sync --check", Some(&folder));
}

#[test]
fn agents_have_views_without_other_figures() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    let kept = "--from 2026-11-22 --hourly none --daily users,queues --queue-agents";
    company.sync(&folder, kept);
    let args = format!("history views {}", folder.display());
    let (code, views, said) = outcome(&company.home.command(&args).output().unwrap());
    assert_eq!(code, 0, "{said}");
    assert!(views.contains("VIEW callperf_agents_by_month") && !views.contains("/figures/"));
    assert!(!views.contains("VIEW callperf_sums"), "{views}");
    assert_eq!(said, "");
}

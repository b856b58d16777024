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

/// The history has users by queue, and the API members.
#[test]
fn the_preset_of_a_queues_agents_is_answered_from_the_queues_agents() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    let args = "agents-of Support --from 2026-11-17 --to 2026-11-23 --where direction=inbound";
    company.sync(&folder, &format!("{FROM} --figures none --queue-agents --directory yes"));
    for question in [
        format!("report {args} --sort answered"),
        format!("timeline {args}"),
        format!("report {args} --compare-to FROM..TO")
            .replace("FROM..TO", "2026-11-17..2026-11-23"),
    ] {
        let (sent, stored) = both(&company, &folder, &question);
        assert!(sent.lines().count() > 3, "{question}: {sent}");
        assert_eq!(sent, stored, "{question}");
    }
    let report = |folder: &std::path::Path| {
        let args = format!(
            "report agents-of Support --from 2026-11-17 --to 2026-11-23 --now {NOW} --history {}",
            folder.display()
        );
        outcome(&company.home.command(&args).output().unwrap())
    };
    let (code, data, said) = report(&folder);
    assert!(code == 0 && data.contains("queue=Support, direction=inbound"), "{data}{said}");
    assert!(said.contains("the time spent are of inbound calls"), "{said}");
    assert!(!said.contains("who belongs to the queue") && !said.contains("missing"), "{said}");
    // Who belongs to the queue isn't known.
    let other = company.home.path("other");
    company.sync(&other, &FROM.replace("--daily none", "--daily queues --queue-agents"));
    let (code, data, said) = report(&other);
    assert!(code == 0 && data.contains("Greta Solheim"), "{data}{said}");
    assert!(said.contains("the history doesn't have who belongs to the queue"), "{said}");
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
    let before = files(&folder);
    let run = |options: &str| {
        outcome(&company.home.command(&format!("{args}{options}")).output().unwrap())
    };
    let (code, data, said) = run("");
    let refusal = format!("{queue} isn't a user: it is one of the queues; --yes erases such, too");
    assert!(code == 2 && data.is_empty() && said.contains(&refusal), "{data}{said}");
    let (code, would, said) = run(" --dry-run");
    assert!(code == 0 && would.starts_with(&format!("would erase {queue}: ")), "{would}{said}");
    assert!(would.ends_with("; nothing was changed\n") && said.contains("takes --yes"), "{said}");
    assert!(files(&folder) == before);
    let (code, data, said) = run(" --yes");
    assert_eq!(code, 0, "{said}");
    let count =
        |line: &str| line.split(';').next().unwrap().rsplit_once(": ").unwrap().1.to_owned();
    assert_eq!(count(&data), count(&would));
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

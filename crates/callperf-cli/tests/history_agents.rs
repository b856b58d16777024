//! The agents of queues in a history: a queue's own calls by the user that took them.

mod support;

use crate::support::{
    company::{Company, NOW, both},
    outcome,
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
        ("--where queue=Support --calls all", "filter by direction, too"),
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

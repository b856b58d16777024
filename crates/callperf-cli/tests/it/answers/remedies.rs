//! Advice that can be followed on the command line.

use serde_json::{Value as Json, json};

use super::support::{Fake, Served, data, said, text};

#[tokio::test(flavor = "multi_thread")]
async fn no_advice_is_for_programs_in_rust() {
    let served = Served::start().await;
    let report = "report --last 7d";
    for (line, advice) in [
        (
            "timeline company --last 7d --api beta".to_owned(),
            "leave out --api beta, or ask for reports",
        ),
        (format!("{report} --group-by ivas --calls all --api beta"), "leave out --api beta"),
        (
            format!("{report} --group-by users --calls all --api beta --where result=forwarded"),
            "leave out --api beta",
        ),
        (
            format!("{report} --group-by users --calls all --api beta --where ending-party=caller"),
            "leave out --api beta",
        ),
        (
            format!("{report} --group-by users --calls all --api beta --where segment=hold:1..2"),
            "leave out --api beta",
        ),
        (
            format!("{report} --group-by users --calls all --api beta --days monday"),
            "leave out --api beta",
        ),
        (format!("{report} --group-by users"), "add --calls, --time-spent or --kpis"),
        (
            format!("{report} --group-by users --calls all:average"),
            "add one after a `/`, as in all:average/day",
        ),
        (
            format!("{report} --group-by users --calls all:percent/day"),
            "leave it out after the `/`",
        ),
        (
            format!("{report} --group-by members-of-queues --keys 1503200017 --calls all"),
            "; --where queue=ID counts those alone",
        ),
    ] {
        let (_, _, errors) = said(&served.run(&format!("{line} --explain")).await);
        let (_, shown, more) = said(&served.run(&line).await);
        let all = format!("{errors}{shown}{more}");
        assert!(all.contains(advice), "{line}: {all}");
        for of_rust in ["::", "(…)", "()"] {
            assert!(!all.contains(of_rust), "{line}: {all}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_that_is_too_large_is_asked_for_in_parts() {
    let fake = Fake::start().await;
    let large = json!({"data": {"records": vec![0; 3_000_001]}});
    fake.answer("POST", "/fetch$", 200, large).await;
    let output = fake.run("timeline company --last 7d --interval hour --json-errors").await;
    assert_eq!(output.status.code(), Some(5));
    let error: Json = serde_json::from_str(text(&output.stderr).lines().last().unwrap()).unwrap();
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("`sync` by fewer --days-per-request"), "{message}");
    assert!(!message.contains("::"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn unchecked_is_advised_where_it_helps() {
    let served = Served::start().await;
    for (line, helps) in [
        ("report --last 7d --group-by users --calls all --where queue-sla=in-sla", true),
        ("report --last 7d --group-by ivas --calls all --api beta", false),
        ("report queues --last 7d --time-zone Etc/Nowhere", false),
    ] {
        let output = served.run(&format!("{line} --json-errors")).await;
        let last = text(&output.stderr);
        let error: Json = serde_json::from_str(last.lines().last().unwrap()).unwrap();
        let next = error["next_step"].as_str().unwrap();
        assert_eq!(next.contains("--unchecked"), helps, "{line}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explanation_has_the_words_that_the_api_has() {
    let served = Served::start().await;
    let explained = async |line: &str| data(&served.run(&format!("{line} --explain")).await);
    let ivr = explained("report ivr --last 7d").await;
    for number in ["  calls caller: ", "  calls system: ", "  calls forwarded: "] {
        assert!(ivr.contains(number), "{number}: {ivr}");
    }
    let beta = explained("report --group-by users --last 7d --calls by-result --api beta").await;
    assert!(beta.contains("  calls abandoned: "), "{beta}");
    for number in ["caller: ", "forwarded: ", "picked up: ", "transferred: "] {
        assert!(!beta.contains(number), "{number}: {beta}");
    }
}

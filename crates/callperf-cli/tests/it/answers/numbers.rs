//! Numbers that no company has.

use serde_json::json;

use super::support::{Fake, data, page};

const HUGE: f64 = 1.7e308;

/// A server whose every number is as large as a number can be.
async fn absurd() -> Fake {
    let calls = |values: serde_json::Value| json!({"valueType": "Instances", "values": values});
    let time = |values: serde_json::Value| json!({"valueType": "Seconds", "values": values});
    let results = json!({
        "completed": HUGE, "abandoned": HUGE, "voicemail": HUGE, "unknown": 0.0, "missed": HUGE,
        "accepted": 1.0,
    });
    let segments = json!({"ringing": HUGE, "liveTalk": HUGE, "hold": HUGE});
    let responses = json!({"answered": HUGE, "notAnswered": 1.0});
    let counters = json!({
        "allCalls": calls(HUGE.into()),
        "callsByResult": calls(results),
        "callsByResponse": calls(responses),
        "callsByDirection": calls(json!({"inbound": HUGE, "outbound": -HUGE})),
    });
    let timers = json!({"allCalls": time(HUGE.into()), "callsSegments": time(segments)});
    let record = json!({
        "key": "1", "info": {"name": "Ada"}, "counters": counters, "timers": timers,
    });
    let point = |time: &str| json!({"time": time, "counters": counters, "timers": timers});
    let series = json!({"key": "1", "info": {"name": "Ada"}, "points": [
        point("2026-11-20T10:00:00Z"), point("2026-11-20T11:00:00Z"), point("2026-11-27T11:00:00Z"),
    ]});
    let fake = Fake::start().await;
    fake.answer("POST", "/aggregation/fetch$", 200, page(&json!([record]))).await;
    fake.answer("POST", "/timeline/fetch$", 200, page(&json!([series]))).await;
    fake
}

/// The longest row of digits.
fn digits(text: &str) -> usize {
    let rows = text.split(|c: char| !c.is_ascii_digit());
    rows.map(str::len).max().unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absurd_number_is_shown_in_a_few_digits() {
    let fake = absurd().await;
    let report = "report --group-by users --last 7d --compare --calls all,by-direction \
                  --time-spent all --kpis answer-rate,average-handle-time";
    let timeline = "timeline --group-by users --last 7d --compare --calls all,by-result \
                    --kpis abandonment-rate";
    for question in [report, timeline] {
        for format in ["table", "markdown", "csv", "json", "ndjson"] {
            let shown = data(&fake.run(&format!("{question} --format {format}")).await);
            assert!(shown.contains("1.7e308") || shown.contains("1.7e+308"), "{format}: {shown}");
            assert!(digits(&shown) <= 20, "{format}: {shown}");
            assert!(shown.len() < 20_000, "{format}: {} bytes", shown.len());
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("numbers.parquet");
    data(&fake.run(&format!("{report} --format parquet --out {}", file.display())).await);
    assert!(file.metadata().unwrap().len() < 20_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absurd_number_does_not_keep_the_page_from_its_end() {
    let fake = absurd().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    data(&fake.run(&format!("dashboard --last 7d --out {}", file.display())).await);
    let page = std::fs::read_to_string(&file).unwrap();
    assert!(page.len() < 200_000, "{} bytes", page.len());
    assert!(page.contains(">?<title>") && page.contains("1.7e308"));
}

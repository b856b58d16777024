//! Data in files: out, in again, and refused.

use std::fs;
use std::path::{Path, PathBuf};

use callperf_sandbox::{
    AbandonedSla, Assumptions, Builder, Data, DataError, Error, Format, Profile, Sandbox,
};
use serde_json::Value;

use crate::client::{AGGREGATION, Client, NOW, TIMELINE, builder, every_point, everything};

const TABLES: [&str; 9] = [
    "account",
    "hours",
    "extensions",
    "memberships",
    "numbers",
    "calls",
    "legs",
    "segments",
    "actions",
];

struct Folder {
    /// Removed when it is dropped.
    _scratch: tempfile::TempDir,
    path: PathBuf,
}

impl Folder {
    fn new() -> Folder {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("data");
        Folder { _scratch: scratch, path }
    }

    fn of(data: &Data, format: Format) -> Folder {
        let folder = Folder::new();
        data.write(&folder.path, format).unwrap();
        folder
    }

    fn bytes(&self) -> Vec<(String, Vec<u8>)> {
        let files = fs::read_dir(&self.path).unwrap().map(|file| file.unwrap().path());
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        let mut files: Vec<_> = files.map(|path| (name(&path), fs::read(&path).unwrap())).collect();
        files.sort();
        files
    }

    fn text(&self, table: &str) -> String {
        fs::read_to_string(self.path.join(format!("{table}.csv"))).unwrap()
    }

    fn write(&self, table: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path.join(format!("{table}.csv")), content).unwrap();
    }

    fn refusal(&self) -> DataError {
        Data::read(&self.path).unwrap_err()
    }
}

fn week() -> Data {
    builder().days(7).load().unwrap()
}

#[test]
fn what_is_written_is_read_and_written_the_same() {
    let data = week();
    for format in [Format::Csv, Format::Parquet] {
        let first = Folder::of(&data, format);
        let again = Data::read(&first.path).unwrap();
        assert_eq!(again.period(), data.period());
        assert_eq!(again.calls(), data.calls());
        let second = Folder::of(&again, format);
        assert_eq!(first.bytes(), second.bytes(), "{format:?}");
        assert_eq!(first.bytes().len(), TABLES.len());
    }
}

#[test]
fn both_formats_hold_the_same() {
    let data = builder().days(21).users(90).load().unwrap();
    let csv = Folder::of(&data, Format::Csv);
    let parquet = Folder::of(&data, Format::Parquet);
    let from_parquet = Folder::of(&Data::read(&parquet.path).unwrap(), Format::Csv);
    assert_eq!(csv.bytes(), from_parquet.bytes());
    let from_csv = Folder::of(&Data::read(&csv.path).unwrap(), Format::Parquet);
    assert_eq!(parquet.bytes(), from_csv.bytes());
}

#[tokio::test]
async fn answers_are_the_same_from_a_folder() {
    let invented = Client::new().await;
    let folder = Folder::new();
    invented.sandbox.dump(&folder.path, Format::Parquet).unwrap();
    let loaded = Client::on(Sandbox::builder().data(&folder.path)).await;
    assert_eq!(loaded.sandbox.now(), NOW.parse().unwrap());
    for grouping in ["Company", "CompanyNumbers", "Users", "Queues", "Sites", "Departments"] {
        let body = everything(grouping);
        let expected = invented.ok(AGGREGATION, &body).await;
        assert_eq!(loaded.ok(AGGREGATION, &body).await, expected, "{grouping}");
    }
    let (path, body) = (format!("{TIMELINE}?interval=Week"), every_point("Queues"));
    assert_eq!(loaded.ok(&path, &body).await, invented.ok(&path, &body).await);
}

#[test]
fn rows_and_columns_stand_in_any_order() {
    let data = week();
    let sorted = Folder::of(&data, Format::Csv);
    let shuffled = Folder::of(&data, Format::Csv);
    for table in &TABLES[1..] {
        let text = shuffled.text(table);
        let mut lines: Vec<_> = text.lines().collect();
        lines[1..].reverse();
        let turned = |line: &&str| {
            // No field of the built-in company has a comma.
            line.split(',').rev().collect::<Vec<_>>().join(",")
        };
        let lines: Vec<_> = lines.iter().map(turned).collect();
        shuffled.write(table, lines.join("\r\n"));
    }
    let read = Data::read(&shuffled.path).unwrap();
    let written = Folder::of(&read, Format::Csv);
    for ((name, expected), (_, found)) in sorted.bytes().into_iter().zip(written.bytes()) {
        // Two actions at one second have no order of their own.
        if name != "actions.csv" {
            assert_eq!(expected, found, "{name}");
        }
    }
}

#[test]
fn names_can_hold_what_names_hold() {
    let folder = Folder::of(&week(), Format::Csv);
    let extensions = folder.text("extensions");
    let name = "\"O'Brien, \"\"Zoë\"\"\nSàrl\"";
    folder.write("extensions", "\u{feff}".to_owned() + &extensions.replace("Ada Lindqvist", name));
    let data = Data::read(&folder.path).unwrap();
    assert_eq!(data.directory().users()[0].name.as_deref(), Some("O'Brien, \"Zoë\"\nSàrl"));
    let parquet = Folder::of(&data, Format::Parquet);
    assert_eq!(Data::read(&parquet.path).unwrap().directory().users(), data.directory().users());
}

/// A company of one user, one queue and one call.
const SMALL: [(&str, &str); 9] = [
    (
        "account",
        "schema_version,id,name,time_zone,calls_from,calls_to\n\
         2,7,,Europe/Zurich,2025-06-02T00:00:00+02:00,2025-06-03T00:00:00+02:00\n",
    ),
    ("hours", "day,opens,closes\nmonday,08:00,12:00\nmonday,13:00,24:00\n"),
    (
        "extensions",
        "id,kind,extension_number,name,sla_seconds,sla_abandoned_seconds\n\
         u1,user,,,,\nq1,queue,20,Desk,15,\ns1,site,,,,\nd1,department,,,,\n",
    ),
    ("memberships", "extension,belongs_to\nu1,q1\nu1,s1\nu1,d1\n"),
    ("numbers", "number,extension\n+41441234567,q1\n"),
    (
        "calls",
        "call_id,start,seconds,origin,number\n5,2025-06-02T12:30:00+02:00,40,external,+41441234567\n",
    ),
    (
        "legs",
        "call_id,leg,extension,queue,peer,direction,response,type,result,start,seconds\n\
         5,1,q1,,,inbound,answered,direct,,0,10\n\
         5,2,u1,q1,,inbound,answered,from_queue,completed,6,34\n",
    ),
    (
        "segments",
        "call_id,leg,segment,start,seconds\n5,1,ringing,0,6\n5,2,ringing,6,4\n5,2,live_talk,10,30\n",
    ),
    ("actions", "call_id,leg,action,start\n5,2,hold_on,20\n5,2,hold_off,25\n"),
];

fn small() -> Folder {
    let folder = Folder::new();
    fs::create_dir(&folder.path).unwrap();
    for (table, text) in SMALL {
        folder.write(table, text);
    }
    folder
}

#[tokio::test]
async fn a_handwritten_folder_is_answered_from() {
    let folder = small();
    let client = Client::on(Sandbox::builder().data(&folder.path)).await;
    let mut body = everything("Queues");
    body["timeSettings"]["timeRange"]["timeFrom"] = "2025-06-01T22:00:00Z".into();
    body["timeSettings"]["timeRange"]["timeTo"] = "2025-06-02T22:00:00Z".into();
    let answer = client.ok(AGGREGATION, &body).await;
    let record = &answer["data"]["records"][0];
    assert_eq!(record["key"], "q1");
    assert_eq!(record["info"]["name"], "Desk");
    let value = |list: &str, metric: &str, word: &str| -> Value {
        record[list][metric]["values"][word].clone()
    };
    assert_eq!(record["timers"]["allCalls"]["values"], 40.0);
    assert_eq!(value("timers", "callsSegments", "ringing"), 10.0);
    assert_eq!(value("counters", "callsByQueueSla", "inSla"), 1.0);
    // 12:30 in Zurich is the lunch break.
    assert_eq!(value("counters", "callsByCompanyHours", "afterHours"), 1.0);
}

/// Zeros that count nothing are remarked upon: such files don't say who ended a call.
#[tokio::test]
async fn numbers_by_a_column_that_older_files_lack_are_remarked_upon() {
    let remark = "no call of these data says who ended it (`ended_by` of the table `calls`, since \
                  schema version 3): all numbers by ending party are zero";
    let sum = serde_json::json!({"aggregationType": "Sum"});
    let mut by_party = everything("Queues");
    by_party["responseOptions"] = serde_json::json!({"counters": {"callsByEndingParty": sum}});
    let mut filtered = everything("Queues");
    filtered["responseOptions"] = serde_json::json!({"counters": {"allCalls": sum}});
    let plain = filtered.clone();
    filtered["callFilters"] = serde_json::json!({"endingParties": ["Caller"]});
    for (folder, expected) in [(small(), vec![remark]), (small_of_version_3(), vec![])] {
        let sandbox = Sandbox::builder().data(&folder.path).start().await.unwrap();
        assert_eq!(sandbox.remarks(), expected);
        drop(sandbox);
        let client = Client::on(Sandbox::builder().data(&folder.path)).await;
        for body in [&by_party, &filtered] {
            let (remarks, status, _) = client.remarks(AGGREGATION, body).await;
            assert_eq!(
                (remarks, status),
                (expected.iter().map(|it| (*it).to_owned()).collect(), 200)
            );
        }
        assert!(client.remarks(AGGREGATION, &plain).await.0.is_empty());
    }
}

/// How many are in and out of the queue's SLA, by the queue's columns, if the caller hung up after ten seconds.
async fn abandoned(sla: &str, assumption: AbandonedSla) -> (Value, Value) {
    let folder = small();
    folder.write("extensions", folder.text("extensions").replace("Desk,15,", sla));
    let legs = folder.text("legs").replace("answered,direct,,0", "not_answered,direct,abandoned,0");
    folder.write("legs", legs);
    let assumptions = Assumptions::default().abandoned_sla(assumption);
    let client = Client::on(Sandbox::builder().data(&folder.path).assumptions(assumptions)).await;
    let mut body = everything("Queues");
    body["timeSettings"]["timeRange"]["timeFrom"] = "2025-06-01T22:00:00Z".into();
    body["timeSettings"]["timeRange"]["timeTo"] = "2025-06-02T22:00:00Z".into();
    let answer = client.ok(AGGREGATION, &body).await;
    let values = &answer["data"]["records"][0]["counters"]["callsByQueueSla"]["values"];
    (values["inSla"].clone(), values["outOfSla"].clone())
}

#[tokio::test]
async fn abandoned_calls_count_in_the_sla_where_the_queue_has_it_so() {
    use AbandonedSla::{ByWait, Out};
    for (sla, assumption, expected) in [
        ("Desk,15,", Out, (0.0, 0.0)),
        ("Desk,15,", ByWait, (0.0, 0.0)),
        ("Desk,15,0", Out, (0.0, 1.0)),
        ("Desk,15,10", Out, (0.0, 1.0)),
        // Shorter than that isn't counted.
        ("Desk,15,11", Out, (0.0, 0.0)),
        ("Desk,10,0", ByWait, (1.0, 0.0)),
        ("Desk,9,0", ByWait, (0.0, 1.0)),
        ("Desk,15,11", ByWait, (0.0, 0.0)),
    ] {
        let expected = (Value::from(expected.0), Value::from(expected.1));
        assert_eq!(abandoned(sla, assumption).await, expected, "{sla} {assumption:?}");
    }
}

/// The same with what version 3 brought: who ended the call, the queue's hours, and a virtual agent.
fn small_of_version_3() -> Folder {
    let folder = small();
    let replace = |table: &str, old: &str, new: &str| {
        folder.write(table, folder.text(table).replace(old, new));
    };
    replace("account", "\n2,7", "\n3,7");
    folder.write("hours", "day,opens,closes,queue\nmonday,08:00,12:00,\nmonday,10:00,13:00,q1\n");
    folder.write("extensions", folder.text("extensions") + "a1,iva,,Ann,,\nm1,ivr,,Menu,,\n");
    folder.write("memberships", folder.text("memberships") + "a1,m1\n");
    replace("calls", "origin,number\n", "origin,number,ended_by\n");
    replace("calls", "+41441234567\n", "+41441234567,callee\n");
    replace("legs", "5,1,q1,,,inbound", "5,1,a1,,,inbound");
    replace("legs", "from_queue,completed", "queue_call_pickup,forwarded");
    replace("segments", "5,2,ringing", "5,2,forwarding");
    folder
}

#[tokio::test]
async fn what_the_third_schema_brought_is_counted() {
    let folder = small_of_version_3();
    let data = Data::read(&folder.path).unwrap();
    let again = Folder::of(&data, Format::Csv);
    assert!(again.text("hours").contains("\nmonday,10:00,13:00,q1\n"));
    assert!(again.text("calls").contains(",+41441234567,callee\n"));
    assert!(again.text("memberships").contains("\na1,m1\n"));
    assert_eq!(Data::read(&again.path).unwrap().directory().ivas(), data.directory().ivas());
    let hours = data.directory().queue_hours("q1", jiff::civil::Weekday::Monday);
    assert_eq!(hours, [(600, 780)]);

    let ask = async |group_by: &str, builder: Builder| {
        let client = Client::on(builder.data(&folder.path)).await;
        let mut body = everything(group_by);
        body["timeSettings"]["timeRange"]["timeFrom"] = "2025-06-01T22:00:00Z".into();
        body["timeSettings"]["timeRange"]["timeTo"] = "2025-06-02T22:00:00Z".into();
        client.ok(AGGREGATION, &body).await["data"]["records"][0].clone()
    };
    let queue = ask("Queues", Sandbox::builder()).await;
    let count = |breakdown: &str, word: &str| queue["counters"][breakdown]["values"][word].clone();
    // The company is closed at 12:30, the queue isn't.
    assert_eq!(count("callsByCompanyHours", "afterHours"), 1.0);
    assert_eq!(count("callsByQueueHours", "businessHours"), 1.0);
    assert_eq!(count("callsByEndingParty", "callee"), 1.0);
    assert_eq!(count("callsByResult", "forwarded"), 1.0);
    assert_eq!(count("callsByType", "queueCallPickup"), 1.0);
    assert_eq!(count("callsSegments", "forwarding"), 1.0);
    assert_eq!(ask("IVAs", Sandbox::builder()).await["key"], "a1");
    assert_eq!(ask("IVRs", Sandbox::builder()).await, Value::Null);
    // Before there were virtual agents, the menu had the call.
    let before = || Sandbox::builder().revision("2025-03-11");
    assert_eq!(ask("IVRs", before()).await["key"], "m1");
    let queue = ask("Queues", before()).await;
    let count = |breakdown: &str, word: &str| queue["counters"][breakdown]["values"][word].clone();
    assert_eq!(count("callsByResult", "completed"), 1.0);
    assert_eq!(count("callsByType", "fromQueue"), 1.0);
    assert_eq!(count("callsSegments", "ringing"), 1.0);
    assert_eq!(count("callsByResult", "forwarded"), Value::Null);
}

#[test]
fn mistakes_of_the_third_schema_are_refused_with_their_place() {
    for (table, old, new, column, words) in [
        ("hours", "13:00,q1", "13:00,u1", "queue", "a queue is expected"),
        ("hours", "13:00,q1", "13:00,q7", "queue", "no extension `q7`"),
        ("calls", ",callee", ",third", "ended_by", "caller, callee, system"),
        ("memberships", "a1,m1", "u1,m1", "extension", "only IVAs"),
        ("memberships", "a1,m1", "a1,m1\na1,m1", "belongs_to", "has an IVR already"),
        ("memberships", "a1,m1", "a1,q1", "extension", "only users"),
    ] {
        let folder = small_of_version_3();
        folder.write(table, folder.text(table).replace(old, new));
        let refusal = folder.refusal();
        assert_eq!(refusal.column(), Some(column), "{refusal}");
        assert!(refusal.reason().contains(words), "{refusal}");
    }
}

#[test]
fn a_folder_of_the_first_schema_is_read() {
    let folder = small();
    folder.write("account", folder.text("account").replace("\n2,7", "\n1,7"));
    let refusal = folder.refusal();
    assert!(refusal.reason().contains("is not one of its columns"), "{refusal}");
    let lines = folder.text("extensions");
    let lines = lines.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned() + "\n");
    folder.write("extensions", lines.collect::<String>());
    let data = Data::read(&folder.path).unwrap();
    assert_eq!(data.calls(), 1);
    // What is written is the newest.
    let again = Folder::of(&data, Format::Csv);
    assert!(again.text("account").contains("\n3,7"));
    assert!(again.text("extensions").contains("\nq1,queue,20,Desk,15,\n"));
    folder.write("account", folder.text("account").replace("\n1,7", "\n2,7"));
    let refusal = folder.refusal();
    assert_eq!(refusal.column(), Some("sla_abandoned_seconds"), "{refusal}");
}

#[test]
fn a_dump_clears_away_what_a_killed_one_left() {
    let data = Data::read(small().path).unwrap();
    let folder = Folder::new();
    let beside = folder.path.parent().unwrap();
    let left = beside.join(".callperf-data-unfinished-Ab12");
    fs::create_dir(&left).unwrap();
    fs::write(left.join("calls.csv"), "call_id\n").unwrap();
    // Another's isn't touched, nor what only looks like one.
    let others = [".callperf-data2-unfinished-Ab12", "callperf-data-unfinished-Ab12"];
    for other in others {
        fs::create_dir(beside.join(other)).unwrap();
    }
    data.write(&folder.path, Format::Csv).unwrap();
    assert!(!left.exists());
    assert!(others.iter().all(|other| beside.join(other).is_dir()));
    assert_eq!(fs::read_dir(beside).unwrap().count(), 3);
}

#[test]
fn the_sla_of_abandoned_calls_comes_out_as_it_went_in() {
    for format in [Format::Csv, Format::Parquet] {
        let folder = small();
        let changed = folder.text("extensions").replace("Desk,15,", "Desk,15,20");
        folder.write("extensions", &changed);
        let data = Data::read(&folder.path).unwrap();
        let once = Folder::of(&data, format);
        let twice = Folder::of(&Data::read(&once.path).unwrap(), Format::Csv);
        assert!(twice.text("extensions").contains("\nq1,queue,20,Desk,15,20\n"));
    }
}

/// Table, what to replace by what, and the line, column and words of the refusal.
type Mistake =
    (&'static str, &'static str, &'static str, Option<u64>, Option<&'static str>, &'static str);

const MISTAKES: &[Mistake] = &[
    ("account", "\n2,7", "\n4,7", Some(2), Some("schema_version"), "versions 1 to 3"),
    ("account", "\n2,7", "\n0,7", Some(2), Some("schema_version"), "versions 1 to 3"),
    ("account", ",7,", ",,", Some(2), Some("id"), "empty"),
    ("account", "Europe/Zurich", "Europe/Zürich", Some(2), Some("time_zone"), "IANA"),
    ("account", "2025-06-03", "2025-06-02", Some(2), Some("calls_to"), "after calls_from"),
    ("account", "00:00+02:00\n", "00:00\n", Some(2), Some("calls_to"), "with its offset"),
    ("hours", "monday,08", "funday,08", Some(2), Some("day"), "monday, tuesday"),
    ("hours", "08:00", "8:00", Some(2), Some("opens"), "00:00 to 24:00"),
    ("hours", "24:00", "24:01", Some(3), Some("closes"), "00:00 to 24:00"),
    ("hours", "13:00", "11:59", Some(3), Some("opens"), "overlaps"),
    ("hours", "12:00", "07:00", Some(2), Some("closes"), "midnight"),
    ("extensions", "u1,user", "q1,user", Some(3), Some("id"), "used before, at 2"),
    ("extensions", "u1,user", "7,user", Some(2), Some("id"), "account's id"),
    ("extensions", "u1,user", "u 1,user", Some(2), Some("id"), "no spaces"),
    ("extensions", "u1,user", "u1,person", Some(2), Some("kind"), "`person`"),
    ("extensions", "u1,user", "u1,ivr", None, None, "no user"),
    ("extensions", "Desk,15", "Desk,", Some(3), Some("sla_seconds"), "a queue needs one"),
    (
        "extensions",
        "Desk,15,",
        "Desk,15,3601",
        Some(3),
        Some("sla_abandoned_seconds"),
        "from 0 to 3600",
    ),
    (
        "extensions",
        "s1,site,,,,",
        "s1,site,,,,0",
        Some(4),
        Some("sla_abandoned_seconds"),
        "only queues",
    ),
    ("extensions", "s1,site,,,,", "s1,site,,,1,", Some(4), Some("sla_seconds"), "only queues"),
    ("extensions", "Desk,15", "Desk,-15", Some(3), Some("sla_seconds"), "from 0 to 3600"),
    ("memberships", "u1,q1", "u2,q1", Some(2), Some("extension"), "no extension `u2`"),
    ("memberships", "u1,q1", "s1,q1", Some(2), Some("extension"), "queue, IVR, IVA or shared line"),
    ("memberships", "u1,q1", "q1,d1", Some(2), Some("extension"), "only users"),
    ("memberships", "u1,q1", "u1,7", Some(2), Some("belongs_to"), "everybody"),
    ("memberships", "u1,q1", "u1,u1", Some(2), Some("belongs_to"), "nothing can"),
    ("memberships", "u1,q1", "u1,s1", Some(3), Some("belongs_to"), "a site already"),
    ("memberships", "u1,d1", "u1,q1", Some(4), Some("belongs_to"), "twice"),
    ("numbers", "+41441234567", "0441234567", Some(2), Some("number"), "+12125550101"),
    ("numbers", ",q1", ",q2", Some(2), Some("extension"), "no extension `q2`"),
    ("calls", "external", "outside", Some(2), Some("origin"), "internal, external"),
    ("calls", "2025-06-02T12", "2025-06-03T12", Some(2), Some("start"), "calls_from"),
    ("calls", "12:30:00+02:00", "12:30:00", Some(2), Some("start"), "with its offset"),
    ("calls", "12:30:00", "12:30:00.5", Some(2), Some("start"), "whole second"),
    ("calls", "+41441234567", "+41441234568", Some(2), Some("number"), "no direct number"),
    ("calls", ",40,", ",70000,", Some(2), Some("seconds"), "from 0 to 65535"),
    ("calls", ",40,", ",1e3,", Some(2), Some("seconds"), "whole number"),
    ("calls", "\n5,", "\n-5,", Some(2), Some("call_id"), "from 0"),
    ("calls", ",external,+41441234567", ",external", Some(2), None, "4 fields"),
    ("calls", "start", "began", Some(1), Some("start"), "missing"),
    ("calls", ",", ";", Some(1), Some("call_id"), "semicolons"),
    ("calls", "number\n", "number,cost\n", Some(1), None, "`cost` is not one"),
    ("calls", "origin,number", "number,number", Some(1), Some("origin"), "missing"),
    ("legs", "5,2,u1", "6,2,u1", Some(3), Some("call_id"), "no call 6"),
    ("legs", "5,2,u1", "5,3,u1", Some(3), Some("leg"), "no leg 2"),
    ("legs", "5,2,u1", "5,1,u1", Some(3), Some("leg"), "two legs"),
    ("legs", "5,2,u1", "5,256,u1", Some(3), Some("leg"), "from 1 to 255"),
    ("legs", "5,2,u1", "5,2,u9", Some(3), Some("extension"), "no extension `u9`"),
    ("legs", "5,2,u1", "5,2,d1", Some(3), Some("extension"), "a user, queue"),
    ("legs", "u1,q1", "u1,u1", Some(3), Some("queue"), "a queue is expected"),
    ("legs", "u1,q1,", "u1,q1,x", Some(3), Some("peer"), "no extension `x`"),
    (
        "legs",
        "inbound,answered,direct",
        "in,answered,direct",
        Some(2),
        Some("direction"),
        "inbound, outbound",
    ),
    (
        "legs",
        "inbound,answered,direct",
        "outbound,answered,direct",
        Some(2),
        Some("response"),
        "no outbound leg is `answered`",
    ),
    ("legs", "answered,direct", "connected,direct", Some(2), Some("response"), "no inbound leg"),
    ("legs", "answered,direct", "answered,outbound", Some(2), Some("type"), "no inbound leg"),
    ("legs", "completed", "finished", Some(3), Some("result"), "completed, abandoned"),
    ("legs", ",6,34", ",6,35", Some(3), Some("seconds"), "after its call"),
    ("legs", ",0,10", ",7,10", Some(3), Some("start"), "before the leg before it"),
    ("legs", ",0,10", ",-1,10", Some(2), Some("start"), "from 0 to 65535"),
    ("segments", "5,2,live_talk", "5,3,live_talk", Some(4), Some("leg"), "no leg 3"),
    ("segments", "5,2,live_talk", "5,0,live_talk", Some(4), Some("leg"), "from 1"),
    ("segments", "live_talk", "talk", Some(4), Some("segment"), "live_talk"),
    ("segments", "live_talk,10,30", "live_talk,9,30", Some(4), Some("start"), "overlaps"),
    ("segments", "live_talk,10,30", "live_talk,10,31", Some(4), Some("seconds"), "after its leg"),
    ("segments", "ringing,6,4", "ringing,5,4", Some(3), Some("start"), "before its leg"),
    (
        "segments",
        "live_talk,10,30",
        "live_talk,10,0",
        Some(4),
        Some("seconds"),
        "from 1 to 65535 is expected, not 0",
    ),
    ("segments", "live_talk,10,30", "live_talk,10,-30", Some(4), Some("seconds"), "not -30"),
    ("actions", "hold_off,25", "hold_off,41", Some(3), Some("start"), "outside its leg"),
    ("actions", "hold_off", "hold", Some(3), Some("action"), "hold_on"),
    ("actions", "5,2,hold_off", "4,2,hold_off", Some(3), Some("call_id"), "no call 4"),
];

#[test]
fn mistakes_are_refused_with_their_place() {
    assert_eq!(Data::read(&small().path).unwrap().calls(), 1);
    for (table, good, bad, line, column, words) in MISTAKES {
        let folder = small();
        let text = folder.text(table);
        assert!(text.contains(good), "{table} has no {good}");
        folder.write(table, text.replacen(good, bad, if *good == "," { 99 } else { 1 }));
        let error = folder.refusal();
        let message = error.to_string();
        assert_eq!(error.file().file_stem().unwrap(), *table, "{message}");
        assert_eq!((error.row(), error.column()), (*line, *column), "{bad}: {message}");
        assert!(error.reason().contains(words), "{bad}: {message}");
        assert!(message.contains(&format!("{table}.csv")), "{message}");
    }
}

#[test]
fn files_that_are_none() {
    let folder = small();
    folder.write(
        "calls",
        SMALL[5].1.replace("external", "ext\u{e9}rne").chars().map(|c| c as u8).collect::<Vec<_>>(),
    );
    let error = folder.refusal();
    assert_eq!((error.row(), error.column()), (Some(2), Some("origin")));
    assert!(error.reason().contains("UTF-8"), "{error}");

    let utf_16: Vec<u8> = "\u{feff}call_id".encode_utf16().flat_map(u16::to_le_bytes).collect();
    folder.write("calls", utf_16);
    assert!(folder.refusal().reason().contains("UTF-8"));

    folder.write("calls", "");
    assert_eq!(folder.refusal().column(), Some("call_id"));

    let twice = format!("{}5,2025-06-02T12:31:00+02:00,40,external,\n", SMALL[5].1);
    folder.write("calls", twice);
    let error = folder.refusal();
    assert_eq!((error.row(), error.column()), (Some(3), Some("call_id")));
    assert!(error.reason().contains("used before, at 2"), "{error}");

    folder.write("calls", format!("{}6,2025-06-02T12:31:00+02:00,40,external,\n", SMALL[5].1));
    assert!(folder.refusal().reason().contains("no legs"));

    let second = SMALL[0].1.lines().nth(1).unwrap().replacen("1,7", "1,8", 1);
    folder.write("account", format!("{}{second}\n", SMALL[0].1));
    assert!(folder.refusal().reason().contains("second account"));
    folder.write("account", SMALL[0].1.lines().next().unwrap());
    assert!(folder.refusal().reason().contains("no row"));

    fs::remove_file(folder.path.join("account.csv")).unwrap();
    let error = folder.refusal();
    assert_eq!(error.file(), folder.path);
    assert!(error.reason().contains("account.csv or account.parquet"), "{error}");

    let error = Data::read(folder.path.join("nowhere")).unwrap_err();
    assert!(error.reason().contains("no such folder"), "{error}");
}

/// A pipe would be waited for without end.
#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("calls");
    week().write(&place, Format::Csv).unwrap();
    let calls = place.join("calls.csv");
    fs::remove_file(&calls).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&calls).status().unwrap().success());
    let error = Data::read(&place).unwrap_err();
    assert_eq!(error.file(), calls);
    assert_eq!(error.reason(), "it isn't a regular file; put one in its place");
}

#[test]
fn long_calls_end_where_their_numbers_do() {
    let folder = small();
    let calls = folder.text("calls").replace(",40,", ",65535,");
    folder.write("calls", calls);
    let mut legs = folder.text("legs").replace(",0,10", ",0,65535");
    legs += "5,3,u1,,,inbound,answered,,,10,65525\n";
    folder.write("legs", legs);
    folder
        .write("segments", "call_id,leg,segment,start,seconds\n5,1,hold,0,65535\n5,3,park,10,1\n");
    let error = folder.refusal();
    assert_eq!((error.row(), error.column()), (Some(3), Some("seconds")));
    assert!(error.reason().contains("call 5 last 65536 seconds"), "{error}");

    folder
        .write("segments", "call_id,leg,segment,start,seconds\n5,1,hold,0,65534\n5,3,park,10,1\n");
    assert_eq!(Data::read(&folder.path).unwrap().calls(), 1);
    let many = (0..256).map(|_| "5,2,hold_on,20\n").collect::<String>();
    folder.write("actions", format!("call_id,leg,action,start\n{many}"));
    let error = folder.refusal();
    assert_eq!((error.row(), error.column()), (Some(257), Some("action")));
}

#[test]
fn parquet_that_is_none() {
    let folder = Folder::of(&week(), Format::Parquet);
    let path = folder.path.join("legs.parquet");
    let bytes = fs::read(&path).unwrap();
    for cut in [0, 3, 100, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&path, &bytes[..cut]).unwrap();
        let error = folder.refusal();
        assert_eq!(error.file(), path, "{error}");
    }
    fs::copy(folder.path.join("calls.parquet"), &path).unwrap();
    let error = folder.refusal();
    assert!(error.reason().contains("not one of its columns"), "{error}");
    fs::write(folder.path.join("legs.csv"), "").unwrap();
    assert!(folder.refusal().reason().contains("remove one"));
}

/// Links are followed, and an empty folder keeps its rights, also where it can't be replaced.
#[cfg(unix)]
#[test]
fn a_dump_goes_where_links_lead() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let parent = tempfile::tempdir().unwrap();
    let place = |name: &str| parent.path().join(name);
    let tables = |name: &str| std::fs::read_dir(place(name)).unwrap().count();
    std::fs::create_dir(place("empty")).unwrap();
    std::fs::set_permissions(place("empty"), std::fs::Permissions::from_mode(0o750)).unwrap();
    symlink("empty", place("link")).unwrap();
    symlink("new", place("dangling")).unwrap();
    for link in ["link", "dangling"] {
        week().write(place(link), Format::Csv).unwrap();
        assert!(place(link).is_symlink(), "{link}");
    }
    let all = tables("new");
    assert!(all > 5 && tables("empty") == all);
    let mode = std::fs::metadata(place("empty")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o750);
    std::fs::create_dir(place("mounted")).unwrap();
    std::fs::create_dir(place("outside")).unwrap();
    let run = |command: &str, names: &[&str]| {
        let mut command = std::process::Command::new(command);
        command.current_dir(parent.path()).args(names).status().is_ok_and(|status| status.success())
    };
    if !run("mount", &["--bind", "outside", "mounted"]) {
        println!("skipped: a folder that is mounted, needs mount");
        return;
    }
    let written = week().write(place("mounted"), Format::Csv);
    assert!(run("umount", &["mounted"]));
    written.unwrap();
    assert_eq!(tables("outside"), all);
    assert!(Data::read(place("outside")).is_ok());
    assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 6);
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let folder = small();
    let before = folder.bytes();
    let error = week().write(&folder.path, Format::Csv).unwrap_err();
    assert!(error.reason().contains("there already"), "{error}");
    assert_eq!(folder.bytes(), before);

    let empty = Folder::new();
    fs::create_dir(&empty.path).unwrap();
    week().write(&empty.path, Format::Csv).unwrap();
    assert_eq!(empty.bytes().len(), TABLES.len());
}

#[test]
fn nothing_is_left_of_what_fails() {
    let folder = Folder::new();
    let file = folder.path.with_file_name("file");
    fs::write(&file, "").unwrap();
    assert!(week().write(file.join("data"), Format::Csv).is_err());
    assert!(week().write(&file, Format::Csv).is_err());
    let left: Vec<_> = fs::read_dir(file.parent().unwrap()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn settings_that_are_not_possible() {
    for (builder, setting) in [
        (builder().users(23), "users"),
        (builder().users(20_001), "users"),
        (builder().days(0), "days"),
        (builder().days(366), "days"),
        (builder().calls(0), "calls"),
        (builder().data("somewhere").users(24), "users"),
        (builder().data("somewhere").profile(Profile::Steady), "profile"),
    ] {
        let error = builder.load().unwrap_err();
        assert!(matches!(error, Error::Setting { setting: s, .. } if s == setting), "{error}");
    }
}

fn calls_of(data: &Data) -> Vec<(jiff::Timestamp, String)> {
    let folder = Folder::of(data, Format::Csv);
    let text = folder.text("calls");
    let field = |line: &str, i: usize| line.split(',').nth(i).unwrap().to_owned();
    text.lines().skip(1).map(|line| (field(line, 1).parse().unwrap(), field(line, 3))).collect()
}

#[test]
fn as_many_calls_as_were_asked_for() {
    for profile in [Profile::Steady, Profile::ContactCentre, Profile::AfterHoursVoicemail] {
        for (calls, days) in [(1, 1), (2_000, 3), (10_000, 184)] {
            let data = builder().profile(profile).calls(calls).days(days).load().unwrap();
            assert_eq!(data.calls(), calls as usize);
            let (from, to) = data.period();
            let inside = |(start, _): &(jiff::Timestamp, String)| (from..to).contains(start);
            assert!(calls_of(&data).iter().all(inside));
        }
    }
}

#[test]
fn calls_grow_with_users_and_days() {
    let count = |users, days| builder().users(users).days(days).load().unwrap().calls();
    let (few, many) = (count(24, 28), count(240, 28));
    assert!((9 * few..11 * few).contains(&many), "{few} {many}");
    let (short, long) = (count(24, 14), count(24, 28));
    assert!(3 * short / 2 < long && long < 5 * short / 2, "{short} {long}");
}

#[test]
fn profiles_are_what_they_say() {
    let zone = jiff::tz::TimeZone::get("America/New_York").unwrap();
    let share = |data: &Data, is: &dyn Fn(i8, &str) -> bool| {
        let calls = calls_of(data);
        let hits =
            calls.iter().filter(|(start, origin)| is(zone.to_datetime(*start).hour(), origin));
        100 * hits.count() / calls.len()
    };
    let is_peak = |hour, _: &str| (10..12).contains(&hour) || (14..16).contains(&hour);
    let is_after_hours = |hour, _: &str| !(9..18).contains(&hour);
    let of = |profile| builder().profile(profile).days(56).load().unwrap();
    let steady = of(Profile::Steady);
    let centre = of(Profile::ContactCentre);
    let night = of(Profile::AfterHoursVoicemail);
    assert!(centre.calls() > 3 * steady.calls() && night.calls() < steady.calls());
    assert!(share(&centre, &is_peak) > 10 + share(&steady, &is_peak));
    assert!(share(&night, &is_after_hours) > 50 && share(&steady, &is_after_hours) < 20);
}

/// Of a leg: its call and number, the extension, the result and the seconds.
fn legs_of(folder: &Folder) -> Vec<(String, String, String, u32)> {
    let text = folder.text("legs");
    let leg = |line: &str| {
        let fields: Vec<_> = line.split(',').collect();
        let [extension, result] = [fields[2], fields[8]].map(str::to_owned);
        (format!("{}-{}", fields[0], fields[1]), extension, result, fields[10].parse().unwrap())
    };
    text.lines().skip(1).map(leg).collect()
}

#[test]
fn the_longer_callers_wait_the_more_give_up() {
    let data = builder().profile(Profile::ContactCentre).days(56).load().unwrap();
    let queues: Vec<_> = data.directory().queues().iter().map(|queue| &queue.key).collect();
    let folder = Folder::of(&data, Format::Csv);
    let waits: Vec<_> =
        legs_of(&folder).into_iter().filter(|(_, of, ..)| queues.contains(&of)).collect();
    let share = |seconds: std::ops::Range<u32>| {
        let waited = waits.iter().filter(|(.., wait)| seconds.contains(wait));
        let given_up = waited.clone().filter(|(_, _, result, _)| result == "abandoned").count();
        100 * given_up / waited.count()
    };
    let shares = [0..20, 20..60, 60..120, 120..300].map(share);
    assert!(shares.is_sorted() && shares[3] > shares[0] + 10, "{shares:?}");
}

#[test]
fn most_talks_are_short_and_few_are_long() {
    let folder = Folder::of(&builder().load().unwrap(), Format::Csv);
    let text = folder.text("segments");
    let talks = text.lines().filter(|line| line.contains(",live_talk,"));
    let mut seconds: Vec<u32> =
        talks.map(|line| line.rsplit(',').next().unwrap().parse().unwrap()).collect();
    seconds.sort_unstable();
    let at = |percent: usize| seconds[seconds.len() * percent / 100];
    // The logarithm of a talk's length spreads as far below the median as above it.
    let (low, median, high) = (f64::from(at(16)), f64::from(at(50)), f64::from(at(84)));
    assert!((110.0..170.0).contains(&median), "{low} {median} {high}");
    let (below, above) = ((median / low).ln(), (high / median).ln());
    assert!((0.8..1.25).contains(&(below / above)), "{low} {median} {high}");
}

#[test]
fn the_same_seed_gives_these_bytes_on_every_machine() {
    let fnv = |bytes: &[u8]| {
        bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    };
    let hash = |data: &Data, format| {
        let files = Folder::of(data, format).bytes();
        fnv(&files.into_iter().flat_map(|(_, bytes)| bytes).collect::<Vec<_>>())
    };
    let built_in = builder().load().unwrap();
    let large = builder().users(150).calls(3_000).days(30).profile(Profile::ContactCentre);
    let large = large.load().unwrap();
    let hashes = [hash(&built_in, Format::Csv), hash(&large, Format::Csv)];
    assert_eq!(hashes, [0x9998_753e_4853_1fd0, 0x3d43_b7bf_9d16_37fe], "{hashes:#x?}");
}

/// Any bytes of any file can be wrong: that is an error, or it doesn't matter, but nothing panics.
#[test]
fn damaged_files_are_refused_or_read() {
    let data = builder().days(2).load().unwrap();
    for (format, extension) in [(Format::Csv, "csv"), (Format::Parquet, "parquet")] {
        let folder = Folder::of(&data, format);
        let mut state = 7_u64;
        let mut draw = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(state >> 33).unwrap() % below
        };
        let (mut refused, mut read) = (0, 0);
        for _ in 0..300 {
            let path = folder.path.join(format!("{}.{extension}", TABLES[draw(TABLES.len())]));
            let good = fs::read(&path).unwrap();
            let mut bad = good.clone();
            for _ in 0..=draw(3) {
                let at = draw(bad.len());
                bad[at] = u8::try_from(draw(256)).unwrap();
            }
            fs::write(&path, bad).unwrap();
            match Data::read(&folder.path) {
                Ok(_) => read += 1,
                Err(error) => {
                    refused += 1;
                    assert!(!error.to_string().is_empty());
                }
            }
            fs::write(&path, good).unwrap();
        }
        assert!(refused > 100 && read > 0, "{format:?}: {refused} {read}");
    }
}

use callperf::{Breakdown, Client};

#[tokio::test]
async fn a_new_word_is_asked_for_and_read_by_its_wire_name() {
    let client = Client::builder().replay_from("tests/cassettes/mood.json").build().unwrap();
    let mood = Breakdown::from("callsByMood");
    let query = queue_report::query().calls(mood.clone());
    let page = client.aggregate(&query).page(1).await.unwrap();
    let calls = page.records[0].calls();
    assert_eq!(calls.get(&mood, "happy").unwrap().as_u64(), Some(52));
    assert_eq!(calls.get(&mood, "sad").unwrap().as_u64(), Some(18));
    assert_eq!(calls.total().unwrap().as_u64(), Some(70));
}

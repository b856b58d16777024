use callperf::{Client, testing};

#[tokio::test]
async fn the_report_stays_as_it_is() {
    let client = Client::builder().replay_from("tests/cassettes/week.json").build().unwrap();
    let page = queue_report::page(&client).await.unwrap();
    insta::assert_snapshot!("text", queue_report::text(&page));
    testing::assert_snapshot("page", &page);
}

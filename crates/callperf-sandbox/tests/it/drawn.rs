//! Requests at random, to every revision: those that follow the rules are answered, those that don't are refused, and
//! every response is one that the revision's document allows.

use proptest::prelude::*;
use serde_json::Value;

use crate::client::Client;
use crate::document::{self, Document};
use crate::draw::{self, Dice, Drawn};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// How a revision's answers came out.
#[derive(Debug, Default)]
struct Tally {
    with_records: u32,
    empty: u32,
    refused: u32,
    tolerated: u32,
    not_yet: u32,
}

/// Whether a revision may have what the sandbox isn't written for, and says so.
fn is_of_tomorrow(document: &Document) -> bool {
    document.date > document::written_for(document.api).date
}

fn has_records(answer: &Value) -> bool {
    let data = &answer["data"];
    let is_some = |records: &Vec<Value>| !records.is_empty();
    data["records"]
        .as_array()
        .map_or_else(|| data.as_object().is_some_and(|records| !records.is_empty()), is_some)
}

fn draw(document: &Document, client: &Client, seed: u64) -> (Drawn, Drawn) {
    let mut dice = Dice::new(seed);
    let operation = *dice.one(draw::operations(document));
    let lawful = draw::lawful(&mut dice, document, client.sandbox.directory(), operation);
    let broken = draw::broken(&mut dice, &lawful);
    (lawful, broken)
}

#[test]
fn every_revision_answers_as_its_document_says() {
    let runtime = runtime();
    for document in document::all() {
        let client = runtime.block_on(Client::of(document));
        let tally = std::cell::RefCell::new(Tally::default());
        draw::runner(60)
            .run(&any::<u64>(), |seed| {
                let (lawful, broken) = draw(document, &client, seed);
                let errors = document.request_errors(&lawful.path, &lawful.body);
                prop_assert!(errors.is_empty(), "{errors:?}\n{lawful:?}");
                let (remarks, status, answer) =
                    runtime.block_on(client.remarks(&lawful.path, &lawful.body));
                let mut tally = tally.borrow_mut();
                if status == 501 && is_of_tomorrow(document) {
                    tally.not_yet += 1;
                    return Ok(());
                }
                prop_assert_eq!(status, 200, "{:?}\n{}", lawful, answer);
                if has_records(&answer) {
                    tally.with_records += 1;
                } else {
                    tally.empty += 1;
                }
                let is_known = |remark: &String| !remark.contains("is not a field");
                prop_assert!(remarks.iter().all(is_known), "{remarks:?}");
                let (status, answer) = runtime.block_on(client.fetch(&broken.path, &broken.body));
                match status {
                    200 => tally.tolerated += 1,
                    400 => tally.refused += 1,
                    501 if is_of_tomorrow(document) => tally.not_yet += 1,
                    _ => prop_assert!(false, "{status} {broken:?}\n{answer}"),
                }
                Ok(())
            })
            .unwrap();
        let tally = tally.into_inner();
        println!("{} {}: {tally:?}", document.api, document.date);
        // How much of a revision of tomorrow is answered depends on what it brings.
        let is_enough = if is_of_tomorrow(document) {
            tally.with_records > 0 && tally.refused > 0
        } else {
            tally.with_records > tally.empty && tally.refused > 0 && tally.tolerated > 0
        };
        assert!(is_enough, "{tally:?}");
    }
}

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::state::{Current, State, newest};
use crate::http::{clock::Clock, session::Session};

/// Of two sessions the one with the later end needn't be the newer: clocks differ.
fn session(token: &str, expires_at: u64) -> Session {
    let session = json!({"access_token": token, "lifetime": 3600, "expires_at": expires_at});
    serde_json::from_value(session).unwrap()
}

#[test]
fn the_session_to_renew_is_the_one_that_was_saved_last() {
    let clock = Clock::default();
    let in_use = || Some(Current::new(session("own", 9000), &clock).unwrap());
    let stored = || Some(session("other", 10));
    let token = |state: &State, stored| {
        newest(state, stored).map(|it| it.access_token.expose_secret().to_owned())
    };
    let state = |current, over: Option<&str>| State {
        current,
        unsaved_over: over.map(SecretString::from),
        ..State::default()
    };
    let cases = [
        (state(in_use(), None), stored(), Some("other")),
        (state(in_use(), Some("other")), stored(), Some("own")),
        (state(in_use(), Some("before")), stored(), Some("other")),
        (state(in_use(), None), None, Some("own")),
        (state(None, None), stored(), Some("other")),
        (state(None, Some("other")), stored(), Some("other")),
        (state(None, None), None, None),
    ];
    for (at, (state, stored, expected)) in cases.into_iter().enumerate() {
        assert_eq!(token(&state, stored).as_deref(), expected, "case {at}");
    }
}

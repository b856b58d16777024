//! What an object store refused, in words without anything secret.

use std::{error::Error as _, io};

use object_store::Error as StoreError;

/// An error of the library as one of the system. Its own text has the request's URL, which holds the
/// signature where a store is reached by one, and all that the server said.
pub(super) fn as_io(error: &StoreError) -> io::Error {
    let kind = match error {
        StoreError::NotFound { .. } => io::ErrorKind::NotFound,
        StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. } => {
            io::ErrorKind::PermissionDenied
        }
        _ => io::ErrorKind::Other,
    };
    let said = said(&error.to_string());
    let reason = match (kind, said) {
        (_, Some(said)) => format!("the store says {said}"),
        (io::ErrorKind::NotFound, None) => "there is no such object".to_owned(),
        (io::ErrorKind::PermissionDenied, None) => "the store denies it".to_owned(),
        (_, None) => innermost(error),
    };
    io::Error::new(kind, reason)
}

/// The status and the code of a response, as `403 Forbidden (AccessDenied)`.
fn said(text: &str) -> Option<String> {
    let status = text.split_once("status code: ").map(|(_, rest)| rest);
    let status = status.map(|rest| rest.split([':', '\n']).next().unwrap_or_default().trim());
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    let code = code.map(|(code, _)| code).filter(|code| is_word(code));
    match (status.filter(|status| is_status(status)), code) {
        (Some(status), Some(code)) => Some(format!("{status} ({code})")),
        (Some(status), None) => Some(status.to_owned()),
        (None, Some(code)) => Some(code.to_owned()),
        (None, None) => None,
    }
}

fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_status(text: &str) -> bool {
    text.get(..3).is_some_and(|code| code.bytes().all(|byte| byte.is_ascii_digit()))
        && text.len() < 64
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || " -'".contains(letter))
}

/// What the network or the system says: the causes around it name the request.
fn innermost(error: &StoreError) -> String {
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        reason = inner.to_string();
        cause = inner.source();
    }
    let has_address = reason.contains("://") || reason.contains('?') || reason.len() > 200;
    if has_address { "the store can't be used as it answers".to_owned() } else { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generic(text: &str) -> StoreError {
        StoreError::Generic { store: "S3", source: text.to_owned().into() }
    }

    #[test]
    fn what_a_server_said_is_its_status_and_its_code() {
        let text = "Error performing PUT https://a.example/c/p?sig=SECRET in 1s - Server returned non-2xx \
                    status code: 503 Service Unavailable: <Error><Code>SlowDown</Code><Message>AKIA \
                    SECRET</Message></Error>";
        assert_eq!(
            as_io(&generic(text)).to_string(),
            "the store says 503 Service Unavailable (SlowDown)"
        );
        let denied = StoreError::PermissionDenied { path: "p".to_owned(), source: "SECRET".into() };
        let denied = as_io(&denied);
        assert_eq!(denied.kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(denied.to_string(), "the store denies it");
    }

    #[test]
    fn what_could_hold_a_signature_is_not_repeated() {
        let text = "error sending request for url (https://a.example/c?sig=SECRET)";
        assert!(!as_io(&generic(text)).to_string().contains("SECRET"));
        assert_eq!(as_io(&generic("Connection refused")).to_string(), "Connection refused");
    }
}

//! An environment for Postman: the address and the credentials of a sandbox.

use std::fmt::Write as _;

use callperf_sandbox::Sandbox;
use serde_json::{Value, json};

/// The document that Postman imports.
pub(crate) fn environment(sandbox: &Sandbox) -> Value {
    let url = sandbox.url();
    let token = sandbox.access_token();
    let shown = |key: &str, value: &str| variable(key, value, "default");
    let hidden = |key: &str, value: &str| variable(key, value, "secret");
    json!({
        "id": id_of(url),
        "name": format!("callperf sandbox, {url}"),
        "values": [
            // So they are called in a collection that Postman makes of an OpenAPI document.
            shown("baseUrl", url),
            hidden("bearerToken", &token),
            shown("RC_SERVER_URL", url),
            shown("RC_APP_CLIENT_ID", sandbox.client_id()),
            hidden("RC_APP_CLIENT_SECRET", sandbox.client_secret()),
            hidden("RC_USER_JWT", sandbox.jwt()),
        ],
        "_postman_variable_scope": "environment",
    })
}

fn variable(key: &str, value: &str, kind: &str) -> Value {
    json!({"key": key, "value": value, "type": kind, "enabled": true})
}

/// A UUID (version 8) that is the same for the same address, so that a new import takes the place of the old one.
fn id_of(url: &str) -> String {
    let digest = hmac_sha256::Hash::hash(url.as_bytes());
    let mut id = String::new();
    for (place, byte) in digest.iter().take(16).enumerate() {
        if [4, 6, 8, 10].contains(&place) {
            id.push('-');
        }
        let byte = match place {
            6 => byte & 0x0f | 0x80,
            8 => byte & 0x3f | 0x80,
            _ => *byte,
        };
        // Writing to a string cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_id_and_it_is_a_uuid() {
        let id = id_of("http://127.0.0.1:8080");
        assert_eq!(id, id_of("http://127.0.0.1:8080"));
        assert_ne!(id, id_of("http://127.0.0.1:8081"));
        let groups: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
        assert_eq!(id.as_bytes()[14], b'8', "the version");
        assert!(b"89ab".contains(&id.as_bytes()[19]), "the variant: {id}");
    }
}

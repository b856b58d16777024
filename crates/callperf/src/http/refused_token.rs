//! What a 401 of an API request says about the token.

use serde_json::Value as Json;

use crate::words::token_state::TokenState;

/// Returns the state by the codes, wherever they stand: the one at the top of a response and those
/// of its list can differ.
pub(super) fn token_state(body: &[u8]) -> TokenState {
    let body = serde_json::from_slice::<Json>(body).unwrap_or_default();
    let listed = body.get("errors").and_then(Json::as_array).into_iter().flatten();
    let codes: Vec<_> = std::iter::once(&body).chain(listed).flat_map(codes).collect();
    if codes.iter().any(|code| says_dead(code)) {
        TokenState::Dead
    } else if codes.is_empty() {
        TokenState::Unknown
    } else {
        TokenState::Live
    }
}

/// The API's code of an entry, and OAuth's.
fn codes(entry: &Json) -> impl Iterator<Item = &str> {
    ["errorCode", "error"].into_iter().filter_map(|name| entry.get(name)?.as_str())
}

fn says_dead(code: &str) -> bool {
    let codes = ["TokenInvalid", "AGW-401", "AGW-402", "invalid_token"];
    codes.contains(&code) || code.starts_with("OAU-")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn codes_say_whether_the_token_is_dead() {
        let top = |code: &str| json!({"errorCode": code, "message": "no"});
        let listed = |top: &str, code: &str| json!({"errorCode": top, "errors": [{"errorCode": code}, {"message": "no code"}]});
        let cases = [
            (top("TokenInvalid"), TokenState::Dead),
            (top("AGW-401"), TokenState::Dead),
            (top("AGW-402"), TokenState::Dead),
            (top("OAU-128"), TokenState::Dead),
            (top("OAU-999"), TokenState::Dead),
            (top("CMN-405"), TokenState::Live),
            (top("CMN-401"), TokenState::Live),
            (top("Other-1"), TokenState::Live),
            (listed("TokenInvalid", "OAU-149"), TokenState::Dead),
            (listed("TokenInvalid", "Other-1"), TokenState::Dead),
            (listed("Other-1", "OAU-149"), TokenState::Dead),
            (listed("CMN-405", "CMN-405"), TokenState::Live),
            (json!({"errors": [{"errorCode": "OAU-213"}]}), TokenState::Dead),
            (json!({"errors": [{"errorCode": "CMN-405"}]}), TokenState::Live),
            (json!({"error": "invalid_token"}), TokenState::Dead),
            (json!({"errors": [{"message": "no"}]}), TokenState::Unknown),
            (json!({"errorCode": 401}), TokenState::Unknown),
            (json!([]), TokenState::Unknown),
        ];
        for (body, expected) in cases {
            assert_eq!(token_state(body.to_string().as_bytes()), expected, "{body}");
        }
        assert_eq!(token_state(b"<html>no</html>"), TokenState::Unknown);
        assert_eq!(token_state(b""), TokenState::Unknown);
    }
}

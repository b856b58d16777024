//! What the API itself says of a failure.

use std::fmt;

use serde_json::Value as Json;

use super::shown;

/// One error of the API's own list. Its fields are as they were sent; `Display` escapes what
/// a terminal would obey.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ApiError {
    /// The code, for example `CMN-101`.
    pub code: String,
    /// The vendor's message; it may change, so don't compare it.
    pub message: String,
    /// The parameter that the error is about.
    pub parameter: Option<String>,
    /// Everything that the API sent in this entry.
    pub fields: serde_json::Map<String, Json>,
}

impl ApiError {
    fn from_json(entry: &Json) -> Option<Self> {
        let fields = entry.as_object()?;
        let text = |name: &str| fields.get(name).and_then(Json::as_str).map(str::to_owned);
        Some(Self {
            code: text("errorCode")?,
            message: text("message").unwrap_or_default(),
            parameter: text("parameterName"),
            fields: fields.clone(),
        })
    }

    /// The errors of a body: its list, or else the one at its top level.
    pub(crate) fn list(body: &Json) -> Vec<Self> {
        let listed: Vec<_> = body
            .get("errors")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(Self::from_json)
            .collect();
        if listed.is_empty() { Self::from_json(body).into_iter().collect() } else { listed }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", shown::text(&self.code), shown::text(&self.message))?;
        match &self.parameter {
            Some(parameter) if !self.message.contains(parameter.as_str()) => {
                write!(f, " (parameter {})", shown::text(parameter))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_errors_of_a_body_are_its_list_or_the_one_at_its_top() {
        let listed = serde_json::json!({
            "errorCode": "CMN-101", "message": "first",
            "errors": [
                {"errorCode": "CMN-101", "message": "first", "parameterName": "page"},
                {"errorCode": "CMN-102", "message": "second"},
            ],
        });
        let codes = |body: &Json| -> Vec<String> {
            ApiError::list(body).into_iter().map(|error| error.code).collect()
        };
        assert_eq!(codes(&listed), ["CMN-101", "CMN-102"]);
        let top = serde_json::json!({"errorCode": "CMN-301", "message": "rate"});
        assert_eq!(codes(&top), ["CMN-301"]);
        assert!(codes(&serde_json::json!([1, 2])).is_empty());
    }
}

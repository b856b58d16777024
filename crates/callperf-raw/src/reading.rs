//! How the body of a response becomes a value.

use bytes::Buf as _;
use progenitor_client::{Error, ResponseValue};
use reqwest::Response;
use serde::de::{DeserializeOwned, Error as _};

use crate::session::NullsRefused;

/// Some gateways put it before the JSON, which has none.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The text of a body: it is read faster than bytes, which are looked at string by string whether they are UTF-8.
///
/// # Errors
/// What isn't UTF-8.
pub fn text(body: &[u8]) -> serde_json::Result<&str> {
    str::from_utf8(body).map_err(serde_json::Error::custom)
}

/// Whether JSON may have a null: texts with these letters count.
#[must_use]
pub fn may_have_null(text: &str) -> bool {
    text.contains("null")
}

pub(crate) async fn response<T: DeserializeOwned, E>(
    response: Response,
) -> Result<ResponseValue<T>, Error<E>> {
    let (status, headers) = (response.status(), response.headers().clone());
    let refuses_nulls = response.extensions().get::<NullsRefused>().is_some();
    let mut body = response.bytes().await.map_err(Error::ResponseBodyError)?;
    if body.starts_with(BYTE_ORDER_MARK) {
        body.advance(BYTE_ORDER_MARK.len());
    }
    match text(&body).and_then(|text| value(text, refuses_nulls)) {
        Ok(value) => Ok(ResponseValue::new(value, status, headers)),
        Err(error) => Err(Error::InvalidResponsePayload(body, error)),
    }
}

/// An error of the JSON counts before its nulls.
fn value<T: DeserializeOwned>(text: &str, refuses_nulls: bool) -> serde_json::Result<T> {
    let value = serde_json::from_str(text)?;
    if refuses_nulls && may_have_null(text) {
        return Err(serde_json::Error::custom("it has a null"));
    }
    Ok(value)
}

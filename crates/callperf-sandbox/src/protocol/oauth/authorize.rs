//! The authorization code: where a person lets an app in, and what the app makes of it.
//!
//! The person's part is a page with two buttons. `prompt=none` does without: the sandbox takes it that the person has
//! logged in and consented before, so that a test needs no browser.

use std::time::Duration;

use axum::http::header::{CONTENT_SECURITY_POLICY, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::client::is_same;
use super::codes::{Challenge, Code};
use super::form::Form;
use super::login::{Sessions, narrowed};
use super::refusal::{Refusal, unstored};
use super::sessions::{Token, Wishes};
use crate::shown::shown;

/// Seconds that a code lives.
const LIFETIME: u64 = 60;
/// Where the page's form goes. The service's own is another program's page.
pub(crate) const DECISION: &str = "/restapi/oauth/authorize/decision";
const PAGE: &str = include_str!("consent.html");
/// What mustn't be there twice.
const PARAMETERS: [&str; 8] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "state",
    "scope",
    "code_challenge",
    "code_challenge_method",
    "prompt",
];
const PROMPTS: [&str; 4] = ["login", "sso", "consent", "none"];

/// A request from a known app with a redirect address of that app, which gets the errors in the rest of it.
struct Asked<'a> {
    form: &'a Form,
    app: usize,
    address: String,
}

impl Sessions {
    /// The first request, by the app.
    pub(crate) fn authorize(&self, form: &Form) -> Result<Response, Refusal> {
        let asked = self.asked(form)?;
        let challenge = match self.checked(&asked) {
            Ok(challenge) => challenge,
            Err(refusal) => {
                return Ok(asked.redirect(&[
                    ("error", refusal.error()),
                    ("error_description", refusal.message()),
                ]));
            }
        };
        if prompts(form).any(|prompt| prompt == "none") {
            let user = form.get("login_hint").and_then(|hint| self.users.by_key(hint));
            return Ok(self.give(&asked, user.unwrap_or(&self.users.owner), challenge));
        }
        Ok(self.page(&asked))
    }

    /// The second request, by the page.
    pub(crate) fn decide(&self, form: &Form) -> Result<Response, Refusal> {
        let asked = self.asked(form)?;
        let challenge = self.checked(&asked)?;
        if form.get("decision") != Some("allow") {
            return Ok(asked.redirect(&[
                ("error", "access_denied"),
                ("error_description", "The user did not let the application in"),
            ]));
        }
        let user = self.users.by_key(form.get("user").unwrap_or_default());
        Ok(self.give(&asked, user.unwrap_or(&self.users.owner), challenge))
    }

    /// Errors here are shown to the user: the app's address isn't known yet.
    fn asked<'a>(&self, form: &'a Form) -> Result<Asked<'a>, Refusal> {
        form.check_once(&PARAMETERS)?;
        let client_id = form.required("client_id")?;
        let mut apps = self.apps.iter();
        let app = apps.position(|app| app.client_id == client_id).ok_or_else(|| {
            Refusal::new("invalid_client", "OAU-120", "Wrong Application ID: no such client_id")
        })?;
        let settings = &self.apps[app];
        if settings.redirect_uris.is_empty() {
            let message = "No redirect uri is registered for the client";
            return Err(Refusal::new("invalid_client", "OAU-113", message));
        }
        let address = match (form.get("redirect_uri"), settings.redirect_uris.as_slice()) {
            (Some(uri), _) if settings.may_redirect_to(uri) => uri.to_owned(),
            (Some(_), _) => {
                return Err(Refusal::grant("OAU-109", "Redirect URIs do not match"));
            }
            (None, [only]) => only.clone(),
            (None, _) => return Err(Refusal::missing("redirect_uri")),
        };
        Ok(Asked { form, app, address })
    }

    /// Errors here are sent to the app.
    fn checked(&self, asked: &Asked<'_>) -> Result<Option<Challenge>, Refusal> {
        let form = asked.form;
        if form.required("response_type")? != "code" {
            return Err(Refusal::new(
                "unsupported_response_type",
                "CMN-101",
                "Parameter [response_type] value is invalid: expected is code",
            ));
        }
        if let Some(unknown) = prompts(form).find(|prompt| !PROMPTS.contains(prompt)) {
            return Err(Refusal::parameter("prompt", &format!("there is no {unknown}")));
        }
        let challenge = challenge(form)?;
        if challenge.is_none() && self.apps[asked.app].must_challenge() {
            return Err(Refusal::missing("code_challenge"));
        }
        Ok(challenge)
    }

    fn give(&self, asked: &Asked<'_>, user: &str, challenge: Option<Challenge>) -> Response {
        let code = Code {
            app: asked.app,
            user: user.to_owned(),
            scope: asked.form.get("scope").map(str::to_owned),
            redirect_uri: asked.form.get("redirect_uri").map(str::to_owned),
            challenge,
            ends: self.clock.elapsed() + Duration::from_secs(LIFETIME),
        };
        let code = self.codes().give(code, self.clock.elapsed());
        asked.redirect(&[("code", &code), ("expires_in", &LIFETIME.to_string())])
    }

    pub(super) fn by_code(
        &self,
        app: usize,
        form: &Form,
        wishes: Wishes,
    ) -> Result<Token, Refusal> {
        let code = form.required("code")?;
        // One attempt uses it up, whether or not it is good.
        let code = self.codes().take(code);
        let code = code.ok_or_else(|| Refusal::grant("OAU-106", "Invalid authorization code"))?;
        if code.ends <= self.clock.elapsed() {
            return Err(Refusal::grant("OAU-108", "Authorization code is expired"));
        }
        if code.app != app {
            let message = "Authorization code was not issued for this application";
            return Err(Refusal::grant("OAU-110", message));
        }
        if code.redirect_uri.is_some() && code.redirect_uri.as_deref() != form.get("redirect_uri") {
            return Err(Refusal::grant("OAU-109", "Redirect URIs do not match"));
        }
        check_verifier(code.challenge.as_ref(), form.get("code_verifier"))?;
        Ok(self.open(app, &code.user, code.scope.as_deref(), wishes))
    }

    fn page(&self, asked: &Asked<'_>) -> Response {
        let settings = &self.apps[asked.app];
        let given = PARAMETERS.iter().filter_map(|name| Some((name, asked.form.get(name)?)));
        let hidden = given.map(|(name, value)| {
            format!(r#"<input type="hidden" name="{name}" value="{}">"#, escaped(value))
        });
        let options = self.users.extensions.iter().map(|user| {
            let name = user.name.as_deref().unwrap_or(&user.key);
            let number = user.extension_number.as_deref().unwrap_or_default();
            let (key, text) = (escaped(&user.key), escaped(&shown(&format!("{name} {number}"))));
            format!(r#"<option value="{key}">{text}</option>"#)
        });
        let scope = narrowed(&settings.permissions, asked.form.get("scope"));
        let page = PAGE
            .replace("{{action}}", DECISION)
            .replace("{{app}}", &escaped(&shown(&settings.client_id)))
            .replace("{{scope}}", &escaped(&shown(&scope.join(", "))))
            .replace("{{address}}", &escaped(&shown(&asked.address)))
            .replace("{{users}}", &options.collect::<String>())
            .replace("{{fields}}", &hidden.collect::<String>());
        let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        let policy = [(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy))];
        unstored((policy, Html(page)).into_response())
    }
}

impl Asked<'_> {
    fn redirect(&self, parameters: &[(&str, &str)]) -> Response {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(parameters);
        if let Some(state) = self.form.get("state") {
            query.append_pair("state", state);
        }
        let joint = if self.address.contains('?') { '&' } else { '?' };
        let location = format!("{}{joint}{}", self.address, query.finish());
        match HeaderValue::try_from(location) {
            Ok(location) => unstored((StatusCode::FOUND, [(LOCATION, location)]).into_response()),
            Err(_) => Refusal::parameter("redirect_uri", "it is not an address").into_response(),
        }
    }
}

fn prompts(form: &Form) -> impl Iterator<Item = &str> {
    form.get("prompt").unwrap_or_default().split_whitespace()
}

/// RFC 7636: 43 to 128 characters that need no encoding; without a method it is `plain`.
fn challenge(form: &Form) -> Result<Option<Challenge>, Refusal> {
    let method = form.get("code_challenge_method");
    let Some(text) = form.get("code_challenge") else {
        return match method {
            None => Ok(None),
            Some(_) => Err(Refusal::missing("code_challenge")),
        };
    };
    if !is_verifier(text) {
        return Err(Refusal::parameter("code_challenge", "43 to 128 unreserved characters"));
    }
    match method {
        None | Some("plain") => Ok(Some(Challenge::Plain(text.to_owned()))),
        Some("S256") => Ok(Some(Challenge::S256(text.to_owned()))),
        Some(_) => Err(Refusal::parameter("code_challenge_method", "S256 or plain is expected")),
    }
}

fn is_verifier(text: &str) -> bool {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(is_unreserved)
}

/// Which code a wrong verifier brings is documented nowhere.
fn check_verifier(challenge: Option<&Challenge>, verifier: Option<&str>) -> Result<(), Refusal> {
    let wrong = |why: &str| {
        let message = format!("Parameter [code_verifier] value is invalid: {why}");
        Err(Refusal::grant("CMN-101", &message))
    };
    let (challenge, verifier) = match (challenge, verifier) {
        (None, None) => return Ok(()),
        (None, Some(_)) => return wrong("the login did not begin with a challenge"),
        (Some(_), None) => return Err(Refusal::missing("code_verifier")),
        (Some(challenge), Some(verifier)) => (challenge, verifier),
    };
    let is_right = match challenge {
        Challenge::Plain(expected) => is_same(verifier, expected),
        Challenge::S256(expected) => is_same(&s256(verifier), expected),
    };
    if is_verifier(verifier) && is_right { Ok(()) } else { wrong("it is not the challenge's") }
}

fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(hmac_sha256::Hash::hash(verifier.as_bytes()))
}

/// For text and for quoted attributes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // A template's own marks mustn't be made out of what came in.
            '{' => out.push_str("&#123;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pair is the vendor's documentation's.
    #[test]
    fn a_challenge_is_the_hash_of_its_verifier() {
        let verifier = "pIUgx4tiqFpaOUz0HMc_QbIyQlL901w8mRmkrmhEJ_E";
        assert_eq!(s256(verifier), "_drLS7o5FwkfUiBhlq2hwJnK_SC6yE7sKOde5O1fdzk");
        let challenge = Challenge::S256(s256(verifier));
        assert!(check_verifier(Some(&challenge), Some(verifier)).is_ok());
        assert!(check_verifier(Some(&challenge), Some(&s256(verifier))).is_err());
        assert!(check_verifier(Some(&challenge), None).is_err());
        assert!(check_verifier(None, Some(verifier)).is_err());
    }

    #[test]
    fn nothing_that_comes_in_becomes_markup() {
        assert_eq!(
            escaped(r#"<a b="{{c}}">'&"#),
            "&lt;a b=&quot;&#123;&#123;c}}&quot;&gt;&#39;&amp;"
        );
    }
}

//! Which app logs in, and whether it is the one.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac_sha256::HMAC;
use jiff::Timestamp;
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use super::app::App;
use super::form::Form;
use super::refusal::Refusal;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What an app says of itself.
enum Claim {
    Basic { id: String, secret: String },
    Assertion { id: String, jwt: Jwt },
    Id(String),
}

/// The app's place, once it has proved what it must.
pub(super) fn authenticate(
    apps: &[App],
    headers: &HeaderMap,
    form: &Form,
    now: Timestamp,
) -> Result<usize, Refusal> {
    let claim = claim(headers, form)?;
    let wrong = || Refusal::of_client("OAU-146", "Invalid client credentials");
    let place = apps.iter().position(|app| app.client_id == claim.id()).ok_or_else(wrong)?;
    let app = &apps[place];
    let is_proved = match (&claim, &app.client_secret) {
        (Claim::Basic { secret, .. }, Some(known)) => is_same(secret, known),
        // What some clients send for an app that has no secret.
        (Claim::Basic { secret, .. }, None) => secret.is_empty(),
        (Claim::Assertion { jwt, .. }, Some(known)) => {
            jwt.check(&app.client_id, known, now)?;
            true
        }
        (Claim::Assertion { .. }, None) => false,
        (Claim::Id(_), _) if app.must_prove() => {
            return Err(Refusal::of_client("OAU-123", "Client authentication is required"));
        }
        (Claim::Id(_), _) => true,
    };
    if is_proved { Ok(place) } else { Err(wrong()) }
}

/// The app's place by what the request says, unproved.
pub(super) fn named(apps: &[App], headers: &HeaderMap, form: &Form) -> Option<usize> {
    let claim = claim(headers, form).ok()?;
    apps.iter().position(|app| app.client_id == claim.id())
}

impl Claim {
    fn id(&self) -> &str {
        match self {
            Claim::Basic { id, .. } | Claim::Assertion { id, .. } | Claim::Id(id) => id,
        }
    }
}

fn claim(headers: &HeaderMap, form: &Form) -> Result<Claim, Refusal> {
    let missing = || Refusal::of_client("OAU-123", "Client authentication is required");
    if let Some(header) = headers.get(AUTHORIZATION) {
        let basic = credentials_of(header, "basic").and_then(decoded);
        let pair = basic.as_deref().and_then(|pair| pair.split_once(':'));
        let (id, secret) = pair.ok_or_else(missing)?;
        return Ok(Claim::Basic { id: id.to_owned(), secret: secret.to_owned() });
    }
    if let Some(assertion) = form.get("client_assertion") {
        if form.get("client_assertion_type") != Some(ASSERTION_TYPE) {
            let why = format!("expected is {ASSERTION_TYPE}");
            return Err(Refusal::parameter("client_assertion_type", &why));
        }
        let jwt = Jwt::parse(assertion)?;
        return Ok(Claim::Assertion { id: jwt.claims.iss.clone(), jwt });
    }
    form.get("client_id").map(|id| Claim::Id(id.to_owned())).ok_or_else(missing)
}

/// A client assertion: `client_secret_jwt` can be checked, `private_key_jwt` can't, as the sandbox has no app's key.
struct Jwt {
    /// What was signed.
    signed: String,
    signature: Vec<u8>,
    claims: Claims,
}

#[derive(Deserialize)]
struct Head {
    alg: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Jwt {
    fn parse(text: &str) -> Result<Jwt, Refusal> {
        let broken = |why: &str| wrong_assertion(why);
        let (signed, signature) =
            text.rsplit_once('.').ok_or_else(|| broken("it is not a signed JWT"))?;
        let (head, claims) =
            signed.split_once('.').ok_or_else(|| broken("it is not a signed JWT"))?;
        let head: Head = part(head).ok_or_else(|| broken("its head has no alg"))?;
        if head.alg != "HS256" {
            return Err(broken(&format!(
                "the sandbox checks HS256 (client_secret_jwt) only, it has no key for {}",
                head.alg
            )));
        }
        let claims = part(claims).ok_or_else(|| broken("iss, sub, aud and exp are required"))?;
        let signature = URL_SAFE_NO_PAD.decode(signature);
        let signature = signature.map_err(|_| broken("its signature is not base64url"))?;
        Ok(Jwt { signed: signed.to_owned(), signature, claims })
    }

    /// RFC 7523, section 3, less `jti`: an assertion may be used again while it lasts.
    fn check(&self, client_id: &str, secret: &str, now: Timestamp) -> Result<(), Refusal> {
        let is_right = |signature| HMAC::verify(&self.signed, secret, signature);
        if !self.signature.as_slice().try_into().is_ok_and(is_right) {
            return Err(wrong_assertion("its signature is not by this app's secret"));
        }
        if self.claims.iss != client_id || self.claims.sub != client_id {
            return Err(wrong_assertion("iss and sub must be the client id"));
        }
        if !self.claims.aud.names_server() {
            return Err(wrong_assertion("aud must be the address of the server or its /token"));
        }
        if self.claims.exp <= now.as_second() {
            return Err(wrong_assertion("it has expired"));
        }
        Ok(())
    }
}

impl Audience {
    /// The service's own address is as good as the sandbox's: a client may not let it be set.
    fn names_server(&self) -> bool {
        let all = match self {
            Audience::One(one) => std::slice::from_ref(one),
            Audience::Many(many) => many,
        };
        all.iter().any(|one| {
            let address = one.strip_suffix("/restapi/oauth/token").unwrap_or(one);
            let rest = ["http://", "https://"].iter().find_map(|it| address.strip_prefix(it));
            rest.is_some_and(|host| !host.trim_end_matches('/').contains('/'))
        })
    }
}

fn wrong_assertion(why: &str) -> Refusal {
    let message = format!("Parameter [client_assertion] value is invalid: {why}");
    Refusal::of_client("OAU-146", &message)
}

fn part<T: for<'a> Deserialize<'a>>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

/// What follows the scheme, whose letters may be of either case.
pub(super) fn credentials_of<'a>(header: &'a HeaderValue, scheme: &str) -> Option<&'a str> {
    let (named, rest) = header.to_str().ok()?.split_once(' ')?;
    named.eq_ignore_ascii_case(scheme).then_some(rest.trim())
}

fn decoded(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text).ok()?).ok()
}

/// Takes as long for a wrong guess as for a good one.
pub(super) fn is_same(given: &str, expected: &str) -> bool {
    given.as_bytes().ct_eq(expected.as_bytes()).into()
}

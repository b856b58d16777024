//! What a request for the account's data must pass before it is looked at: a good token, a quota, a permission.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::protocol::limits::{Group, Spender};
use crate::server::state::Server;
use crate::wire::failure::lacks_permission;

/// The gate before one path.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) server: Arc<Server>,
    pub(crate) group: Group,
    pub(crate) permission: Option<&'static str>,
}

pub(crate) async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let caller = match gate.server.sessions.check(request.headers(), request.uri()) {
        Ok(caller) => caller,
        Err(failure) => return failure.into_response(),
    };
    let spender = Spender { app: caller.app, user: Some(caller.user.clone()), group: gate.group };
    let standing = gate.server.limiter.admit(&spender);
    if let Some(standing) = standing.as_ref().filter(|standing| standing.refused_for.is_some()) {
        return standing.refusal();
    }
    let response = match gate.permission.filter(|permission| !caller.may(permission)) {
        Some(permission) => lacks_permission(permission),
        None => next.run(request).await,
    };
    match standing {
        Some(standing) => standing.around(response),
        None => response,
    }
}

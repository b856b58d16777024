// A web application whose users log in at RingCentral by an authorization code with PKCE. Each
// sees the queues that their own role lets them see. Register the address that it prints, with
// `callback` at its end, as the application's redirect address.

use std::{
    collections::HashMap,
    env,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{Query as Parameters, State},
    http::{HeaderMap, StatusCode, header::SET_COOKIE},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use callperf::{
    Breakdown, Client, Credentials, Error, GroupBy, PRODUCTION, Period, Pkce, Query, authorize_url,
};
use tokio::sync::Mutex;

/// How long a person may take to log in.
const PATIENCE: Duration = Duration::from_secs(600);

struct App {
    server: String,
    client_id: String,
    redirect_uri: String,
    /// Logins that have begun, and clients of users that are logged in, by the browser's cookie.
    begun: Mutex<HashMap<String, (Instant, Pkce)>>,
    clients: Mutex<HashMap<String, Client>>,
}

/// What the browser comes back with.
#[derive(serde::Deserialize)]
struct Callback {
    code: String,
    state: String,
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get("cookie")?.to_str().ok()?;
    cookies.split("; ").find_map(|cookie| cookie.strip_prefix("login="))
}

fn failed(error: &Error) -> Response {
    (StatusCode::BAD_GATEWAY, format!("{error}\n")).into_response()
}

async fn begin(app: &App) -> Result<Response, Error> {
    // The state ties the login to this browser. A challenge is as hard to guess as a verifier.
    let (state, pkce) = (Pkce::new()?.challenge().to_owned(), Pkce::new()?);
    let address = authorize_url(&app.server, &app.client_id, &app.redirect_uri, &state, &pkce)?;
    let cookie = format!("login={state}; HttpOnly; SameSite=Lax; Path=/");
    let mut begun = app.begun.lock().await;
    begun.retain(|_, (at, _)| at.elapsed() < PATIENCE);
    begun.insert(state, (Instant::now(), pkce));
    Ok(([(SET_COOKIE, cookie)], Redirect::to(&address)).into_response())
}

async fn finish(app: &App, callback: Callback) -> Result<(), Error> {
    let begun = app.begun.lock().await.remove(&callback.state);
    let Some((_, pkce)) = begun else { return Ok(()) };
    let credentials =
        Credentials::authorization_code(&app.client_id, callback.code, &app.redirect_uri)
            .pkce(&pkce);
    let client = Client::builder().server(&app.server).credentials(credentials).build()?;
    // A code is good for a minute only.
    client.log_in().await?;
    app.clients.lock().await.insert(callback.state, client);
    Ok(())
}

async fn report(client: &Client) -> Result<String, Error> {
    let query = Query::new(GroupBy::queues(), Period::last_week(), "America/New_York")
        .calls(Breakdown::Total);
    let queues = client.aggregate(&query).all().await?;
    let line = |queue: &callperf::Record| {
        Some(format!("{}: {} calls\n", queue.label(), queue.calls().total()?))
    };
    Ok(queues.iter().filter_map(line).collect())
}

async fn home(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let clients = app.clients.lock().await;
    let client = cookie(&headers).and_then(|cookie| clients.get(cookie)).cloned();
    drop(clients);
    match client {
        Some(client) => match report(&client).await {
            Ok(report) => report.into_response(),
            Err(error) => failed(&error),
        },
        None => begin(&app).await.unwrap_or_else(|error| failed(&error)),
    }
}

async fn callback(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Parameters(callback): Parameters<Callback>,
) -> Response {
    if cookie(&headers) != Some(&callback.state) {
        return (StatusCode::BAD_REQUEST, "this login began in another browser\n").into_response();
    }
    match finish(&app, callback).await {
        Ok(()) => Redirect::to("/").into_response(),
        Err(error) => failed(&error),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = env::var("PORT").unwrap_or_else(|_| "8765".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let address = format!("http://{}/", listener.local_addr()?);
    let app = App {
        server: env::var("RC_SERVER_URL").unwrap_or_else(|_| PRODUCTION.to_owned()),
        client_id: env::var("RC_APP_CLIENT_ID")?,
        redirect_uri: format!("{address}callback"),
        begun: Mutex::default(),
        clients: Mutex::default(),
    };
    let router = Router::new().route("/", get(home)).route("/callback", get(callback));
    println!("{address}");
    axum::serve(listener, router.with_state(Arc::new(app))).await?;
    Ok(())
}

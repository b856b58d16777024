// A web service that answers `/queues?days=7` with JSON: one client for all requests, and each
// query's report kept for five minutes.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::{Query as Parameters, State},
    http::StatusCode,
    routing::get,
};
use callperf::{Breakdown, Client, GroupBy, Period, Query, Record, Report};
use tokio::sync::Mutex;

const KEPT_FOR: Duration = Duration::from_secs(300);

type Cache = HashMap<Query, (Instant, Report<Record>)>;

struct Service {
    client: Client,
    cache: Mutex<Cache>,
}

impl Service {
    /// The report of a query, from the cache if it is there. Holding the cache while it is fetched
    /// lets requests for the same report wait for one.
    async fn report(&self, query: Query) -> Result<Report<Record>, callperf::Error> {
        let mut cache = self.cache.lock().await;
        cache.retain(|_, (fetched, _)| fetched.elapsed() < KEPT_FOR);
        if let Some((_, report)) = cache.get(&query) {
            return Ok(report.clone());
        }
        let report = self.client.aggregate(&query).all().await?;
        cache.insert(query, (Instant::now(), report.clone()));
        Ok(report)
    }
}

#[derive(serde::Deserialize)]
struct Asked {
    days: u32,
}

async fn queues(
    State(service): State<Arc<Service>>,
    Parameters(asked): Parameters<Asked>,
) -> Result<Json<Report<Record>>, (StatusCode, String)> {
    let query = Query::new(GroupBy::queues(), Period::last_days(asked.days), "America/New_York")
        .calls(Breakdown::Total)
        .calls(Breakdown::Result);
    match service.report(query).await {
        Ok(report) => Ok(Json(report)),
        // The query is the caller's, everything else the server's.
        Err(error) if error.is_query() => Err((StatusCode::BAD_REQUEST, error.to_string())),
        Err(error) => {
            eprintln!("{error}");
            Err((StatusCode::BAD_GATEWAY, "the report can't be fetched; try later\n".to_owned()))
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let service = Service { client: Client::from_env()?, cache: Mutex::default() };
    let router = Router::new().route("/queues", get(queues)).with_state(Arc::new(service));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/queues?days=7", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

//! The directory's operations, each by its generated function.

use callperf_raw::{
    Session,
    directory::{self, operations as names, types},
};

use super::{
    cache::Part,
    pull::{PER_PAGE, Paging, Pulled, Raw, pull, run},
};
use crate::{
    client::connection::Client,
    directory::{Account, Entry, Kind, Listing, ServiceLevel, TimeZone},
    wire::directory as wire,
    words::error::{Error, ErrorKind, Result},
};

/// The generated client for one attempt.
fn raw(client: &Client, session: Session) -> directory::Client {
    let transport = client.transport();
    directory::Client::new_with_client(transport.server(), transport.http(), session)
}

fn listing(pulled: Pulled<Entry>) -> Listing {
    let mut listing = Listing::new(pulled.records);
    listing.notices = pulled.notices;
    listing
}

/// Requests a list.
pub(super) async fn list(client: &Client, part: &Part) -> Result<Listing> {
    match part {
        Part::Extensions => Box::pin(list_extensions(client)).await,
        Part::Sites => Box::pin(list_sites(client)).await,
        Part::Menus => Box::pin(list_menus(client)).await,
        Part::QueuesOf(member) => Box::pin(list_call_queues(client, member)).await,
        Part::Members(Kind::Site, key) => Box::pin(list_site_members(client, key)).await,
        // The vendor deprecates the operation; nothing else has these members.
        Part::Members(Kind::Department, key) => {
            Box::pin(list_department_members(client, key)).await
        }
        Part::Members(_, key) => Box::pin(list_call_queue_members(client, key)).await,
    }
}

async fn list_extensions(client: &Client) -> Result<Listing> {
    let send = |session, page| async move {
        let (account, per_page) = (&client.0.account, Some(PER_PAGE));
        raw(client, session).list_extensions(account, None, Some(page), per_page, None, None).await
    };
    let id = names::list_extensions::ID;
    pull::<types::GetExtensionListResponse, _, _>(client, id, Paging::Documented, send)
        .await
        .map(listing)
}

/// The queues of a member.
async fn list_call_queues(client: &Client, member: &str) -> Result<Listing> {
    let send = |session, page| async move {
        let (account, per_page) = (&client.0.account, Some(PER_PAGE));
        raw(client, session).list_call_queues(account, Some(member), Some(page), per_page).await
    };
    let id = names::list_call_queues::ID;
    pull::<types::CallQueueList, _, _>(client, id, Paging::Documented, send).await.map(listing)
}

async fn list_sites(client: &Client) -> Result<Listing> {
    let send = |session, _| async move { raw(client, session).list_sites(&client.0.account).await };
    let id = names::list_sites::ID;
    pull::<types::SitesList, _, _>(client, id, Paging::Undocumented, send).await.map(listing)
}

async fn list_menus(client: &Client) -> Result<Listing> {
    let send = |session, _| async move {
        raw(client, session).read_ivr_menu_list(&client.0.account).await
    };
    let id = names::read_ivr_menu_list::ID;
    pull::<types::IvrMenuList, _, _>(client, id, Paging::Undocumented, send).await.map(listing)
}

pub(super) async fn list_time_zones(client: &Client) -> Result<Vec<TimeZone>> {
    let send = |session, page| async move {
        raw(client, session).list_timezones(Some(page), Some(PER_PAGE)).await
    };
    let id = names::list_timezones::ID;
    pull::<types::GetTimezoneListResponse, _, _>(client, id, Paging::Documented, send)
        .await
        .map(|pulled| pulled.records)
}

async fn list_call_queue_members(client: &Client, key: &str) -> Result<Listing> {
    let send = |session, page| async move {
        let (account, per_page) = (&client.0.account, Some(PER_PAGE));
        raw(client, session).list_call_queue_members(account, key, Some(page), per_page).await
    };
    let id = names::list_call_queue_members::ID;
    pull::<types::CallQueueMembers, _, _>(client, id, Paging::Documented, send).await.map(listing)
}

async fn list_site_members(client: &Client, key: &str) -> Result<Listing> {
    let send = |session, _| async move {
        raw(client, session).list_site_members(&client.0.account, key).await
    };
    let id = names::list_site_members::ID;
    pull::<types::SiteMembersList, _, _>(client, id, Paging::Undocumented, send).await.map(listing)
}

async fn list_department_members(client: &Client, key: &str) -> Result<Listing> {
    let key: i64 = key.parse().map_err(|_| {
        let message = format!("{key:?} isn't the key of a department, which is a whole number");
        Error::new(ErrorKind::Query, message)
    })?;
    let send = |session, page| async move {
        let (account, per_page) = (&client.0.account, Some(PER_PAGE));
        raw(client, session).list_department_members(account, key, Some(page), per_page).await
    };
    let id = names::list_department_members::ID;
    pull::<types::DepartmentMemberList, _, _>(client, id, Paging::Documented, send)
        .await
        .map(listing)
}

pub(super) async fn read_call_queue(client: &Client, key: &str) -> Result<ServiceLevel> {
    let send = |session| async move {
        raw(client, session).read_call_queue_info(&client.0.account, key).await
    };
    single(client, names::read_call_queue_info::ID, send).await.map(wire::service_level)
}

pub(super) async fn read_account(client: &Client) -> Result<Account> {
    let send =
        |session| async move { raw(client, session).read_account_info(&client.0.account).await };
    single(client, names::read_account_info::ID, send).await.map(wire::account)
}

/// What isn't a list.
async fn single<T, F, R>(client: &Client, id: &'static str, send: F) -> Result<T>
where
    F: Fn(Session) -> R,
    R: Future<Output = Raw<T>>,
{
    let received = run(client, id, &[], send).await?;
    let attempts = received.attempts;
    wire::single(received.answer, &received.redactor)
        .map_err(|error: Error| error.answered(attempts))
}

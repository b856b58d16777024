//! From the responses of the directory's operations to its entries.

use callperf_raw::directory::types as raw;
use serde::de::DeserializeOwned;
use serde_json::{Number, Value as Json};

use super::{
    decode::{Answer, count},
    salvage::Losses,
};
use crate::{
    directory::{Account, Entry, Keyed, Kind, Place, ServiceLevel, Status, TimeZone},
    report::Notice,
    words::{
        error::{Error, ErrorKind, Result},
        redactor::Redactor,
    },
};

/// Where a list has its records.
const RECORDS: &str = raw::GetExtensionListResponse::records;

/// One page of a list.
pub(crate) struct Part<T> {
    pub(crate) records: Vec<T>,
    pub(crate) page: Option<u64>,
    pub(crate) total_pages: Option<u64>,
    pub(crate) total_records: Option<u64>,
    /// How many records can't be read.
    pub(crate) left_out: u64,
    pub(crate) notices: Vec<Notice>,
}

/// A response that lists records.
pub(crate) trait List: DeserializeOwned {
    type Record: Listed;

    fn open(self) -> (Option<Vec<Self::Record>>, Option<raw::EnumeratedPagingModel>);
}

/// A record of a list.
pub(crate) trait Listed: DeserializeOwned {
    type Read: Keyed;

    /// What it says; `None` without an id.
    fn read(self) -> Option<Self::Read>;
}

macro_rules! lists {
    ($($list:ident of $record:ident),+ $(,)?) => {$(
        impl List for raw::$list {
            type Record = raw::$record;

            fn open(self) -> (Option<Vec<raw::$record>>, Option<raw::EnumeratedPagingModel>) {
                (self.records, self.paging)
            }
        }
    )+};
}

lists! {
    GetExtensionListResponse of GetExtensionListInfoResponse,
    CallQueueList of CallQueueInfo,
    CallQueueMembers of CallQueueMemberInfo,
    DepartmentMemberList of ExtensionInfo,
    SitesList of SiteInfo,
    SiteMembersList of SiteMemberInfo,
    GetTimezoneListResponse of TimezoneInfoBase,
}

impl List for raw::IvrMenuList {
    type Record = raw::IvrMenuListInfo;

    fn open(self) -> (Option<Vec<raw::IvrMenuListInfo>>, Option<raw::EnumeratedPagingModel>) {
        (self.records, None)
    }
}

/// Reads one page. A record that can't be read doesn't sink it.
///
/// # Errors
/// [`ErrorKind::Answer`] for what isn't a list.
pub(crate) fn read<L: List>(
    answer: Answer<L>,
    redactor: &Redactor,
) -> Result<Part<<L::Record as Listed>::Read>> {
    match answer {
        Ok(list) => {
            let (records, paging) = list.open();
            Ok(part(records.unwrap_or_default().into_iter().map(Ok), paging, redactor))
        }
        Err(body) => one_by_one::<L>(&body, redactor),
    }
}

fn one_by_one<L: List>(
    body: &[u8],
    redactor: &Redactor,
) -> Result<Part<<L::Record as Listed>::Read>> {
    let no_list = |reason: String| {
        Error::new(ErrorKind::Answer, format!("the response isn't a list: {reason}"))
            .with_body(&redactor.excerpt(body))
            .with_status(200)
    };
    let mut json: Json =
        serde_json::from_slice(body).map_err(|error| no_list(error.to_string()))?;
    let Some(Json::Array(records)) = json.get_mut(RECORDS).map(Json::take) else {
        return Err(no_list(format!("it has no `{RECORDS}`")));
    };
    let paging = json.get_mut(raw::GetExtensionListResponse::paging).map(Json::take);
    let paging = paging.and_then(|paging| serde_json::from_value(paging).ok());
    Ok(part(records.into_iter().map(leniently::<L::Record>), paging, redactor))
}

/// A record by its generated type, with an id of either form: ids are numbers in some lists, and
/// texts in others.
fn leniently<R: DeserializeOwned>(record: Json) -> Result<R, String> {
    R::deserialize(&record).or_else(|error| {
        let by_other_form = with_other_id(record).and_then(|record| R::deserialize(&record).ok());
        by_other_form.ok_or_else(|| error.to_string())
    })
}

fn with_other_id(mut record: Json) -> Option<Json> {
    let id = record.get_mut(raw::ExtensionInfo::id)?;
    *id = match &*id {
        Json::String(text) => Json::Number(text.parse().ok()?),
        Json::Number(number) => Json::String(number.to_string()),
        _ => return None,
    };
    Some(record)
}

fn part<R: Listed>(
    sent: impl Iterator<Item = Result<R, String>>,
    paging: Option<raw::EnumeratedPagingModel>,
    redactor: &Redactor,
) -> Part<R::Read> {
    let mut losses = Losses::new(redactor, RECORDS);
    let mut records = Vec::new();
    for (at, record) in sent.enumerate() {
        match record.and_then(|record| record.read().ok_or_else(|| "it has no id".to_owned())) {
            Ok(read) => records.push(read),
            Err(reason) => {
                losses.note(format_args!("{RECORDS}[{at}]"), reason);
                losses.leave_out();
            }
        }
    }
    let paging = paging.unwrap_or_default();
    Part {
        page: count(paging.page.as_ref()),
        total_pages: count(paging.total_pages.as_ref()),
        total_records: count(paging.total_elements.as_ref()),
        left_out: losses.records(),
        notices: losses.into_notices().collect(),
        records,
    }
}

/// An answer that isn't a list.
///
/// # Errors
/// [`ErrorKind::Answer`] for a body of another shape.
pub(crate) fn single<T>(answer: Answer<T>, redactor: &Redactor) -> Result<T> {
    answer.map_err(|body| {
        Error::new(ErrorKind::Answer, "the response has another shape than the API's document says")
            .with_body(&redactor.excerpt(&body))
            .with_status(200)
    })
}

fn text(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn number(number: Option<Number>) -> Option<String> {
    number.map(|number| number.to_string())
}

fn entry(kind: Kind, id: Option<String>, more: [Option<String>; 2]) -> Option<Entry> {
    let [extension_number, name] = more.map(text);
    Some(Entry { extension_number, name, ..Entry::new(kind, text(id)?) })
}

fn place(key: Option<String>, name: Option<String>) -> Option<Place> {
    Some(Place { key: text(key)?, name: text(name) })
}

impl Listed for raw::GetExtensionListInfoResponse {
    type Read = Entry;

    fn read(self) -> Option<Entry> {
        let extension_type = text(self.type_);
        let kind = extension_type.as_deref().map_or(Kind::Other, Kind::of_extension);
        let entry = entry(kind, number(self.id), [self.extension_number, self.name])?;
        Some(Entry {
            extension_type,
            status: text(self.status).map(Status::from),
            site: self.site.and_then(|site| place(site.id, site.name)),
            department: self.contact.and_then(|contact| text(contact.department)),
            service_level: self.call_queue_info.map(|info| ServiceLevel {
                goal_percent: info.sla_goal.and_then(|goal| goal.as_f64()),
                threshold_seconds: count(info.sla_threshold_seconds.as_ref()),
                counts_abandoned: info.include_abandoned_calls,
                abandoned_threshold_seconds: count(info.abandoned_threshold_seconds.as_ref()),
            }),
            ..entry
        })
    }
}

impl Listed for raw::CallQueueInfo {
    type Read = Entry;

    fn read(self) -> Option<Entry> {
        let entry = entry(Kind::Queue, self.id, [self.extension_number, self.name])?;
        Some(Entry {
            status: text(self.status).map(Status::from),
            site: self.site.and_then(|site| place(site.id, site.name)),
            ..entry
        })
    }
}

impl Listed for raw::CallQueueMemberInfo {
    type Read = Entry;

    fn read(self) -> Option<Entry> {
        entry(Kind::User, number(self.id), [self.extension_number, None])
    }
}

impl Listed for raw::ExtensionInfo {
    type Read = Entry;

    fn read(self) -> Option<Entry> {
        entry(Kind::User, number(self.id), [self.extension_number, self.name])
    }
}

impl Listed for raw::SiteMemberInfo {
    type Read = Entry;

    fn read(self) -> Option<Entry> {
        let extension_type = text(self.type_);
        let kind = extension_type.as_deref().map_or(Kind::Other, Kind::of_extension);
        let entry = entry(kind, number(self.id), [self.extension_number, self.name])?;
        Some(Entry { extension_type, ..entry })
    }
}

impl Listed for raw::SiteInfo {
    type Read = Entry;

    fn read(self) -> Option<Entry> {
        entry(Kind::Site, self.id, [self.extension_number, self.name])
    }
}

impl Listed for raw::IvrMenuListInfo {
    type Read = Entry;

    fn read(self) -> Option<Entry> {
        entry(Kind::Ivr, self.id, [self.extension_number, self.name])
    }
}

impl Listed for raw::TimezoneInfoBase {
    type Read = TimeZone;

    fn read(self) -> Option<TimeZone> {
        Some(TimeZone {
            id: text(self.id)?,
            name: text(self.name),
            description: text(self.description),
            utc_offset_minutes: self.bias.and_then(|minutes| minutes.parse().ok()),
        })
    }
}

/// The service level of a queue.
pub(crate) fn service_level(queue: raw::CallQueueDetails) -> ServiceLevel {
    let settings = queue.service_level_settings.unwrap_or_default();
    ServiceLevel {
        goal_percent: settings.sla_goal.and_then(|goal| goal.as_f64()),
        threshold_seconds: count(settings.sla_threshold_seconds.as_ref()),
        counts_abandoned: settings.include_abandoned_calls,
        abandoned_threshold_seconds: count(settings.abandoned_threshold_seconds.as_ref()),
    }
}

/// The account.
pub(crate) fn account(account: raw::GetAccountInfoResponse) -> Account {
    let zone = account.regional_settings.and_then(|settings| settings.timezone);
    Account {
        id: number(account.id),
        main_number: text(account.main_number),
        status: text(account.status),
        time_zone: zone.and_then(|zone| text(zone.name)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::decode::typed;

    fn part(body: &Json) -> Result<Part<Entry>> {
        let body = body.to_string();
        read::<raw::GetExtensionListResponse>(typed(body.as_bytes()), &Redactor::default())
    }

    #[test]
    fn an_extension_is_read_with_all_that_is_known_of_it() {
        let list = json!({
            "records": [{
                "id": 150, "extensionNumber": "8001", "name": "Support", "type": "Department",
                "status": "Disabled", "site": {"id": "7", "name": "Denver"},
                "callQueueInfo": {
                    "slaGoal": 80, "slaThresholdSeconds": 20, "includeAbandonedCalls": true,
                    "abandonedThresholdSeconds": 5,
                },
            }],
            "paging": {"page": 1, "totalPages": 3, "totalElements": 2001},
        });
        let part = part(&list).unwrap();
        assert_eq!(
            (part.page, part.total_pages, part.total_records),
            (Some(1), Some(3), Some(2001))
        );
        let expected = json!({
            "key": "150", "kind": "queue", "extension_type": "Department",
            "extension_number": "8001", "name": "Support", "status": "Disabled",
            "site": {"key": "7", "name": "Denver"},
            "service_level": {
                "goal_percent": 80.0, "threshold_seconds": 20, "counts_abandoned": true,
                "abandoned_threshold_seconds": 5,
            },
        });
        assert_eq!(serde_json::to_value(&part.records[0]).unwrap(), expected);
        assert_eq!(serde_json::from_value::<Entry>(expected).unwrap(), part.records[0]);
    }

    #[test]
    fn a_record_that_can_not_be_read_does_not_sink_its_page() {
        let list = json!({"records": [
            {"id": "101", "name": "Ada"}, {"id": 102, "name": 7}, {"name": "nameless"},
            {"id": 103, "type": "Hologram"},
        ]});
        let part = part(&list).unwrap();
        let keys: Vec<_> = part.records.iter().map(|entry| &*entry.key).collect();
        assert_eq!(keys, ["101", "103"]);
        assert_eq!(part.records[1].kind, Kind::User);
        assert_eq!(part.left_out, 2);
        let notices: Vec<_> = part.notices.iter().map(ToString::to_string).collect();
        assert!(notices[0].starts_with("records[1] can't be read"), "{notices:?}");
        assert_eq!(notices[1], "records[2] can't be read and was left out: it has no id");
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for (body, reason) in
            [(json!([]), "no `records`"), (json!({"records": {}}), "no `records`")]
        {
            let error = part(&body).err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Answer);
            assert!(error.to_string().contains(reason), "{error}");
        }
    }
}

//! Who belongs to a queue, a department or a site.

use serde_json::{Value, json};

use super::{Lists, TYPES, not_found, number_or_text, without_nulls};
use crate::data::directory::{Entry, Grouping};
use crate::wire::failure::Failure;

impl Lists<'_> {
    /// The document gives these members no names.
    pub(crate) fn call_queue_members(&self, id: &str) -> Result<Value, Failure> {
        let queue = self.entry(Grouping::Queues, "groupId", id)?;
        let records = self.directory.agents(&queue.key).into_iter().map(|user| self.member(user));
        let uri = format!("{}/call-queues/{}/members", self.account(), queue.key);
        self.page(&uri, &records.collect::<Vec<_>>())
    }

    /// By the id of a department that reports group by, or of a queue, which was called a department first.
    pub(crate) fn department_members(&self, id: &str) -> Result<Value, Failure> {
        let users = match self.entry(Grouping::Departments, "departmentId", id) {
            Ok(department) => self.directory.department_members(&department.key),
            Err(failure) => match self.entry(Grouping::Queues, "departmentId", id) {
                Ok(queue) => self.directory.agents(&queue.key),
                Err(_) => return Err(failure),
            },
        };
        let records = users.into_iter().map(|user| self.named(user));
        let uri = format!("{}/department/{id}/members", self.account());
        self.page(&uri, &records.collect::<Vec<_>>())
    }

    /// All extensions at a site in one list: the document has no parameters for pages of it.
    pub(crate) fn site_members(&self, id: &str) -> Result<Value, Failure> {
        let site = self.entry(Grouping::Sites, "siteId", id)?;
        let mut records = Vec::new();
        for (name, grouping) in TYPES {
            let Some(grouping) = grouping else { continue };
            let entries = self.directory.entries(grouping).iter().zip(self.sites_of(grouping));
            let members = entries.filter(|(_, of)| of.is_some_and(|of| of.key == site.key));
            records.extend(members.map(|(entry, _)| {
                let mut record = self.named(entry);
                record["type"] = json!(name);
                record
            }));
        }
        let uri = format!("{}/sites/{}/members", self.account(), site.key);
        Ok(json!({"uri": uri, "records": records}))
    }

    fn entry(
        &self,
        grouping: Grouping,
        parameter: &'static str,
        id: &str,
    ) -> Result<&Entry, Failure> {
        let place = self.place(grouping, parameter, id)?;
        Ok(&self.directory.entries(grouping)[usize::from(place)])
    }

    pub(super) fn place(
        &self,
        grouping: Grouping,
        parameter: &'static str,
        id: &str,
    ) -> Result<u16, Failure> {
        self.directory.find(grouping, id).ok_or_else(|| not_found(parameter, id))
    }

    fn member(&self, user: &Entry) -> Value {
        without_nulls(json!({
            "id": number_or_text(&user.key),
            "uri": format!("{}/extension/{}", self.account(), user.key),
            "extensionNumber": user.extension_number,
        }))
    }

    fn named(&self, extension: &Entry) -> Value {
        let mut record = self.member(extension);
        record["name"] = json!(extension.name);
        without_nulls(record)
    }
}

//! The account, one queue, and the menus, of which there are no pages.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Lists, number_or_text, without_nulls, zone_names};
use crate::data::directory::Grouping;
use crate::wire::failure::Failure;

impl Lists<'_> {
    pub(crate) fn account_info(&self, now: Timestamp) -> Value {
        let zone = self.directory.time_zone();
        let place = zone_names().iter().position(|name| name == zone);
        let zone = place.and_then(|place| self.time_zone_record(place + 1, zone, now));
        let number = self.directory.company_numbers().first();
        without_nulls(json!({
            "id": number_or_text(self.directory.account_id()),
            "uri": self.account(),
            "mainNumber": number.map(|number| &number.key),
            "status": "Confirmed",
            "setupWizardState": "Completed",
            "regionalSettings": without_nulls(json!({"timezone": zone})),
        }))
    }

    pub(crate) fn call_queue(&self, id: &str) -> Result<Value, Failure> {
        let place = self.place(Grouping::Queues, "groupId", id)?;
        let queue = &self.directory.entries(Grouping::Queues)[usize::from(place)];
        let site = self.sites_of(Grouping::Queues).get(usize::from(place)).copied().flatten();
        let mut record = self.queue(queue, site);
        record["serviceLevelSettings"] = self.service_level(place);
        Ok(record)
    }

    pub(crate) fn ivr_menus(&self) -> Value {
        let menus = self.directory.ivrs().iter().map(|menu| {
            without_nulls(json!({
                "id": menu.key,
                "uri": format!("{}/ivr-menus/{}", self.account(), menu.key),
                "name": menu.name,
                "extensionNumber": menu.extension_number,
            }))
        });
        let records: Vec<_> = menus.collect();
        json!({"uri": format!("{}/ivr-menus", self.account()), "records": records})
    }
}

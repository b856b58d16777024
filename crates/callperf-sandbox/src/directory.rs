//! Who exists: the account, its extensions, and what they belong to.

use jiff::civil::Weekday;

/// What the records of a report are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum Grouping {
    Company,
    CompanyNumbers,
    Users,
    Queues,
    Ivrs,
    SharedLines,
    UserGroups,
    Sites,
    Departments,
}

impl Grouping {
    pub(crate) const ALL: [Grouping; 9] = [
        Grouping::Company,
        Grouping::CompanyNumbers,
        Grouping::Users,
        Grouping::Queues,
        Grouping::Ivrs,
        Grouping::SharedLines,
        Grouping::UserGroups,
        Grouping::Sites,
        Grouping::Departments,
    ];

    /// Whether a key is one extension that calls ring at or are made from.
    pub(crate) fn is_extension(self) -> bool {
        matches!(self, Grouping::Users | Grouping::Queues | Grouping::Ivrs | Grouping::SharedLines)
    }
}

/// Something a record can be about: an extension, a set of extensions, or a direct number.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// What the API calls the key: an id, or the number itself in E.164.
    pub key: String,
    /// The short number that colleagues dial; departments and direct numbers have none.
    pub extension_number: Option<String>,
    /// The name; direct numbers have none.
    pub name: Option<String>,
}

/// An extension's place in the account. Its name and number are in the grouping's entries.
#[derive(Clone, Debug)]
pub(crate) struct Extension {
    pub(crate) grouping: Grouping,
    pub(crate) entry: u16,
    pub(crate) site: u16,
    pub(crate) department: Option<u16>,
    pub(crate) user_groups: Vec<u16>,
    /// The direct number that rings here.
    pub(crate) direct_number: Option<u16>,
}

/// What only queues have.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    pub(crate) extension: u16,
    pub(crate) sla_seconds: u16,
    /// Extensions of the users that take its calls.
    pub(crate) agents: Vec<u16>,
}

/// The account: who exists, and who belongs where.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), callperf_sandbox::Error> {
/// let sandbox = callperf_sandbox::Sandbox::builder().start().await?;
/// let support = &sandbox.directory().queues()[1];
/// assert_eq!(support.name.as_deref(), Some("Support"));
/// assert!(!sandbox.directory().agents(&support.key).is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Directory {
    entries: [Vec<Entry>; Grouping::ALL.len()],
    extensions: Vec<Extension>,
    queues: Vec<Queue>,
}

/// Where the company's clocks are.
pub(crate) const TIME_ZONE: &str = "America/New_York";
/// First minute of the day at which the company is open, and the first at which it is closed.
const OPEN: (u16, u16) = (9 * 60, 18 * 60);

const ACCOUNT: (&str, &str) = ("1500000001", "Northwind Instruments");

/// Name, site, department, user groups.
const USERS: [(&str, u16, u16, &[u16]); 24] = [
    ("Ada Lindqvist", 0, 0, &[0]),
    ("Bruno Okafor", 0, 0, &[]),
    ("Carmen Vidal", 0, 0, &[]),
    ("Dmitri Halloran", 0, 0, &[1]),
    ("Esther Nakamura", 1, 0, &[]),
    ("Farid Benali", 1, 0, &[]),
    ("Greta Solheim", 0, 1, &[0]),
    ("Hugo Marchetti", 0, 1, &[]),
    ("Imani Brooks", 0, 1, &[1]),
    ("Jonas Reuter", 0, 1, &[]),
    ("Keiko Tanabe", 1, 1, &[]),
    ("Liam Castellano", 1, 1, &[1]),
    ("Mina Farrokh", 1, 1, &[]),
    ("Nils Andersen", 1, 1, &[]),
    ("Odette Mercier", 0, 1, &[]),
    ("Pavel Novotny", 0, 1, &[]),
    ("Quinn Adeyemi", 0, 2, &[0]),
    ("Rosa Esposito", 0, 2, &[]),
    ("Samir Haddad", 0, 2, &[]),
    ("Tessa Van Dijk", 1, 2, &[1]),
    ("Umberto Rossi", 1, 2, &[]),
    ("Vera Sokolova", 1, 2, &[]),
    ("Wen Zhao", 1, 2, &[0]),
    ("Yusuf Demir", 0, 2, &[]),
];

/// Name, site, seconds of the SLA, agents by their place among the users.
const QUEUES: [(&str, u16, u16, &[u16]); 4] = [
    ("Sales", 0, 20, &[0, 1, 2, 3, 4, 5]),
    ("Support", 0, 30, &[6, 7, 8, 9, 10, 11, 12, 13]),
    ("Billing", 0, 30, &[14, 15, 6, 16]),
    ("Returns", 1, 45, &[11, 13, 19, 20]),
];

const IVRS: [(&str, u16); 2] = [("Main Menu", 0), ("After Hours Menu", 0)];
const SHARED_LINES: [(&str, u16); 2] = [("Front Desk", 0), ("Warehouse Dock", 1)];
const SITES: [&str; 2] = ["New York", "Denver"];
const DEPARTMENTS: [&str; 3] = ["Sales", "Customer Care", "Operations"];
const USER_GROUPS: [&str; 2] = ["Team Leads", "Weekend Cover"];

/// How many of the users have a direct number of their own.
const USERS_WITH_NUMBER: u16 = 8;

impl Directory {
    /// The built-in company.
    pub(crate) fn built_in() -> Directory {
        let mut directory =
            Directory { entries: Default::default(), extensions: Vec::new(), queues: Vec::new() };
        directory.entries[Grouping::Company as usize].push(Entry {
            key: ACCOUNT.0.to_owned(),
            extension_number: None,
            name: Some(ACCOUNT.1.to_owned()),
        });
        directory.name_sets();
        directory.add_extensions();
        directory.add_numbers();
        directory
    }

    fn name_sets(&mut self) {
        for (i, name) in (0..).zip(SITES) {
            self.add(Grouping::Sites, Some(901 + i), name);
        }
        for name in DEPARTMENTS {
            self.add(Grouping::Departments, None, name);
        }
        for (i, name) in (0..).zip(USER_GROUPS) {
            self.add(Grouping::UserGroups, Some(801 + i), name);
        }
    }

    fn add_extensions(&mut self) {
        for (i, (name, site, department, groups)) in (0..).zip(USERS) {
            let user = self.add_extension(Grouping::Users, 101 + i, name, site);
            user.department = Some(department);
            user.user_groups = groups.to_vec();
        }
        for (i, (name, site, sla_seconds, agents)) in (0..).zip(QUEUES) {
            self.add_extension(Grouping::Queues, 201 + i, name, site);
            self.queues.push(Queue {
                extension: self.last_extension(),
                sla_seconds,
                agents: agents.to_vec(),
            });
        }
        for (i, (name, site)) in (0..).zip(IVRS) {
            self.add_extension(Grouping::Ivrs, 301 + i, name, site);
        }
        for (i, (name, site)) in (0..).zip(SHARED_LINES) {
            self.add_extension(Grouping::SharedLines, 401 + i, name, site);
        }
    }

    fn add_numbers(&mut self) {
        let with_number = self.extensions.iter_mut().filter(|e| match e.grouping {
            Grouping::Users => e.entry < USERS_WITH_NUMBER,
            _ => true,
        });
        for (number, extension) in (0..).zip(with_number) {
            extension.direct_number = Some(number);
            self.entries[Grouping::CompanyNumbers as usize].push(Entry {
                key: format!("+1212555{:04}", 101 + number),
                extension_number: None,
                name: None,
            });
        }
    }

    fn add(&mut self, grouping: Grouping, extension_number: Option<u16>, name: &str) -> u16 {
        let entries = &mut self.entries[grouping as usize];
        entries.push(Entry {
            // Ids are long and all of one length, so that nobody takes an extension number for one.
            key: format!("15{:02}{:06}", grouping as u8, 200_017 + 31 * entries.len()),
            extension_number: extension_number.map(|n| n.to_string()),
            name: Some(name.to_owned()),
        });
        index(entries.len() - 1)
    }

    fn add_extension(
        &mut self,
        grouping: Grouping,
        number: u16,
        name: &str,
        site: u16,
    ) -> &mut Extension {
        let entry = self.add(grouping, Some(number), name);
        self.extensions.push(Extension {
            grouping,
            entry,
            site,
            department: None,
            user_groups: Vec::new(),
            direct_number: None,
        });
        self.extensions.last_mut().expect("it was just pushed")
    }

    fn last_extension(&self) -> u16 {
        index(self.extensions.len() - 1)
    }

    /// The account's id.
    #[must_use]
    pub fn account_id(&self) -> &str {
        &self.entries(Grouping::Company)[0].key
    }

    /// The company's time zone, by which business hours are cut.
    #[must_use]
    pub fn time_zone(&self) -> &'static str {
        TIME_ZONE
    }

    /// The users' mailboxes.
    #[must_use]
    pub fn users(&self) -> &[Entry] {
        self.entries(Grouping::Users)
    }

    /// The call queues.
    #[must_use]
    pub fn queues(&self) -> &[Entry] {
        self.entries(Grouping::Queues)
    }

    /// The menus that answer for the company.
    #[must_use]
    pub fn ivrs(&self) -> &[Entry] {
        self.entries(Grouping::Ivrs)
    }

    /// The shared lines.
    #[must_use]
    pub fn shared_lines(&self) -> &[Entry] {
        self.entries(Grouping::SharedLines)
    }

    /// The user groups.
    #[must_use]
    pub fn user_groups(&self) -> &[Entry] {
        self.entries(Grouping::UserGroups)
    }

    /// The sites.
    #[must_use]
    pub fn sites(&self) -> &[Entry] {
        self.entries(Grouping::Sites)
    }

    /// The departments.
    #[must_use]
    pub fn departments(&self) -> &[Entry] {
        self.entries(Grouping::Departments)
    }

    /// The direct numbers.
    #[must_use]
    pub fn company_numbers(&self) -> &[Entry] {
        self.entries(Grouping::CompanyNumbers)
    }

    /// The users that take the calls of the queue with this key.
    #[must_use]
    pub fn agents(&self, queue: &str) -> Vec<&Entry> {
        self.members(Grouping::Queues, queue)
    }

    /// The users of the department with this key.
    #[must_use]
    pub fn department_members(&self, department: &str) -> Vec<&Entry> {
        self.members(Grouping::Departments, department)
    }

    /// The users of the user group with this key.
    #[must_use]
    pub fn user_group_members(&self, user_group: &str) -> Vec<&Entry> {
        self.members(Grouping::UserGroups, user_group)
    }

    /// The users at the site with this key.
    #[must_use]
    pub fn site_members(&self, site: &str) -> Vec<&Entry> {
        self.members(Grouping::Sites, site)
    }

    fn members(&self, grouping: Grouping, key: &str) -> Vec<&Entry> {
        self.find(grouping, key)
            .map(|set| self.users_of(grouping, set))
            .unwrap_or_default()
            .into_iter()
            .map(|user| &self.users()[usize::from(user)])
            .collect()
    }

    pub(crate) fn entries(&self, grouping: Grouping) -> &[Entry] {
        &self.entries[grouping as usize]
    }

    /// The place of the entry with this key.
    pub(crate) fn find(&self, grouping: Grouping, key: &str) -> Option<u16> {
        let place = self.entries(grouping).iter().position(|e| e.key == key);
        place.map(index)
    }

    /// The users (by place) that belong to a department, user group, site or queue.
    pub(crate) fn users_of(&self, grouping: Grouping, set: u16) -> Vec<u16> {
        self.extensions
            .iter()
            .enumerate()
            .filter(|(_, e)| e.grouping == Grouping::Users)
            .filter(|(i, user)| match grouping {
                Grouping::Departments => user.department == Some(set),
                Grouping::UserGroups => user.user_groups.contains(&set),
                Grouping::Sites => user.site == set,
                Grouping::Queues => self.queues[usize::from(set)].agents.contains(&index(*i)),
                _ => false,
            })
            .map(|(_, user)| user.entry)
            .collect()
    }

    /// The extension with this id, of whatever kind.
    pub(crate) fn find_extension(&self, id: &str) -> Option<u16> {
        let is_it = |e: &Extension| self.entries(e.grouping)[usize::from(e.entry)].key == id;
        self.extensions.iter().position(is_it).map(index)
    }

    pub(crate) fn extension(&self, extension: u16) -> &Extension {
        &self.extensions[usize::from(extension)]
    }

    /// The extensions of one kind.
    pub(crate) fn extensions_of(&self, grouping: Grouping) -> Vec<u16> {
        (0..)
            .zip(&self.extensions)
            .filter(|(_, e)| e.grouping == grouping)
            .map(|(i, _)| i)
            .collect()
    }

    pub(crate) fn queue(&self, entry: u16) -> &Queue {
        &self.queues[usize::from(entry)]
    }

    pub(crate) fn is_open(weekday: Weekday, minute_of_day: u16) -> bool {
        let weekend = matches!(weekday, Weekday::Saturday | Weekday::Sunday);
        !weekend && (OPEN.0..OPEN.1).contains(&minute_of_day)
    }
}

/// Places are 16 bits wide to keep records of calls small.
pub(crate) fn index(place: usize) -> u16 {
    u16::try_from(place).expect("a directory has fewer than 65,536 entries")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_ids_of_one_length_in_rising_order() {
        let directory = Directory::built_in();
        for grouping in Grouping::ALL {
            let keys: Vec<_> = directory.entries(grouping).iter().map(|e| &e.key).collect();
            assert!(keys.is_sorted(), "{grouping:?}");
            let length = if grouping == Grouping::CompanyNumbers { 12 } else { 10 };
            assert!(keys.iter().all(|key| key.len() == length), "{grouping:?}");
        }
    }

    #[test]
    fn everybody_is_somewhere() {
        let directory = Directory::built_in();
        let places = directory.sites().iter();
        let members = places.map(|site| directory.site_members(&site.key).len());
        assert_eq!(members.sum::<usize>(), directory.users().len());
        assert_eq!(directory.agents(&directory.queues()[0].key).len(), 6);
        assert!(directory.agents("101").is_empty());
    }
}

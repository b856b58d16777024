//! Who exists: the account, its extensions, and what they belong to; and when the company is open.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

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
    Ivas,
}

impl Grouping {
    pub(crate) const ALL: [Grouping; 10] = [
        Grouping::Company,
        Grouping::CompanyNumbers,
        Grouping::Users,
        Grouping::Queues,
        Grouping::Ivrs,
        Grouping::SharedLines,
        Grouping::UserGroups,
        Grouping::Sites,
        Grouping::Departments,
        Grouping::Ivas,
    ];

    /// Whether a key is one extension that calls ring at or are made from.
    pub(crate) fn is_extension(self) -> bool {
        matches!(
            self,
            Grouping::Users
                | Grouping::Queues
                | Grouping::Ivrs
                | Grouping::Ivas
                | Grouping::SharedLines
        )
    }

    /// Whether a key answers by itself and leads callers on.
    pub(crate) fn is_menu(self) -> bool {
        matches!(self, Grouping::Ivrs | Grouping::Ivas)
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
    pub(crate) site: Option<u16>,
    pub(crate) department: Option<u16>,
    pub(crate) user_groups: Vec<u16>,
    /// The first of the direct numbers that ring here.
    pub(crate) direct_number: Option<u16>,
    /// Only of virtual agents: the extension of the menu in whose place it answers.
    pub(crate) in_place_of: Option<u16>,
}

/// What only queues have.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    pub(crate) extension: u16,
    pub(crate) sla_seconds: u16,
    /// If abandoned calls count in the SLA: those that waited so long, in seconds.
    pub(crate) sla_abandoned_seconds: Option<u16>,
    /// Extensions of the users that take its calls.
    pub(crate) agents: Vec<u16>,
    /// When it is open; as the company is, unless it has hours of its own.
    pub(crate) hours: Option<OpeningHours>,
}

impl Queue {
    /// The percentage of calls to be answered in time: what is to be answered soon may miss it more often.
    pub(crate) fn sla_goal(&self) -> u8 {
        if self.sla_seconds <= 20 { 80 } else { 90 }
    }
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
    pub(crate) time_zone: TimeZone,
    pub(crate) hours: OpeningHours,
    /// Of each grouping in rising order of the keys.
    pub(crate) entries: [Vec<Entry>; Grouping::ALL.len()],
    pub(crate) extensions: Vec<Extension>,
    pub(crate) queues: Vec<Queue>,
    /// The extension at which each direct number rings.
    pub(crate) rings_at: Vec<Option<u16>>,
}

/// When the company or a queue is open, by the company's clocks: for each day from Monday on the minutes at which it opens, and those
/// at which it has closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OpeningHours(pub(crate) [Vec<(u16, u16)>; 7]);

impl OpeningHours {
    pub(crate) fn on(&self, day: Weekday) -> &[(u16, u16)] {
        &self.0[usize::from(day.to_monday_zero_offset().unsigned_abs())]
    }

    fn include(&self, day: Weekday, minute_of_day: u16) -> bool {
        let holds = |(from, to): &(u16, u16)| (*from..*to).contains(&minute_of_day);
        self.on(day).iter().any(holds)
    }
}

impl Directory {
    /// The account's id.
    #[must_use]
    pub fn account_id(&self) -> &str {
        &self.entries(Grouping::Company)[0].key
    }

    /// The company's time zone, by which business hours are cut: an IANA name.
    #[must_use]
    pub fn time_zone(&self) -> &str {
        self.time_zone.iana_name().unwrap_or("UTC")
    }

    /// When the company is open on a day of the week by its own clocks: the minutes of the day at which it opens, and
    /// those at which it has closed, in rising order.
    #[must_use]
    pub fn business_hours(&self, day: Weekday) -> &[(u16, u16)] {
        self.hours.on(day)
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

    /// The virtual agents (IVAs): each answers some calls in place of a menu.
    #[must_use]
    pub fn ivas(&self) -> &[Entry] {
        self.entries(Grouping::Ivas)
    }

    /// When the queue with this key is open on a day of the week, by the company's clocks and as
    /// [`Directory::business_hours`] has it; never, if there is no such queue.
    #[must_use]
    pub fn queue_hours(&self, queue: &str, day: Weekday) -> &[(u16, u16)] {
        let Some(queue) = self.find(Grouping::Queues, queue) else {
            return &[];
        };
        self.queue(queue).hours.as_ref().unwrap_or(&self.hours).on(day)
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
        let place = self.entries(grouping).binary_search_by(|entry| entry.key.as_str().cmp(key));
        place.ok().map(index)
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
                Grouping::Sites => user.site == Some(set),
                Grouping::Queues => self.queues[usize::from(set)].agents.contains(&index(*i)),
                _ => false,
            })
            .map(|(_, user)| user.entry)
            .collect()
    }

    /// The extension of any kind with this id.
    pub(crate) fn find_extension(&self, id: &str) -> Option<u16> {
        let is_it = |place: &u16| self.entry_of(*place).key == id;
        (0..index(self.extensions.len())).find(is_it)
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

    pub(crate) fn is_open(&self, weekday: Weekday, minute_of_day: u16) -> bool {
        self.hours.include(weekday, minute_of_day)
    }

    pub(crate) fn is_queue_open(&self, queue: u16, weekday: Weekday, minute_of_day: u16) -> bool {
        let hours = self.queue(queue).hours.as_ref().unwrap_or(&self.hours);
        hours.include(weekday, minute_of_day)
    }

    /// What an extension is called in a report.
    pub(crate) fn entry_of(&self, extension: u16) -> &Entry {
        let extension = self.extension(extension);
        &self.entries(extension.grouping)[usize::from(extension.entry)]
    }
}

/// Places are 16 bits wide to keep records of calls small.
pub(crate) fn index(place: usize) -> u16 {
    u16::try_from(place).expect("a directory has fewer than 65,536 entries")
}

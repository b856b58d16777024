//! The built-in company, and how it grows.

use super::account::{Directory, Entry, Extension, Grouping, OpeningHours, Queue, index};
use super::names;
use crate::data::dice::Dice;
use crate::data::time;

const ACCOUNT: (&str, &str) = ("1500000001", "Northwind Instruments");
const TIME_ZONE: &str = "America/New_York";
/// First minute of a working day at which the company is open, and the first at which it is closed.
const OPEN: (u16, u16) = (9 * 60, 18 * 60);

/// How many users the built-in company has.
pub(crate) const USERS: u16 = 24;
/// How many it can grow to: more have no ids of one length, and no direct numbers.
pub(crate) const MOST_USERS: u16 = 20_000;

/// Name, site, department, user groups.
const NAMED_USERS: [(&str, u16, u16, &[u16]); USERS as usize] = [
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

/// Name, site, seconds of the SLA, agents by their place among the users. Their hours are [`QUEUE_HOURS`].
const QUEUES: [(&str, u16, u16, &[u16]); 4] = [
    ("Sales", 0, 20, &[0, 1, 2, 3, 4, 5]),
    ("Support", 0, 30, &[6, 7, 8, 9, 10, 11, 12, 13]),
    ("Billing", 0, 30, &[14, 15, 6, 16]),
    ("Returns", 1, 45, &[11, 13, 19, 20]),
];

/// First and last working day, and when a queue is open on these.
type Week = (usize, usize, &'static [(u16, u16)]);

const QUEUE_HOURS: [Week; 4] = [
    (0, 4, &[(9 * 60, 17 * 60 + 30)]),
    (0, 5, &[(8 * 60, 18 * 60)]),
    (0, 4, &[(9 * 60, 12 * 60), (13 * 60, 17 * 60)]),
    (0, 3, &[(10 * 60, 16 * 60)]),
];

/// Name, site, and the place of the menu among the menus in whose place it answers.
const IVAS: [(&str, u16, usize); 2] =
    [("Reception Assistant", 0, 0), ("After Hours Assistant", 0, 1)];
const IVRS: [(&str, u16); 2] = [("Main Menu", 0), ("After Hours Menu", 0)];
const SHARED_LINES: [(&str, u16); 2] = [("Front Desk", 0), ("Warehouse Dock", 1)];
const SITES: [&str; 2] = ["New York", "Denver"];
const DEPARTMENTS: [&str; 3] = ["Sales", "Customer Care", "Operations"];
const USER_GROUPS: [&str; 2] = ["Team Leads", "Weekend Cover"];

/// How many of the built-in users have a direct number of their own, and one in how many of the others.
const USERS_WITH_NUMBER: u16 = 8;
const ONE_IN: u16 = 3;

// How many more users bring one more.
const USERS_PER_QUEUE: u16 = 40;
const USERS_PER_LINE: u16 = 100;
const USERS_PER_GROUP: u16 = 150;
const USERS_PER_SITE: u16 = 300;

/// Where short numbers begin: those of the built-in company, and those of what came later.
const SHORT_NUMBERS: [(Grouping, u32, u32); 7] = [
    (Grouping::Users, 101, 1001),
    (Grouping::Queues, 201, 30_001),
    (Grouping::Ivrs, 301, 31_001),
    (Grouping::SharedLines, 401, 32_001),
    (Grouping::UserGroups, 801, 33_001),
    (Grouping::Sites, 901, 34_001),
    (Grouping::Ivas, 701, 35_001),
];

impl Directory {
    /// The built-in company.
    #[cfg(test)]
    pub(crate) fn built_in() -> Directory {
        Directory::grown(0, USERS)
    }

    /// The built-in company with so many users, no fewer than it has; the seed names the new ones.
    pub(crate) fn grown(seed: u64, users: u16) -> Directory {
        let mut directory = Directory {
            time_zone: time::zone(TIME_ZONE).expect("the bundled database has it"),
            hours: working_days(),
            entries: Default::default(),
            extensions: Vec::new(),
            queues: Vec::new(),
            rings_at: Vec::new(),
        };
        directory.entries[Grouping::Company as usize].push(Entry {
            key: ACCOUNT.0.to_owned(),
            extension_number: None,
            name: Some(ACCOUNT.1.to_owned()),
        });
        let more = Growth::new(seed, users.saturating_sub(USERS));
        directory.name_sets(&more);
        directory.add_extensions(more);
        directory.add_numbers();
        directory
    }

    fn name_sets(&mut self, more: &Growth) {
        for (i, name) in (0..).zip(SITES) {
            self.add(Grouping::Sites, i, name);
        }
        for i in 0..more.sites {
            self.add(Grouping::Sites, place(SITES.len()) + i, &names::nth(&names::CITIES, i));
        }
        for (i, name) in (0..).zip(DEPARTMENTS) {
            self.add(Grouping::Departments, i, name);
        }
        for (i, name) in (0..).zip(USER_GROUPS) {
            self.add(Grouping::UserGroups, i, name);
        }
        for i in 0..more.groups {
            let name = format!("Team {}", names::nth(&names::COLOURS, i));
            self.add(Grouping::UserGroups, place(USER_GROUPS.len()) + i, &name);
        }
    }

    fn add_extensions(&mut self, mut more: Growth) {
        for (i, (name, site, department, groups)) in (0..).zip(NAMED_USERS) {
            let user = self.add_extension(Grouping::Users, i, name, site);
            user.department = Some(department);
            user.user_groups = groups.to_vec();
        }
        for i in 0..more.users {
            let (site, department, group) = more.home();
            let user = self.add_extension(Grouping::Users, USERS + i, &more.names.of(i), site);
            user.department = Some(department);
            user.user_groups = group.into_iter().collect();
        }
        for (i, (name, site, sla_seconds, agents)) in (0..).zip(QUEUES) {
            self.add_queue(i, name, site, sla_seconds, agents.to_vec());
        }
        for i in 0..more.queues {
            let (site, sla_seconds, agents) = more.queue(i);
            let name = names::nth(&names::QUEUES, i);
            self.add_queue(place(QUEUES.len()) + i, &name, site, sla_seconds, agents);
        }
        for (i, (name, site)) in (0..).zip(IVRS) {
            self.add_extension(Grouping::Ivrs, i, name, site);
        }
        for i in 0..more.sites {
            let (site, after) = (place(SITES.len()) + i, place(IVRS.len()) + 2 * i);
            let city = names::nth(&names::CITIES, i);
            self.add_extension(Grouping::Ivrs, after, &format!("{city} Menu"), site);
            self.add_extension(Grouping::Ivrs, after + 1, &format!("{city} After Hours"), site);
        }
        for (i, (name, site)) in (0..).zip(SHARED_LINES) {
            self.add_extension(Grouping::SharedLines, i, name, site);
        }
        for i in 0..more.lines {
            let (site, _, _) = more.home();
            let name = format!("Line {}", names::nth(&names::COLOURS, i));
            self.add_extension(Grouping::SharedLines, place(SHARED_LINES.len()) + i, &name, site);
        }
        // They came last, so that the others stay what they were.
        let menus = self.extensions_of(Grouping::Ivrs);
        for (i, (name, site, menu)) in (0..).zip(IVAS) {
            self.add_extension(Grouping::Ivas, i, name, site).in_place_of = Some(menus[menu]);
        }
    }

    fn add_queue(&mut self, i: u16, name: &str, site: u16, sla_seconds: u16, agents: Vec<u16>) {
        self.add_extension(Grouping::Queues, i, name, site);
        let extension = index(self.extensions.len() - 1);
        let (first, last, open) = QUEUE_HOURS[usize::from(i) % QUEUE_HOURS.len()];
        let mut hours = OpeningHours::default();
        hours.0[first..=last].fill(open.to_vec());
        self.queues.push(Queue {
            extension,
            sla_seconds,
            sla_abandoned_seconds: None,
            agents,
            hours: Some(hours),
        });
    }

    /// The built-in company's numbers come first, so that they stay what they are when it grows.
    fn add_numbers(&mut self) {
        let is_built_in = |e: &Extension| usize::from(e.entry) < built_in(e.grouping);
        for old in [true, false] {
            for place in 0..self.extensions.len() {
                let extension = &self.extensions[place];
                let has_number = match extension.grouping {
                    Grouping::Users if old => extension.entry < USERS_WITH_NUMBER,
                    Grouping::Users => extension.entry.is_multiple_of(ONE_IN),
                    // They answer where a menu's number is dialled.
                    Grouping::Ivas => false,
                    _ => true,
                };
                if is_built_in(extension) == old && has_number {
                    self.add_number(place);
                }
            }
        }
    }

    fn add_number(&mut self, extension: usize) {
        let number = index(self.rings_at.len());
        self.rings_at.push(Some(index(extension)));
        self.extensions[extension].direct_number = Some(number);
        self.entries[Grouping::CompanyNumbers as usize].push(Entry {
            key: format!("+1212555{:04}", 101 + number),
            extension_number: None,
            name: None,
        });
    }

    fn add(&mut self, grouping: Grouping, i: u16, name: &str) -> u16 {
        let entries = &mut self.entries[grouping as usize];
        entries.push(Entry {
            // Ids are long and all of one length, so that no extension number passes for one.
            key: format!("15{:02}{:06}", grouping as u8, 200_017 + 31 * entries.len()),
            extension_number: short_number(grouping, i).map(|number| number.to_string()),
            name: Some(name.to_owned()),
        });
        index(entries.len() - 1)
    }

    fn add_extension(
        &mut self,
        grouping: Grouping,
        i: u16,
        name: &str,
        site: u16,
    ) -> &mut Extension {
        let entry = self.add(grouping, i, name);
        self.extensions.push(Extension {
            grouping,
            entry,
            site: Some(site),
            department: None,
            user_groups: Vec::new(),
            direct_number: None,
            in_place_of: None,
        });
        self.extensions.last_mut().expect("it was just pushed")
    }
}

fn working_days() -> OpeningHours {
    let mut hours = OpeningHours::default();
    hours.0[..5].fill(vec![OPEN]);
    hours
}

/// How many of a kind the built-in company has.
fn built_in(grouping: Grouping) -> usize {
    match grouping {
        Grouping::Users => NAMED_USERS.len(),
        Grouping::Queues => QUEUES.len(),
        Grouping::Ivrs => IVRS.len(),
        Grouping::SharedLines => SHARED_LINES.len(),
        Grouping::UserGroups => USER_GROUPS.len(),
        Grouping::Sites => SITES.len(),
        Grouping::Departments => DEPARTMENTS.len(),
        Grouping::Ivas => IVAS.len(),
        Grouping::Company | Grouping::CompanyNumbers => 0,
    }
}

fn short_number(grouping: Grouping, i: u16) -> Option<u32> {
    let (_, near, far) = SHORT_NUMBERS.iter().find(|(of, _, _)| *of == grouping)?;
    let built_in = place(built_in(grouping));
    Some(if i < built_in { near + u32::from(i) } else { far + u32::from(i - built_in) })
}

fn place(length: usize) -> u16 {
    index(length)
}

/// What a company of more users has besides the built-in ones.
struct Growth {
    users: u16,
    queues: u16,
    lines: u16,
    groups: u16,
    sites: u16,
    names: names::People,
    dice: Dice,
}

impl Growth {
    fn new(seed: u64, users: u16) -> Growth {
        let mut dice = Dice::of_names(seed);
        Growth {
            users,
            queues: users / USERS_PER_QUEUE,
            lines: users / USERS_PER_LINE,
            groups: users / USERS_PER_GROUP,
            sites: users / USERS_PER_SITE,
            names: names::People::new(&mut dice),
            dice,
        }
    }

    fn below(&mut self, bound: u16) -> u16 {
        u16::try_from(self.dice.below(bound.into())).unwrap_or(0)
    }

    /// A user's site, department and perhaps user group.
    fn home(&mut self) -> (u16, u16, Option<u16>) {
        let site = self.below(place(SITES.len()) + self.sites);
        let department = self.below(place(DEPARTMENTS.len()));
        let is_in_group = self.dice.percent(20);
        let group = self.below(place(USER_GROUPS.len()) + self.groups);
        (site, department, is_in_group.then_some(group))
    }

    /// A new queue's site, seconds of the SLA, and agents: neighbours among the new users.
    fn queue(&mut self, i: u16) -> (u16, u16, Vec<u16>) {
        let site = self.below(place(SITES.len()) + self.sites);
        let sla_seconds = self.dice.one_of(&[20, 30, 45, 60]);
        let agents = 4 + self.below(9);
        let first = USERS + i * USERS_PER_QUEUE;
        (site, sla_seconds, (first..first + agents).collect())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Weekday;

    use super::*;

    fn companies() -> [Directory; 3] {
        [Directory::built_in(), Directory::grown(1, 300), Directory::grown(1, MOST_USERS)]
    }

    #[test]
    fn keys_are_ids_of_one_length_in_rising_order() {
        for directory in companies() {
            for grouping in Grouping::ALL {
                let keys: Vec<_> = directory.entries(grouping).iter().map(|e| &e.key).collect();
                assert!(keys.is_sorted_by(|a, b| a < b), "{grouping:?}");
                let length = if grouping == Grouping::CompanyNumbers { 12 } else { 10 };
                assert!(keys.iter().all(|key| key.len() == length), "{grouping:?}");
            }
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

    #[test]
    fn a_larger_company_holds_the_built_in_one() {
        let small = Directory::built_in();
        for large in &companies()[1..] {
            for grouping in Grouping::ALL {
                let (some, all) = (small.entries(grouping), large.entries(grouping));
                assert_eq!(some, &all[..some.len()], "{grouping:?}");
            }
            for (some, all) in small.queues.iter().zip(&large.queues) {
                assert_eq!(some.sla_seconds, all.sla_seconds);
            }
        }
    }

    #[test]
    fn numbers_and_names_of_a_large_company() {
        use std::collections::BTreeSet;
        let [_, middle, large] = companies();
        assert_eq!((middle.users().len(), large.users().len()), (300, usize::from(MOST_USERS)));
        for directory in [&middle, &large] {
            let all = Grouping::ALL.iter().flat_map(|grouping| directory.entries(*grouping));
            let numbers: Vec<_> = all.filter_map(|e| e.extension_number.as_ref()).collect();
            assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), numbers.len());
            assert!(directory.queues.iter().all(|queue| queue.agents.len() >= 4));
        }
        let names: BTreeSet<_> = middle.users().iter().map(|user| &user.name).collect();
        assert_eq!(names.len(), 300);
        assert_ne!(Directory::grown(2, 300).users(), middle.users());
    }

    #[test]
    fn business_hours_are_half_open() {
        let directory = Directory::built_in();
        let open = |day, minute| directory.is_open(day, minute);
        assert!(open(Weekday::Monday, 540) && open(Weekday::Friday, 1079));
        assert!(!open(Weekday::Monday, 539) && !open(Weekday::Friday, 1080));
        assert!(!open(Weekday::Sunday, 720));
        assert_eq!(directory.business_hours(Weekday::Monday), [(540, 1080)]);
        assert_eq!(directory.time_zone(), "America/New_York");
    }
}

//! Which tables there are, and which columns each has. `schema.md` is this for people; a test keeps them equal.

/// The schema that is written. All from 1 on are read.
pub(super) const VERSION: i64 = 3;

/// A file.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [Column],
}

#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) is_optional: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Whole,
    /// A whole second.
    Time,
}

const fn text(name: &'static str) -> Column {
    Column { name, kind: Kind::Text, is_optional: false }
}

const fn whole(name: &'static str) -> Column {
    Column { name, kind: Kind::Whole, is_optional: false }
}

const fn time(name: &'static str) -> Column {
    Column { name, kind: Kind::Time, is_optional: false }
}

const fn optional(column: &Column) -> Column {
    Column { name: column.name, kind: column.kind, is_optional: true }
}

pub(super) const ACCOUNT: Table = Table {
    name: "account",
    columns: &[
        whole("schema_version"),
        text("id"),
        optional(&text("name")),
        text("time_zone"),
        time("calls_from"),
        time("calls_to"),
    ],
};

const HOURS_COLUMNS: &[Column] = &[
    text("day"),
    text("opens"),
    text("closes"),
    // From version 3 on.
    optional(&text("queue")),
];

pub(super) const HOURS: Table = Table { name: "hours", columns: HOURS_COLUMNS };

/// Of versions 1 and 2.
pub(super) const HOURS_2: Table = Table { name: "hours", columns: HOURS_COLUMNS.split_at(3).0 };

const EXTENSION_COLUMNS: &[Column] = &[
    text("id"),
    text("kind"),
    optional(&text("extension_number")),
    optional(&text("name")),
    optional(&whole("sla_seconds")),
    // From version 2 on.
    optional(&whole("sla_abandoned_seconds")),
];

pub(super) const EXTENSIONS: Table = Table { name: "extensions", columns: EXTENSION_COLUMNS };

pub(super) const EXTENSIONS_1: Table =
    Table { name: "extensions", columns: EXTENSION_COLUMNS.split_at(5).0 };

pub(super) const MEMBERSHIPS: Table =
    Table { name: "memberships", columns: &[text("extension"), text("belongs_to")] };

pub(super) const NUMBERS: Table =
    Table { name: "numbers", columns: &[text("number"), optional(&text("extension"))] };

const CALLS_COLUMNS: &[Column] = &[
    whole("call_id"),
    time("start"),
    whole("seconds"),
    text("origin"),
    optional(&text("number")),
    // From version 3 on.
    optional(&text("ended_by")),
];

pub(super) const CALLS: Table = Table { name: "calls", columns: CALLS_COLUMNS };

/// Of versions 1 and 2.
pub(super) const CALLS_2: Table = Table { name: "calls", columns: CALLS_COLUMNS.split_at(5).0 };

pub(super) const LEGS: Table = Table {
    name: "legs",
    columns: &[
        whole("call_id"),
        whole("leg"),
        text("extension"),
        optional(&text("queue")),
        optional(&text("peer")),
        text("direction"),
        optional(&text("response")),
        optional(&text("type")),
        optional(&text("result")),
        whole("start"),
        whole("seconds"),
    ],
};

pub(super) const SEGMENTS: Table = Table {
    name: "segments",
    columns: &[whole("call_id"), whole("leg"), text("segment"), whole("start"), whole("seconds")],
};

pub(super) const ACTIONS: Table = Table {
    name: "actions",
    columns: &[whole("call_id"), whole("leg"), text("action"), whole("start")],
};

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: [&Table; 9] =
        [&ACCOUNT, &HOURS, &EXTENSIONS, &MEMBERSHIPS, &NUMBERS, &CALLS, &LEGS, &SEGMENTS, &ACTIONS];

    /// Name, kind and whether it can be absent, as `schema.md` has it.
    type Documented<'a> = (&'a str, Kind, bool);

    fn documented(section: &str) -> Vec<Documented<'_>> {
        let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
        let column = |row| -> Option<Documented<'_>> {
            let (name, rest) = str::split_once(row, "` | ")?;
            let (kind, _) = rest.split_once(" |")?;
            let type_name = kind.split(',').next()?;
            let kinds = [("text", Kind::Text), ("whole", Kind::Whole), ("time", Kind::Time)];
            let (_, of) = kinds.into_iter().find(|(name, _)| *name == type_name)?;
            Some((name, of, kind.contains("optional")))
        };
        rows.map(|row| column(row).unwrap_or_else(|| panic!("{row}"))).collect()
    }

    #[test]
    fn the_schema_is_as_documented() {
        let text = include_str!("schema.md");
        let sections: Vec<_> = text.split("\n## ").skip(1).collect();
        assert_eq!(sections.len(), TABLES.len());
        for (section, table) in sections.iter().zip(TABLES) {
            assert_eq!(section.lines().next(), Some(table.name));
            let columns = table.columns.iter();
            let columns: Vec<_> = columns.map(|c| (c.name, c.kind, c.is_optional)).collect();
            assert_eq!(documented(section), columns, "{}", table.name);
        }
        assert!(text.contains(&format!("schema version {VERSION}")));
    }

    #[test]
    fn every_word_is_documented() {
        use crate::data::files::spelling as s;
        let text = include_str!("schema.md");
        let words = [
            s::ORIGINS,
            s::DIRECTIONS,
            s::RESPONSES,
            s::TYPES,
            s::RESULTS,
            s::SEGMENTS,
            s::ACTIONS,
            s::ENDING_PARTIES,
        ];
        let words = words.into_iter().flatten().map(|(name, _)| *name);
        for word in words.chain(s::KINDS.iter().map(|(name, _)| *name)) {
            assert!(text.contains(&format!("`{word}`")), "{word}");
        }
    }
}

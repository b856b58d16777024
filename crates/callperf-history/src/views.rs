//! SQL views of a history, generated from the formulas of key figures.

use std::{collections::BTreeMap, fmt::Write as _};

use callperf::{
    Aggregation, Kpi,
    kpi::{KpiDenominator, KpiInput, KpiSource, KpiTerms},
};

use crate::{
    model::{file::PART, scope::Scope},
    read::{Reader, files::DataFile},
};

/// The SQL of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialect {
    /// `DuckDB`.
    DuckDb,
    /// Spark SQL.
    Spark,
}

/// Returns SQL that makes views of the history in a folder, as the engine names it.
///
/// | view | a row has |
/// |---|---|
/// | `callperf_rows` | a number of a key, a day and some calls: the tables `daily` and `figures` |
/// | `callperf_names` | the newest name of a key |
/// | `callperf_sums` | the sums of a key and a day that key figures are computed from |
/// | `callperf_by_day`, `callperf_by_month` | the key figures of a key |
///
/// Figures that no sums give over any period are left out, and named in a comment. The views read
/// the files of days alone, and no other file beside them.
#[must_use]
pub fn views(folder: &str, dialect: Dialect) -> String {
    views_of(&Of {
        dialect,
        folder,
        files: &[],
        has_figures: true,
        has_directory: false,
        has_agents: false,
    })
}

/// Returns SQL that makes the views of a history without key figures: `callperf_rows` and
/// `callperf_names`, as [`views`] has them.
#[must_use]
pub fn views_of_days(folder: &str, dialect: Dialect) -> String {
    views_of(&Of {
        dialect,
        folder,
        files: &[],
        has_figures: false,
        has_directory: false,
        has_agents: false,
    })
}

impl Reader {
    /// Returns SQL that makes views of this history, as the engine names its folder: those of
    /// [`views`], or of [`views_of_days`] if it has no key figures; and of what else it keeps:
    ///
    /// | view | a row has |
    /// |---|---|
    /// | `callperf_directory_rows` | what an entry or a membership of the directory became on a day |
    /// | `callperf_directory` | what it is by the newest of these rows |
    /// | `callperf_members` | a queue and a user who belongs to it |
    /// | `callperf_agent_rows` | a number of a user, a day and the calls through a queue |
    /// | `callperf_agent_sums` | the sums of a queue, a user and a day |
    /// | `callperf_agents_by_day`, `callperf_agents_by_month` | the key figures of a queue's agents |
    ///
    /// With a directory, `callperf_names` has a newer name from there, too.
    #[must_use]
    pub fn views(&self, folder: &str, dialect: Dialect) -> String {
        let files = self.files();
        let is_usual = files.iter().all(|file| file.path.ends_with(PART));
        views_of(&Of {
            dialect,
            folder,
            files: if is_usual { &[] } else { &files },
            has_figures: self.has_figures(),
            has_directory: self.has_directory(),
            has_agents: self.has_agents(),
        })
    }
}

fn views_of(of: &Of<'_>) -> String {
    let computed: Vec<_> = Kpi::KNOWN.iter().copied().filter_map(Computed::of).collect();
    let mut sql = of.header(&computed);
    of.rows(&mut sql);
    of.directory(&mut sql);
    of.names(&mut sql);
    if of.has_figures {
        of.sums(&mut sql, &computed);
        of.figures(&mut sql, "day", &computed);
        of.figures(&mut sql, "month", &computed);
    }
    if of.has_agents {
        // Of occupancy and the like there is no scope of all calls.
        let of_agents: Vec<_> = computed.into_iter().filter(Computed::is_of_inbound).collect();
        of.agent_rows(&mut sql);
        agent_sums(&mut sql, &of_agents);
        of.agent_figures(&mut sql, "day", &of_agents);
        of.agent_figures(&mut sql, "month", &of_agents);
    }
    sql
}

/// A figure whose sums are kept.
struct Computed {
    kpi: Kpi,
    above: Signed,
    below: Option<Signed>,
}

/// The columns that are added up and taken away.
struct Signed {
    plus: Vec<Column>,
    minus: Vec<Column>,
}

/// A sum, as a column of `callperf_sums`.
#[derive(Clone)]
struct Column {
    name: String,
    scope: Scope,
    source: KpiSource,
}

impl Computed {
    fn of(kpi: Kpi) -> Option<Self> {
        let below = match kpi.denominator() {
            KpiDenominator::Nothing => None,
            KpiDenominator::Terms(terms) => Some(Signed::of(&terms)?),
            _ => return None,
        };
        Some(Self { kpi, above: Signed::of(&kpi.numerator())?, below })
    }

    /// Whether it is computed from inbound calls alone.
    fn is_of_inbound(&self) -> bool {
        self.columns().all(|column| column.scope != Scope::All)
    }

    fn columns(&self) -> impl Iterator<Item = &Column> {
        std::iter::once(&self.above)
            .chain(&self.below)
            .flat_map(|signed| signed.plus.iter().chain(&signed.minus))
    }
}

impl Signed {
    fn of(terms: &KpiTerms) -> Option<Self> {
        let columns = |inputs: &[KpiInput]| {
            inputs.iter().copied().map(Column::of).collect::<Option<Vec<_>>>()
        };
        Some(Self { plus: columns(&terms.plus)?, minus: columns(&terms.minus)? })
    }

    fn sql(&self) -> String {
        let sum = |column: &Column| format!("sum(s.{})", column.name);
        let plus = self.plus.iter().map(sum).collect::<Vec<_>>().join(" + ");
        let minus = self.minus.iter().map(|column| format!(" - {}", sum(column)));
        std::iter::once(plus).chain(minus).collect()
    }
}

impl Column {
    /// The first choice among what is kept.
    fn of(input: KpiInput) -> Option<Self> {
        input.sources().into_iter().find_map(|source| {
            let scope = Scope::of_filters(&source.filters)?;
            let is_sum = *source.measure.aggregation() == Aggregation::Sum;
            is_sum.then(|| Self { name: column_name(&source, scope), scope, source })
        })
    }
}

/// `inbound_calls_by_result_abandoned`: as the rows name it.
fn column_name(source: &KpiSource, scope: Scope) -> String {
    let breakdown = source.measure.breakdown().as_str();
    let parts = [scope.as_str(), source.metric, breakdown];
    let parts = parts.into_iter().chain(source.word).map(snake);
    parts.collect::<Vec<_>>().join("_")
}

fn snake(text: &str) -> String {
    let mut snake = String::new();
    for letter in text.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

struct Of<'a> {
    dialect: Dialect,
    folder: &'a str,
    /// The files, where they aren't called as in a folder.
    files: &'a [DataFile],
    has_figures: bool,
    has_directory: bool,
    has_agents: bool,
}

const OF_FIGURES: &str = "\
-- Key figures of a history of `callperf sync`, generated from their formulas.
-- Of another period: the same ratios of sums of callperf_sums over it. A queue's calls and
-- those of its users are the same calls, so groupings don't add up.
";

const OF_DAYS_AND_AGENTS: &str = "\
-- The days of a history of `callperf sync`, and the key figures of its queues' agents, generated
-- from their formulas. After `callperf sync --migrate` there are views of other key figures, too.
-- Of another period: the same ratios of sums of callperf_agent_sums over it.
";

const OF_DAYS: &str = "\
-- The days of a history of `callperf sync`. It has no key figures: after
-- `callperf sync --migrate` there are views of them, too.
";

/// The name of a key: the newest of those that are there.
const NEWEST_NAME: &str = "max_by(name, date) AS name";

impl Of<'_> {
    /// What the views are of.
    fn header(&self, computed: &[Computed]) -> String {
        let is_computed = |kpi: &&Kpi| computed.iter().any(|other| other.kpi == **kpi);
        let refused = Kpi::KNOWN.iter().filter(|kpi| !is_computed(kpi)).map(Kpi::as_str);
        let refused = format!(
            "-- Not among them, because they are no ratios of kept sums: {}.\n",
            refused.collect::<Vec<_>>().join(", ")
        );
        match (self.has_figures, self.has_agents) {
            (true, _) => format!("{OF_FIGURES}{refused}"),
            (false, true) => format!("{OF_DAYS_AND_AGENTS}{refused}"),
            (false, false) => OF_DAYS.to_owned(),
        }
    }

    /// A word that is reserved.
    fn grouping(&self) -> &'static str {
        match self.dialect {
            Dialect::DuckDb => "\"grouping\"",
            Dialect::Spark => "`grouping`",
        }
    }

    /// The files of a table: those of its days, and not what lies beside them.
    fn table(&self, name: &str, levels: &str) -> String {
        self.files(name, &format!("{levels}/date=????-??-??"))
    }

    fn files(&self, name: &str, levels: &str) -> String {
        let folder = self.folder.trim_end_matches('/');
        if !self.files.is_empty() {
            return self.listed_files(folder, name);
        }
        match self.dialect {
            Dialect::DuckDb => {
                let place = format!("{folder}/{name}/{levels}/{PART}");
                format!("read_parquet('{}', hive_partitioning = true)", place.replace('\'', "''"))
            }
            Dialect::Spark => {
                let place = format!("{folder}/{name}").replace('`', "``");
                format!("parquet.`{place}`\nWHERE _metadata.file_name = '{PART}'")
            }
        }
    }

    fn listed_files(&self, folder: &str, table: &str) -> String {
        let files = self.files.iter().filter(|file| file.table == table);
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let in_lines = |names: Vec<String>| names.join(",\n    ");
        match self.dialect {
            Dialect::DuckDb => {
                let paths = in_lines(files.map(|file| quoted(&file.path)).collect());
                format!("read_parquet([\n    {paths}\n], hive_partitioning = true)")
            }
            Dialect::Spark => {
                let name =
                    |file: &DataFile| quoted(file.path.rsplit('/').next().unwrap_or_default());
                let (names, place) =
                    (in_lines(files.map(name).collect()), folder.replace('`', "``"));
                format!("parquet.`{place}/{table}`\nWHERE _metadata.file_name IN (\n    {names}\n)")
            }
        }
    }

    fn rows(&self, sql: &mut String) {
        let grouping = self.grouping();
        let columns = format!(
            "{grouping}, CAST(date AS DATE) AS date, key, name, metric, breakdown, word, value"
        );
        let daily = self.table("daily", "grouping=*");
        let _ = write!(
            sql,
            "\nCREATE OR REPLACE VIEW callperf_rows AS\nSELECT 'all' AS scope, {columns}\nFROM {daily}"
        );
        if self.has_figures {
            let figures = self.table("figures", "scope=*/grouping=*");
            let _ = write!(sql, "\nUNION ALL\nSELECT scope, {columns}\nFROM {figures}");
        }
        sql.push_str(";\n");
    }

    fn names(&self, sql: &mut String) {
        let grouping = self.grouping();
        let from = if self.has_directory {
            format!(
                "(SELECT {grouping}, key, name, date FROM callperf_rows\n    UNION ALL SELECT kind, key, \
                 name, date FROM callperf_directory_rows WHERE member_of IS NULL AND name IS NOT NULL) n"
            )
        } else {
            "callperf_rows".to_owned()
        };
        let _ = write!(
            sql,
            "\nCREATE OR REPLACE VIEW callperf_names AS\nSELECT {grouping}, key, {NEWEST_NAME}\n\
             FROM {from} GROUP BY {grouping}, key;\n"
        );
    }

    fn directory(&self, sql: &mut String) {
        if !self.has_directory {
            return;
        }
        let from = self.files("directory", "date=????-??-??");
        let columns = "kind, member_of, key, extension, name, status, site, department, goal_percent,\n    \
                       threshold_seconds, counts_abandoned, abandoned_threshold_seconds, is_deleted";
        let _ = write!(
            sql,
            "\nCREATE OR REPLACE VIEW callperf_directory_rows AS\nSELECT CAST(date AS DATE) AS date, \
             {columns}\nFROM {from};\n\
             \nCREATE OR REPLACE VIEW callperf_directory AS\nSELECT date AS since, {columns}\nFROM (SELECT *, \
             row_number() OVER (PARTITION BY kind, member_of, key ORDER BY date DESC) AS place\n    \
             FROM callperf_directory_rows) newest\nWHERE place = 1;\n\
             \nCREATE OR REPLACE VIEW callperf_members AS\nSELECT m.member_of AS queue, q.name AS queue_name, \
             m.key, u.name, m.since\nFROM callperf_directory m\nLEFT JOIN callperf_directory q ON \
             q.key = m.member_of AND q.kind = m.kind AND q.member_of IS NULL\nLEFT JOIN \
             callperf_directory u ON u.key = m.key AND u.member_of IS NULL\nWHERE m.member_of IS NOT \
             NULL AND NOT m.is_deleted;\n"
        );
    }

    fn agent_rows(&self, sql: &mut String) {
        let grouping = self.grouping();
        let from = self.table("agents", "queue=*/scope=*/grouping=*");
        let _ = write!(
            sql,
            "\nCREATE OR REPLACE VIEW callperf_agent_rows AS\nSELECT CAST(queue AS STRING) AS queue, scope, \
             {grouping}, CAST(date AS DATE) AS date, key, name, metric, breakdown, word, value\n\
             FROM {from};\n"
        );
    }

    fn agent_figures(&self, sql: &mut String, period: &str, computed: &[Computed]) {
        let grouping = self.grouping();
        let (date, figures) = (date_of(period), figures_of(computed));
        let names = |kind: &str| {
            format!("(SELECT key, name FROM callperf_names WHERE {grouping} = '{kind}')")
        };
        let (users, queues) = (names("Users"), names("Queues"));
        let _ = write!(
            sql,
            "\nCREATE OR REPLACE VIEW callperf_agents_by_{period} AS\nSELECT s.queue, max(q.name) AS \
             queue_name, {date} AS {period}, s.key, max(coalesce(n.name, a.name)) AS name,\n    {figures}\n\
             FROM callperf_agent_sums s\nJOIN (SELECT key, {NEWEST_NAME} FROM callperf_agent_rows GROUP \
             BY key) a ON a.key = s.key\nLEFT JOIN {users} n ON n.key = s.key\nLEFT JOIN {queues} q ON \
             q.key = s.queue\nGROUP BY s.queue, {date}, s.key;\n"
        );
    }

    fn sums(&self, sql: &mut String, computed: &[Computed]) {
        let grouping = self.grouping();
        let sums = sums_of_rows(computed);
        let _ = write!(
            sql,
            "\nCREATE OR REPLACE VIEW callperf_sums AS\nSELECT {grouping}, date, key,\n    {sums}\n\
             FROM callperf_rows GROUP BY {grouping}, date, key;\n"
        );
    }

    fn figures(&self, sql: &mut String, period: &str, computed: &[Computed]) {
        let grouping = self.grouping();
        let (date, figures) = (date_of(period), figures_of(computed));
        let _ = write!(
            sql,
            "\nCREATE OR REPLACE VIEW callperf_by_{period} AS\nSELECT s.{grouping}, {date} AS {period}, s.key, \
             max(n.name) AS name,\n    {figures}\nFROM callperf_sums s JOIN callperf_names n ON n.{grouping} = \
             s.{grouping} AND n.key = s.key\nGROUP BY s.{grouping}, {date}, s.key;\n"
        );
    }
}

fn agent_sums(sql: &mut String, computed: &[Computed]) {
    let sums = sums_of_rows(computed);
    let _ = write!(
        sql,
        "\nCREATE OR REPLACE VIEW callperf_agent_sums AS\nSELECT queue, date, key,\n    {sums}\n\
         FROM callperf_agent_rows GROUP BY queue, date, key;\n"
    );
}

fn date_of(period: &str) -> String {
    match period {
        "day" => "s.date".to_owned(),
        period => format!("CAST(date_trunc('{period}', s.date) AS DATE)"),
    }
}

fn figures_of(computed: &[Computed]) -> String {
    let figures = computed.iter().map(|figure| {
        let above = figure.above.sql();
        let name = figure.kpi.as_str();
        match &figure.below {
            None => format!("{above} AS {name}"),
            Some(below) => format!("({above}) / nullif({}, 0) AS {name}", below.sql()),
        }
    });
    figures.collect::<Vec<_>>().join(",\n    ")
}

fn sums_of_rows(computed: &[Computed]) -> String {
    let columns = computed.iter().flat_map(Computed::columns);
    let columns: BTreeMap<_, _> = columns.map(|column| (&column.name, column)).collect();
    columns.values().map(|column| sum_of_rows(column)).collect::<Vec<_>>().join(",\n    ")
}

/// A day without rows of a narrower scope has none of its calls, if a wider one has the key.
fn sum_of_rows(column: &Column) -> String {
    let Column { name, scope, source } = column;
    let breakdown = source.measure.breakdown().as_str();
    let word = match source.word {
        Some(word) => format!("word = '{word}'"),
        None => "word IS NULL".to_owned(),
    };
    format!(
        "coalesce(sum(value) FILTER (WHERE scope = '{scope}' AND metric = '{}' AND breakdown = \
         '{breakdown}' AND {word}), 0) AS {name}",
        source.metric
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_ratios_of_sums_or_named_as_left_out() {
        let sql = views("history", Dialect::DuckDb);
        assert!(
            sql.contains("abandonment_rate_without_short, longest_wait, occupancy.\n"),
            "{sql}"
        );
        let rate = "(sum(s.inbound_calls_by_response_answered)) / nullif(sum(s.inbound_calls_total), 0) \
                    AS answer_rate";
        assert!(sql.contains(rate), "{sql}");
        let speed = "(sum(s.answered_time_spent_by_segment_ringing)) / \
                     nullif(sum(s.answered_calls_total), 0) AS average_speed_of_answer";
        assert!(sql.contains(speed), "{sql}");
        let figures = "read_parquet('history/figures/scope=*/grouping=*/date=????-??-??/\
                       part-0.parquet', hive_partitioning = true)";
        assert!(sql.contains(figures), "{sql}");
        for kpi in Kpi::KNOWN {
            assert!(sql.contains(kpi.as_str()), "{kpi}");
        }
    }

    #[test]
    fn a_history_without_figures_has_views_of_its_days() {
        let sql = views_of_days("history", Dialect::DuckDb);
        assert!(sql.contains("VIEW callperf_names") && !sql.contains("/figures/"), "{sql}");
        assert!(!sql.contains("callperf_agent"), "{sql}");
    }

    #[test]
    fn agents_have_views_with_and_without_figures() {
        let of = |has_figures| {
            let (dialect, folder) = (Dialect::DuckDb, "history");
            views_of(&Of {
                dialect,
                folder,
                files: &[],
                has_figures,
                has_directory: false,
                has_agents: true,
            })
        };
        let agents = |sql: &str| {
            sql.split_once("\nCREATE OR REPLACE VIEW callperf_agent_rows").unwrap().1.to_owned()
        };
        let alone = of(false);
        assert!(!alone.contains("callperf_sums") && !alone.contains("/figures/"), "{alone}");
        assert!(alone.contains("callperf_names"), "{alone}");
        assert_eq!(agents(&alone), agents(&of(true)));
    }

    #[test]
    fn places_are_quoted_as_the_engine_quotes_them() {
        assert!(views("a'b", Dialect::DuckDb).contains("read_parquet('a''b/daily/grouping=*/"));
        let spark = views("/data/history/", Dialect::Spark);
        let figures =
            "FROM parquet.`/data/history/figures`\nWHERE _metadata.file_name = 'part-0.parquet'";
        assert!(spark.contains(figures), "{spark}");
        assert!(spark.contains("`grouping`") && !spark.contains("\"grouping\""));
    }
}

//! Rows in batches, and where they come from and go to, in any format.

use super::error::DataError;
use super::schema::{Kind, Table};

/// How many rows are in memory at once.
pub(super) const BATCH: usize = 8192;

/// Some rows, column by column.
#[derive(Debug)]
pub(super) struct Batch {
    /// Where each row stands in the file.
    pub(super) places: Vec<u64>,
    pub(super) columns: Vec<Values>,
}

/// One column's values in some rows.
#[derive(Debug)]
pub(super) enum Values {
    /// One after the other; where each ends. An absent one is empty.
    Texts(String, Vec<usize>),
    /// Numbers, and times as seconds since 1970.
    Numbers(Vec<Option<i64>>),
}

impl Batch {
    pub(super) fn new(table: &Table) -> Batch {
        let values = |kind| match kind {
            Kind::Text => Values::Texts(String::new(), Vec::new()),
            Kind::Whole | Kind::Time => Values::Numbers(Vec::new()),
        };
        let columns = table.columns.iter().map(|column| values(column.kind)).collect();
        Batch { places: Vec::new(), columns }
    }

    pub(super) fn clear(&mut self) {
        self.places.clear();
        for column in &mut self.columns {
            match column {
                Values::Texts(text, ends) => {
                    text.clear();
                    ends.clear();
                }
                Values::Numbers(numbers) => numbers.clear(),
            }
        }
    }
}

impl Values {
    pub(super) fn push_text(&mut self, value: &str) {
        if let Values::Texts(text, ends) = self {
            text.push_str(value);
            ends.push(text.len());
        }
    }

    pub(super) fn push_number(&mut self, value: Option<i64>) {
        if let Values::Numbers(numbers) = self {
            numbers.push(value);
        }
    }

    pub(super) fn text(&self, at: usize) -> &str {
        match self {
            Values::Texts(text, ends) => {
                let start = at.checked_sub(1).map_or(0, |before| ends[before]);
                &text[start..ends[at]]
            }
            Values::Numbers(_) => "",
        }
    }

    pub(super) fn number(&self, at: usize) -> Option<i64> {
        match self {
            Values::Texts(..) => None,
            Values::Numbers(numbers) => numbers[at],
        }
    }
}

/// Where rows come from.
pub(super) trait Source {
    /// Adds rows, up to [`BATCH`]; none at the end. Absent values of columns that aren't optional are refused here.
    fn fill(&mut self, batch: &mut Batch) -> Result<(), DataError>;
}

/// Where rows go to.
pub(super) trait Sink {
    /// One cell for each column of the table.
    fn push(&mut self, cells: &[Cell<'_>]) -> Result<(), DataError>;

    fn finish(self: Box<Self>) -> Result<(), DataError>;
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Cell<'a> {
    Text(&'a str),
    Number(i64),
    /// Seconds since 1970.
    Time(i64),
    Nothing,
}

impl<'a> From<Option<&'a str>> for Cell<'a> {
    fn from(text: Option<&'a str>) -> Cell<'a> {
        text.map_or(Cell::Nothing, Cell::Text)
    }
}

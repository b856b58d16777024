//! CSV for spreadsheets: a column per number.

use std::io::{self, Write};

use super::{number::Change, sheet::Sheet};

impl Sheet {
    /// Writes the sheet as CSV, each number as it was sent and headed by its path
    /// in the JSON. A number that is absent is an empty field; a share is a share
    /// of one.
    ///
    /// Where numbers are compared, `.previous`, `.change` and `.change_percent`
    /// follow each. Where the whole company is among the rows, the column `total`
    /// tells it apart.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write_csv(&self, out: impl Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(self.field_names())?;
        for row in &self.rows {
            let mut fields = vec![
                row.key.clone(),
                row.name.clone().unwrap_or_default(),
                row.extension_number.clone().unwrap_or_default(),
            ];
            if self.interval.is_some() {
                fields.push(row.time.as_ref().map(|(_, text)| text.clone()).unwrap_or_default());
            }
            if self.has_total() {
                fields.push(row.is_total.to_string());
            }
            for cell in &row.cells {
                let text = |number: Option<String>| number.unwrap_or_default();
                fields.push(text(cell.value.as_ref().map(ToString::to_string)));
                if self.is_compared() {
                    let change = Change::between(cell.previous.as_ref(), cell.value.as_ref());
                    fields.push(text(cell.previous.as_ref().map(ToString::to_string)));
                    fields.push(text(change.map(|change| change.absolute.to_string())));
                    let percent = change.and_then(|change| change.percent);
                    fields.push(text(percent.map(|percent| percent.to_string())));
                }
            }
            writer.write_record(fields)?;
        }
        writer.flush()
    }

    fn field_names(&self) -> Vec<String> {
        let mut names = vec!["key".to_owned(), "name".to_owned(), "extension_number".to_owned()];
        names.extend(self.interval.is_some().then(|| "time".to_owned()));
        names.extend(self.has_total().then(|| "total".to_owned()));
        for path in self.columns.iter().map(super::sheet::Column::path) {
            if self.is_compared() {
                let more =
                    ["previous", "change", "change_percent"].map(|it| format!("{path}.{it}"));
                names.push(path);
                names.extend(more);
            } else {
                names.push(path);
            }
        }
        names
    }
}

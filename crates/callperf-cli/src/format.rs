//! Formats, and the names of files that stand for them.

use std::path::Path;

use clap::ValueEnum;

use crate::Failure;

const COMPRESSED: [&str; 7] = ["gz", "zst", "bz2", "xz", "lz4", "br", "zip"];

/// Files that programs open, and that a report can't be.
const PAGES: [&str; 8] = ["pdf", "html", "htm", "xls", "xlsm", "ods", "doc", "docx"];

/// A format that is chosen by its name, or by the extension of the file it goes to.
pub(crate) trait FileFormat: ValueEnum + Copy + Default + PartialEq {
    /// The format of files that end so; in small letters.
    fn of_extension(extension: &str) -> Option<Self> {
        let name = match extension {
            "txt" => "table",
            "jsonl" => "ndjson",
            "table" => return None,
            name => name,
        };
        Self::from_str(name, false).ok()
    }

    /// Whether it can be in a file of any text.
    fn is_text(self) -> bool {
        true
    }
}

/// The format that is named, or else the file's.
///
/// # Errors
/// Where the two contradict each other.
pub(crate) fn chosen<F: FileFormat>(named: Option<F>, file: Option<&Path>) -> Result<F, Failure> {
    let file = file.unwrap_or(Path::new(""));
    let extension = extension(file);
    let refused =
        |reason: String| Err(Failure::Usage(format!("--out: {} {reason}", file.display())));
    if COMPRESSED.contains(&extension.as_str()) {
        return refused(format!(
            "would have to be compressed; leave out .{extension}, and compress the file"
        ));
    }
    let is_any_text = |format: F| extension == "txt" && format.is_text();
    match (named, F::of_extension(&extension)) {
        (Some(named), Some(other)) if named != other && !is_any_text(named) => refused(format!(
            "is a name for {}, and --format is {}; change one of them",
            name(&other),
            name(&named)
        )),
        (None, None) if PAGES.contains(&extension.as_str()) => refused(format!(
            "can't be written: a report has no format of .{extension}; write FILE.csv, FILE.xlsx or \
             FILE.txt, or name another --format"
        )),
        // A program that opens it by its name finds something else.
        (Some(named), None) if PAGES.contains(&extension.as_str()) && !named.is_text() => {
            let name = name(&named);
            refused(format!("is no name for {name}; write FILE.{name}"))
        }
        (named, stands_for) => Ok(named.or(stands_for).unwrap_or_default()),
    }
}

fn extension(file: &Path) -> String {
    file.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// What a format is called on the command line.
pub(crate) fn name(format: &impl ValueEnum) -> String {
    let value = format.to_possible_value();
    value.map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// Refuses a name for a page that stands for another format.
pub(crate) fn check_page_name(file: &Path) -> Result<(), Failure> {
    let extension = extension(file);
    let stands_for = Format::of_extension(&extension).map(|format| name(&format));
    let is_compressed =
        COMPRESSED.contains(&extension.as_str()).then(|| "a compressed file".to_owned());
    match stands_for.or(is_compressed) {
        Some(other) => Err(Failure::Usage(format!(
            "--out: {} is a name for {other}, and the page is HTML; write FILE.html",
            file.display()
        ))),
        None => Ok(()),
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Table,
    /// The SDK's types, as `callperf schema` describes them
    Json,
    /// The same, a record a line
    Ndjson,
    /// For spreadsheets: a column per number; what a spreadsheet would run as a
    /// formula in a name has a ' before it
    Csv,
    /// For notebooks and query engines; needs --out
    Parquet,
    /// A workbook with real durations, percentages and dates; needs --out
    Xlsx,
    /// For wikis and chats
    #[value(alias = "md")]
    Markdown,
}

impl FileFormat for Format {
    fn is_text(self) -> bool {
        !matches!(self, Self::Parquet | Self::Xlsx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(out: &str, named: Option<Format>) -> Result<Format, String> {
        let out = Some(out).filter(|out| !out.is_empty()).map(Path::new);
        chosen(named, out).map_err(|failure| failure.to_string())
    }

    #[test]
    fn the_extension_stands_for_a_format() {
        for (file, expected) in [
            ("a.csv", Format::Csv),
            ("a.CSV", Format::Csv),
            ("a.json", Format::Json),
            ("a.ndjson", Format::Ndjson),
            ("a.jsonl", Format::Ndjson),
            ("a.parquet", Format::Parquet),
            ("a.snappy.parquet", Format::Parquet),
            ("a.xlsx", Format::Xlsx),
            ("a.md", Format::Markdown),
            ("a.txt", Format::Table),
            ("a.xyz", Format::Table),
            ("csv", Format::Table),
            ("/dev/stdout", Format::Table),
            ("", Format::Table),
        ] {
            assert_eq!(format(file, None).as_ref(), Ok(&expected), "{file}");
            assert_eq!(format(file, Some(expected)).as_ref(), Ok(&expected), "{file}");
        }
        for file in ["a.xyz", "/dev/stdout", "", "a.txt"] {
            assert_eq!(format(file, Some(Format::Csv)), Ok(Format::Csv), "{file}");
        }
    }

    #[test]
    fn a_page_has_no_name_of_another_format() {
        for good in ["a.html", "a.htm", "page", "/dev/stdout", "a.xyz"] {
            assert!(check_page_name(Path::new(good)).is_ok(), "{good}");
        }
        for (bad, other) in
            [("a.csv", "csv"), ("a.JSON", "json"), ("a.html.gz", "a compressed file")]
        {
            let refusal = check_page_name(Path::new(bad)).unwrap_err().to_string();
            let expected = format!(
                "--out: {bad} is a name for {other}, and the page is HTML; write FILE.html"
            );
            assert_eq!(refusal, expected);
        }
    }

    #[test]
    fn a_contradiction_is_refused_with_both_named() {
        assert_eq!(
            format("x/a.csv", Some(Format::Json)).unwrap_err(),
            "--out: x/a.csv is a name for csv, and --format is json; change one of them"
        );
        assert_eq!(
            format("a.xls", Some(Format::Xlsx)).unwrap_err(),
            "--out: a.xls is no name for xlsx; write FILE.xlsx"
        );
        assert!(format("a.xls", Some(Format::Csv)).is_ok(), "spreadsheets take it");
        assert!(format("a.json", Some(Format::Ndjson)).is_err());
        assert!(format("a.txt", Some(Format::Parquet)).is_err());
        for named in [None, Some(Format::Csv)] {
            assert_eq!(
                format("a.csv.GZ", named).unwrap_err(),
                "--out: a.csv.GZ would have to be compressed; leave out .gz, and compress the file"
            );
        }
    }
}

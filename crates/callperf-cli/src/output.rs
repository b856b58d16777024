//! Where documents go: to standard output, or to a file, whole or not at all.

use std::{
    io::{self, IsTerminal, Write},
    path::Path,
};

use crate::{
    Failure,
    args::OutputArgs,
    console,
    failure::Done,
    format::{self, FileFormat as _, Format},
    order::Heat,
    render::{CsvStyle, Report, Sheet, Timeline},
    target,
};

/// A report or a timeline in any format.
pub(crate) enum Document<'a> {
    Report(&'a Report),
    Timeline(&'a Timeline),
}

impl Document<'_> {
    fn sheet(&self) -> Sheet {
        match self {
            Self::Report(report) => (*report).into(),
            Self::Timeline(timeline) => (*timeline).into(),
        }
    }

    fn write(
        &self,
        out: &mut (impl Write + Send),
        (format, style): (Format, CsvStyle),
        width: usize,
    ) -> io::Result<()> {
        match format {
            Format::Table => self.sheet().write_table(out, width),
            Format::Markdown => self.sheet().write_markdown(out),
            Format::Csv => self.sheet().write_csv_as(out, style),
            Format::Parquet => self.sheet().write_parquet(out),
            Format::Xlsx => self.sheet().write_xlsx(out),
            Format::Ndjson => match self {
                Self::Report(report) => report.write_ndjson(out),
                Self::Timeline(timeline) => timeline.write_ndjson(out),
            },
            Format::Json => match self {
                Self::Report(report) => print_json(out, report),
                Self::Timeline(timeline) => print_json(out, timeline),
            },
        }
    }
}

/// Refuses, before requests are sent, arguments that don't go together, and a file that can't be
/// written.
pub(crate) fn check(args: &OutputArgs) -> Done {
    let format = args.format()?;
    let option = [("--readable", args.readable), ("--bom", args.bom)];
    if let Some((option, _)) = option.iter().find(|(_, given)| *given && format != Format::Csv) {
        return Err(Failure::Usage(format!(
            "{option}: it is for CSV alone; add --format csv, or leave it out"
        )));
    }
    if args.width.is_some() && format != Format::Table {
        console::note("note: --width is for tables alone, so it changes nothing here");
    }
    let Some(file) = &args.out else {
        return if format.is_text() { Ok(()) } else { Err(needs_file(format)) };
    };
    if format == Format::Xlsx {
        is_not_open(file)?;
    }
    target::check("--out", file)
}

fn needs_file(format: Format) -> Failure {
    let name = format::name(&format);
    Failure::Usage(format!(
        "--format {name}: it isn't for a terminal; add --out FILE, for example --out report.{name}"
    ))
}

/// Refuses a workbook that a spreadsheet has open: it would go on with the old one, and perhaps
/// save it over the new one.
fn is_not_open(file: &Path) -> Done {
    let Some(name) = file.file_name().map(|name| name.to_string_lossy().into_owned()) else {
        return Ok(());
    };
    let locks = [(format!(".~lock.{name}#"), "LibreOffice"), (format!("~${name}"), "Excel")];
    match locks.iter().find(|(lock, _)| file.with_file_name(lock).exists()) {
        None => Ok(()),
        Some((lock, program)) => Err(Failure::File(format!(
            "{}: {program} has it open, as {lock} beside it says; close it there, or write to \
             another name",
            file.display()
        ))),
    }
}

/// Shows a document as the arguments say.
pub(crate) fn show(document: &Document<'_>, args: &OutputArgs) -> Done {
    let format = args.format()?;
    if format == Format::Xlsx
        && let Some(file) = &args.out
    {
        return write_workbook(file, &document.sheet());
    }
    let style = CsvStyle { readable: args.readable, bom: args.bom };
    let width = args.width.map(usize::from);
    if let Some(file) = &args.out {
        let width = width.unwrap_or(PAGE);
        return write_file(file, |out| document.write(out, (format, style), width));
    }
    let width = width.unwrap_or_else(terminal_width);
    Ok(document.write(&mut io::stdout(), (format, style), width)?)
}

fn write_workbook(file: &Path, sheet: &Sheet) -> Done {
    if let Some(reason) = sheet.exceeds_workbook() {
        return Err(Failure::Usage(format!("--format xlsx: {reason}")));
    }
    write_file(file, |out| sheet.write_xlsx(out))
}

/// The same for a table of weekdays and hours, which has one format.
pub(crate) fn check_heat(args: &OutputArgs) -> Done {
    if args.format()? == Format::Table {
        return check(args);
    }
    Err(Failure::Usage(
        "--heat: it is a table for a terminal; leave --format out, or leave --heat out for the hours \
         themselves"
            .to_owned(),
    ))
}

/// Shows a table of weekdays and hours.
pub(crate) fn show_heat(heat: &Heat, timeline: &Timeline, args: &OutputArgs) -> Done {
    let width = args.width.map(usize::from);
    let Some(file) = &args.out else {
        let width = width.unwrap_or_else(terminal_width);
        return Ok(timeline.write_heat(&mut io::stdout(), &heat.0, width)?);
    };
    write_file(file, |out| timeline.write_heat(out, &heat.0, width.unwrap_or(PAGE)))
}

pub(crate) fn print_json(out: &mut impl Write, document: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    writeln!(out)
}

/// The columns of a page.
const PAGE: usize = 80;

/// The columns of a terminal, or those of a page.
fn terminal_width() -> usize {
    if !io::stdout().is_terminal() {
        return PAGE;
    }
    terminal_size::terminal_size().map_or(PAGE, |(width, _)| usize::from(width.0))
}

/// Writes a file as `target` says for its kind, once its content is complete.
pub(crate) fn write_file(file: &Path, write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Done {
    let mut content = Vec::new();
    write(&mut content).and_then(|()| target::write(file, &content)).map_err(|error| {
        match error.kind() {
            // As if the reader of standard output had gone.
            io::ErrorKind::BrokenPipe => Failure::Output(error),
            _ => Failure::file(file, &error),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("report.csv");
        write_file(&file, |out| out.write_all(b"first")).unwrap();
        let failure = write_file(&file, |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("no more"))
        });
        let message = failure.unwrap_err().to_string();
        assert!(message.contains("report.csv") && message.contains("no more"), "{message}");
        assert_eq!(std::fs::read(&file).unwrap(), b"first");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
        let nowhere = folder.path().join("none").join("report.csv");
        assert!(write_file(&nowhere, |_| Ok(())).unwrap_err().to_string().contains("none"));
    }
}

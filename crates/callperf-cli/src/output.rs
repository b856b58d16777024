//! Where documents go: to standard output, or to a file, whole or not at all.

use std::{
    fs::{self, OpenOptions},
    io::{self, IsTerminal, Write},
    path::Path,
};

use crate::{
    Failure,
    args::{Format, OutputArgs},
    files,
    render::{Report, Sheet, Timeline},
};

type Done = Result<(), Failure>;

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

    fn write(&self, out: &mut (impl Write + Send), format: Format, width: usize) -> io::Result<()> {
        match format {
            Format::Table => self.sheet().write_table(out, width),
            Format::Markdown => self.sheet().write_markdown(out),
            Format::Csv => self.sheet().write_csv(out),
            Format::Parquet => self.sheet().write_parquet(out),
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

/// Shows a document as the arguments say.
pub(crate) fn show(document: &Document<'_>, args: &OutputArgs) -> Done {
    let format = args.format()?;
    let width = args.width.map(usize::from);
    if let Some(file) = &args.out {
        let width = width.unwrap_or(PAGE);
        return write_file(file, |out| document.write(out, format, width));
    }
    let width = width.unwrap_or_else(terminal_width);
    Ok(document.write(&mut io::stdout(), format, width)?)
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

/// Refuses a file that can't be written because its folder isn't there, before
/// anything is asked for it.
pub(crate) fn check_file(file: &Path) -> Done {
    let folder = folder_of(file);
    if folder.is_dir() && !file.is_dir() {
        return Ok(());
    }
    let what = if file.is_dir() { file } else { folder };
    let problem = if file.is_dir() { "is a folder, not a file" } else { "is no folder" };
    Err(Failure::Usage(format!("--out: {} {problem}", what.display())))
}

fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Writes a file, whole or not at all: what was there before is replaced when the
/// new content is complete. A device or a pipe, `/dev/stdout` for example, is written
/// to; of a link, the file that it leads to is replaced.
pub(crate) fn write_file(file: &Path, write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Done {
    let mut content = Vec::new();
    write(&mut content)
        .and_then(|()| put(file, &content))
        .map_err(|error| Failure::file(file, &error))
}

fn put(file: &Path, content: &[u8]) -> io::Result<()> {
    match fs::metadata(file) {
        Ok(there) if there.is_file() => files::replace(&file.canonicalize()?, content),
        Ok(_) => OpenOptions::new().write(true).open(file)?.write_all(content),
        Err(_) => files::replace(file, content),
    }
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

    #[cfg(unix)]
    #[test]
    fn a_link_and_a_pipe_stay_what_they_are() {
        use std::os::unix::fs::FileTypeExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("report.csv"), folder.path().join("latest.csv"));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write_file(&link, |out| out.write_all(b"new")).unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");

        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read_to_string(pipe).unwrap()
        });
        write_file(&pipe, |out| out.write_all(b"through")).unwrap();
        assert_eq!(reader.join().unwrap(), "through");
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    }
}

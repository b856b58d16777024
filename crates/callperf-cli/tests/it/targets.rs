//! What is written where: a test for each row of the table in `docs/files.md`.
#![cfg(unix)]

use std::{
    fs::{self, File, OpenOptions},
    os::unix::{
        fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, chown, symlink},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::support::{Home, Served, mode, outcome};

/// Shortly after midnight, a period of whole days would end before its last day does.
const REPORT: &str = "report --now 2026-11-24T12:00:00Z --group-by queues --last 7d --calls all \
                      --attempts 1 --format csv";
const UNPRIVILEGED: u32 = 65_534;

/// Reports of a sandbox, in a folder of their own.
struct Reports {
    home: Home,
    served: Served,
    folder: PathBuf,
}

impl Reports {
    fn new() -> Self {
        let home = Home::new();
        let served = Served::start(&home, "--seed 7 --limits off --now 2026-11-24T12:00:00Z");
        let folder = home.path("reports");
        fs::create_dir(&folder).unwrap();
        Self { home, served, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn command(&self, out: &Path) -> Command {
        let mut command = self.home.command(REPORT);
        command.arg("--out").arg(out).envs(self.served.variables.clone());
        command
    }

    /// Writes a report, which says nothing else.
    fn write(&self, out: &Path) {
        let (code, data, said) = outcome(&self.command(out).output().unwrap());
        assert_eq!((code, data.as_str(), said.as_str()), (0, "", ""));
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn is_report(text: &str) -> bool {
    text.starts_with("key,name,") && text.contains(",Sales,") && text.ends_with('\n')
}

fn assert_report(file: &Path) {
    let text = fs::read_to_string(file).unwrap();
    assert!(is_report(&text), "{}: {text}", file.display());
}

fn set_mode(file: &Path, mode: u32) {
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
}

fn run(command: &str, args: &[&Path]) -> bool {
    Command::new(command).args(args).status().is_ok_and(|status| status.success())
}

/// As a user without rights, where the tests run as root.
fn as_unprivileged(command: &mut Command) -> Option<Output> {
    // A program that counts its lines says so if it can't write down what it counted.
    command.env("LLVM_PROFILE_FILE", "/dev/null");
    command.uid(UNPRIVILEGED).gid(UNPRIVILEGED).output().ok()
}

fn skip(row: &str, needs: &str) {
    println!("skipped: {row}, needs {needs}");
}

#[test]
fn a_new_file_has_the_usual_rights() {
    let reports = Reports::new();
    reports.write(&reports.path("new.csv"));
    assert_report(&reports.path("new.csv"));
    fs::write(reports.path("other"), "").unwrap();
    assert_eq!(mode(&reports.path("new.csv")), mode(&reports.path("other")));
    assert_eq!(reports.names(), ["new.csv", "other"]);
}

#[test]
fn a_regular_file_is_replaced_as_a_whole_and_keeps_its_mode() {
    let reports = Reports::new();
    let file = reports.path("a.csv");
    for mode in [0o600, 0o664] {
        fs::write(&file, "old").unwrap();
        set_mode(&file, mode);
        let reader = File::open(&file).unwrap();
        reports.write(&file);
        assert_eq!(std::io::read_to_string(reader).unwrap(), "old");
        assert_report(&file);
        assert_eq!(crate::support::mode(&file), mode);
    }
    assert_eq!(reports.names(), ["a.csv"]);
}

#[test]
fn a_link_is_followed_to_its_file_or_to_the_place_of_one() {
    let reports = Reports::new();
    let (real, elsewhere) = (reports.path("real.csv"), reports.home.path("elsewhere"));
    fs::write(&real, "old").unwrap();
    fs::create_dir(&elsewhere).unwrap();
    symlink("real.csv", reports.path("link.csv")).unwrap();
    symlink(elsewhere.join("new.csv"), reports.path("dangling.csv")).unwrap();
    for link in ["link.csv", "dangling.csv"] {
        reports.write(&reports.path(link));
        assert!(reports.path(link).is_symlink(), "{link}");
    }
    assert_report(&real);
    assert_report(&elsewhere.join("new.csv"));
    assert_eq!(reports.names(), ["dangling.csv", "link.csv", "real.csv"]);
}

#[test]
fn a_link_at_the_name_of_a_temporary_file_leads_nowhere() {
    let reports = Reports::new();
    let victim = reports.home.write("victim", "theirs");
    symlink(&victim, reports.path(".a.csv.new")).unwrap();
    reports.write(&reports.path("a.csv"));
    assert_report(&reports.path("a.csv"));
    assert_eq!(fs::read_to_string(victim).unwrap(), "theirs");
}

#[test]
fn a_file_that_is_mounted_by_itself_is_written_in_place() {
    let reports = Reports::new();
    let outside = reports.home.write("outside.csv", &"long ".repeat(1000));
    let file = reports.path("a.csv");
    fs::write(&file, "").unwrap();
    if !run("mount", &[Path::new("--bind"), &outside, &file]) {
        return skip("a file that is mounted by itself", "mount");
    }
    let output = reports.command(&file).output().unwrap();
    assert!(run("umount", &[&file]));
    assert_eq!(outcome(&output).0, 0, "{output:?}");
    assert_report(&outside);
    assert_eq!(reports.names(), ["a.csv"]);
}

#[test]
fn a_pipe_is_written_to() {
    let reports = Reports::new();
    let pipe = reports.path("pipe");
    assert!(run("mkfifo", &[&pipe]));
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe).unwrap()
    });
    reports.write(&pipe);
    assert!(is_report(&reader.join().unwrap()));
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_is_written_to() {
    let reports = Reports::new();
    reports.write(Path::new("/dev/null"));
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    let (code, _, said) = outcome(&reports.command(Path::new("/dev/full")).output().unwrap());
    assert_eq!(code, 6);
    assert!(said.starts_with("callperf: /dev/full: No space left"), "{said}");
}

/// `--out /dev/stdout >> all.csv` adds to the file.
#[test]
fn standard_output_goes_on_where_it_is() {
    let reports = Reports::new();
    let link = reports.path("link");
    symlink("/dev/stdout", &link).unwrap();
    let mut names = vec!["/dev/stdout", "/dev/fd/1", link.to_str().unwrap()];
    if cfg!(target_os = "linux") {
        names.push("/proc/self/fd/1");
    }
    for name in names {
        let all = reports.home.write("all.csv", "before\n");
        let out = OpenOptions::new().append(true).open(&all).unwrap();
        let output = reports.command(Path::new(name)).stdout(out).output().unwrap();
        assert_eq!(outcome(&output).0, 0, "{output:?}");
        let text = fs::read_to_string(&all).unwrap();
        let rest = text.strip_prefix("before\n");
        assert!(rest.is_some_and(is_report), "{name}: {text}");
        // Into a pipe.
        let output = reports.command(Path::new(name)).output().unwrap();
        assert!(is_report(&outcome(&output).1), "{name}: {output:?}");
    }
    let output = reports.command(Path::new("/dev/stderr")).output().unwrap();
    assert!(is_report(&outcome(&output).2), "{output:?}");
}

/// A shell's `3>> all.csv` and `>(…)` are such.
#[test]
fn another_open_file_is_added_to() {
    let reports = Reports::new();
    let all = reports.home.write("all.csv", "before\n");
    let command = reports.command(Path::new("/dev/fd/3"));
    let mut shell = Command::new("sh");
    shell.args(["-c", "all=$1; shift; exec \"$@\" 3>> \"$all\"", "sh"]).arg(&all);
    shell.arg(command.get_program()).args(command.get_args());
    shell.envs(reports.served.variables.clone());
    let output = shell.output().unwrap();
    assert_eq!(outcome(&output).0, 0, "{output:?}");
    let text = fs::read_to_string(&all).unwrap();
    assert!(text.strip_prefix("before\n").is_some_and(is_report), "{text}");
}

/// No server is there, so that a refusal came before a request.
fn refused(home: &Home, out: &Path) -> (i32, String) {
    let mut command = home.command(REPORT);
    command.arg("--out").arg(out).env("RC_SERVER_URL", "http://127.0.0.1:1");
    for name in ["RC_APP_CLIENT_ID", "RC_APP_CLIENT_SECRET", "RC_USER_JWT"] {
        command.env(name, "x");
    }
    let (code, _, said) = outcome(&command.output().unwrap());
    (code, said)
}

/// `3< all.csv` is mistyped for `3> all.csv`.
#[test]
fn an_open_file_that_cant_be_written_is_refused_before_a_request() {
    let home = Home::new();
    let input = home.write("in.csv", "orig");
    for (out, open, reason) in [
        ("/dev/fd/3", "3<", "it is open for reading only; open it for writing"),
        ("/dev/stdin", "0<", "it is open for reading only; open it for writing"),
        ("/dev/fd/77", "3<", "it isn't open"),
    ] {
        let command = home.command(REPORT);
        let mut shell = Command::new("sh");
        let script = format!("input=$1; shift; exec \"$@\" --out {out} {open} \"$input\"");
        shell.args(["-c", &script, "sh"]).arg(&input);
        shell.arg(command.get_program()).args(command.get_args());
        shell.env("RC_SERVER_URL", "http://127.0.0.1:1");
        for name in ["RC_APP_CLIENT_ID", "RC_APP_CLIENT_SECRET", "RC_USER_JWT"] {
            shell.env(name, "x");
        }
        let (code, _, said) = outcome(&shell.output().unwrap());
        assert_eq!(code, 6, "{said}");
        assert_eq!(said, format!("callperf: {out}: {reason}\n"));
        assert_eq!(fs::read_to_string(&input).unwrap(), "orig");
    }
}

#[test]
fn a_name_may_be_as_long_as_the_file_system_takes() {
    let reports = Reports::new();
    for name in [format!("{}.csv", "x".repeat(251)), format!("{}.csv", "é".repeat(125))] {
        let file = reports.path(&name);
        reports.write(&file);
        assert_report(&file);
    }
    assert_eq!(reports.names().len(), 2);
}

#[test]
fn a_folder_or_a_missing_folder_is_refused_before_a_request() {
    let home = Home::new();
    let file = home.write("a-file", "");
    for (out, folder, reason) in [
        (home.path(""), home.path(""), "is a folder, not a file"),
        (
            home.path("none/a.csv"),
            home.path("none"),
            "doesn't exist; make the folder, or name another",
        ),
        (file.join("a.csv"), file.clone(), "is not a folder"),
        (file.join(""), file.join(""), "is a folder, not a file"),
    ] {
        let (code, said) = refused(&home, &out);
        assert_eq!(code, 2, "{said}");
        assert_eq!(said, format!("callperf: --out: {} {reason}\n", folder.display()));
    }
}

/// Not the name of the file beside it, which only the program knows.
#[cfg(target_os = "linux")]
#[test]
fn a_place_that_takes_no_file_is_refused_by_its_own_name() {
    let home = Home::new();
    for file in ["/proc/a.csv", "/proc/1/a.csv"] {
        let (code, said) = refused(&home, Path::new(file));
        assert_eq!(code, 6, "{said}");
        assert_eq!(said, format!("callperf: {file}: No such file or directory (os error 2)\n"));
    }
    let dump = outcome(&home.run("sandbox dump --days 1 --out /proc/calls"));
    assert!(!dump.2.contains("unfinished"), "{}", dump.2);
}

#[test]
fn a_read_only_file_is_refused_before_a_request() {
    let home = Home::new();
    let file = home.write("a.csv", "old");
    set_mode(&file, 0o444);
    let (code, said) = refused(&home, &file);
    assert_eq!(code, 6, "{said}");
    let expected = "the file is read-only; make it writable, or name another";
    assert_eq!(said, format!("callperf: {}: {expected}\n", file.display()));
    assert_eq!(fs::read_to_string(file).unwrap(), "old");
}

#[test]
fn a_read_only_folder_takes_no_new_file_and_an_old_one_in_place() {
    let reports = Reports::new();
    let (old, new) = (reports.path("old.csv"), reports.path("new.csv"));
    fs::write(&old, "old").unwrap();
    set_mode(&old, 0o666);
    set_mode(&reports.folder, 0o555);
    let (Some(written), Some(refused)) =
        (as_unprivileged(&mut reports.command(&old)), as_unprivileged(&mut reports.command(&new)))
    else {
        return skip("a read-only folder", "root, and a program that others can run");
    };
    assert_eq!(outcome(&written).0, 0, "{written:?}");
    assert_report(&old);
    let (code, _, said) = outcome(&refused);
    assert_eq!(code, 6);
    let place = format!("callperf: {}: Permission denied", new.display());
    assert!(said.starts_with(&place) && said.lines().count() == 1, "{said}");
    set_mode(&reports.folder, 0o755);
}

#[test]
fn another_owners_file_stays_that_owners() {
    let reports = Reports::new();
    let file = reports.path("a.csv");
    fs::write(&file, "old").unwrap();
    set_mode(&file, 0o640);
    if chown(&file, Some(UNPRIVILEGED), Some(UNPRIVILEGED)).is_err() {
        return skip("another owner's file", "root");
    }
    reports.write(&file);
    let owned = |file: &Path| {
        let there = fs::metadata(file).unwrap();
        (there.uid(), there.gid(), there.mode() & 0o777)
    };
    assert_report(&file);
    assert_eq!(owned(&file), (UNPRIVILEGED, UNPRIVILEGED, 0o640));
    // One that can't give it away writes it in place.
    set_mode(&reports.folder, 0o777);
    chown(&file, Some(0), Some(0)).unwrap();
    set_mode(&file, 0o666);
    fs::write(&file, "old").unwrap();
    let inode = fs::metadata(&file).unwrap().ino();
    let Some(output) = as_unprivileged(&mut reports.command(&file)) else {
        return skip("another owner's file", "a program that others can run");
    };
    assert_eq!(outcome(&output).0, 0, "{output:?}");
    assert_report(&file);
    assert_eq!(owned(&file), (0, 0, 0o666));
    assert_eq!(fs::metadata(&file).unwrap().ino(), inode);
}

/// The configuration is written by the same rules; it may be a link into a folder
/// of such files.
#[test]
fn the_configuration_stays_a_link_with_its_mode() {
    let home = Home::new();
    let served = Served::start(&home, "--seed 7");
    let real = home.write("dotfiles/callperf.toml", "# mine\n");
    set_mode(&real, 0o640);
    fs::create_dir_all(home.config().parent().unwrap()).unwrap();
    symlink(&real, home.config()).unwrap();
    let victim = home.write("victim", "theirs");
    symlink(&victim, home.config().with_file_name(".config.toml.new")).unwrap();
    symlink(&victim, real.with_file_name(".callperf.toml.new")).unwrap();
    let args = format!(
        "login --jwt --client-id {} --server {}",
        served.variable("RC_APP_CLIENT_ID"),
        served.variable("RC_SERVER_URL")
    );
    let output = home.command(&args).envs(served.variables.clone()).output().unwrap();
    assert_eq!(outcome(&output).0, 0, "{output:?}");
    assert!(home.config().is_symlink());
    let text = fs::read_to_string(&real).unwrap();
    assert!(text.contains("# mine") && text.contains("[profiles.default]"), "{text}");
    assert_eq!(mode(&real), 0o640);
    assert_eq!(fs::read_to_string(victim).unwrap(), "theirs");
}

#[test]
fn manual_pages_are_written_by_the_same_rules() {
    let home = Home::new();
    let victim = home.write("victim", "old");
    set_mode(&victim, 0o640);
    fs::create_dir(home.path("man")).unwrap();
    symlink(&victim, home.path("man/callperf.1")).unwrap();
    let output = home.command("man --out").arg(home.path("man")).output().unwrap();
    assert_eq!(outcome(&output).0, 0, "{output:?}");
    assert!(fs::read_to_string(&victim).unwrap().contains(".TH"));
    assert_eq!(mode(&victim), 0o640);
    set_mode(&victim, 0o444);
    let output = home.command("man --out").arg(home.path("man")).output().unwrap();
    let (code, _, said) = outcome(&output);
    assert_eq!(code, 6);
    assert!(said.contains("callperf.1: the file is read-only"), "{said}");
}

/// The demo looks into a file before it replaces it, and must not wait for a pipe.
#[test]
fn the_demos_page_goes_through_a_pipe() {
    let home = Home::new();
    let output = home.command("demo --format json --out /dev/stdout").output().unwrap();
    let (code, data, said) = outcome(&output);
    assert_eq!(code, 0, "{said}");
    assert!(data.contains("<!doctype html>") || data.contains("<!DOCTYPE html>"), "{said}");
}

#[test]
fn a_session_file_that_others_can_read_is_refused_with_the_way_out() {
    let home = Home::new();
    let config = "[profiles.a]\nclient_id = 'app'\nserver = 'http://127.0.0.1:1'\n";
    home.write("config/callperf/config.toml", config);
    let file = home.write("state/callperf/sessions.json", r#"{"callperf_sessions": {}}"#);
    set_mode(&file, 0o644);
    let (code, _, said) = outcome(&home.run("status"));
    assert_eq!(code, 6, "{said}");
    assert!(said.contains(&format!("run `chmod 600 {}`", file.display())), "{said}");
    assert_eq!(said.matches("sessions.json").count(), 1, "{said}");
    fs::remove_file(&file).unwrap();
    assert!(run("mkfifo", &[&file]));
    set_mode(&file, 0o600);
    for command in ["status", "logout", "report queues --last 7d", "doctor"] {
        let (code, data, said) = outcome(&home.run(command));
        assert_eq!(code, 6, "{command}: {said}");
        let reason = "sessions.json: it isn't a regular file; name another";
        assert!((data + &said).contains(reason), "{command}: {said}");
    }
}

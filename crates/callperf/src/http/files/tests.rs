//! A test for each row of the table of `FileTokenStore`.

use std::{
    os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, chown, symlink},
    process::Command,
};

use super::*;

const EACH: [Rights; 2] = [Rights::Private, Rights::Kept];

/// A folder of its own for each right, and the file `sessions.json` in it.
fn places() -> impl Iterator<Item = (tempfile::TempDir, PathBuf, Rights)> {
    EACH.into_iter().map(|rights| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sessions.json");
        (folder, file, rights)
    })
}

fn mode(file: &Path) -> u32 {
    fs::metadata(file).unwrap().mode() & 0o777
}

fn set_mode(file: &Path, mode: u32) {
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_missing_file_is_created() {
    for (folder, file, rights) in places() {
        replace(&file, b"new", rights).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        // As any other program of this process' mask creates one.
        let other = folder.path().join("other");
        fs::write(&other, "").unwrap();
        let expected = if rights == Rights::Private { 0o600 } else { mode(&other) };
        assert_eq!(mode(&file), expected);
        assert_eq!(names(folder.path()), ["other", "sessions.json"]);
    }
}

#[test]
fn a_regular_file_is_replaced_as_a_whole() {
    for (folder, file, rights) in places() {
        fs::write(&file, "old").unwrap();
        set_mode(&file, 0o640);
        // Those who read it go on with what they began to read.
        let reader = File::open(&file).unwrap();
        replace(&file, b"new content", rights).unwrap();
        assert_eq!(io::read_to_string(reader).unwrap(), "old");
        assert_eq!(fs::read(&file).unwrap(), b"new content");
        assert_eq!(mode(&file), if rights == Rights::Private { 0o600 } else { 0o640 });
        assert_eq!(names(folder.path()), ["sessions.json"]);
    }
}

/// Another user of the folder can't know which file would be written.
#[test]
fn a_link_at_the_name_of_a_temporary_file_leads_nowhere() {
    for (folder, file, rights) in places() {
        let victim = folder.path().join("victim");
        fs::write(&victim, "theirs").unwrap();
        for name in ["sessions.json.new", ".sessions.json.new"] {
            symlink(&victim, folder.path().join(name)).unwrap();
        }
        replace(&file, b"new", rights).unwrap();
        assert_eq!(fs::read(&victim).unwrap(), b"theirs");
        assert_eq!(fs::read(&file).unwrap(), b"new");
    }
}

#[test]
fn a_link_is_followed_to_its_file_or_to_the_place_of_one() {
    for is_there in [true, false] {
        for (folder, file, rights) in places() {
            let elsewhere = folder.path().join("elsewhere");
            fs::create_dir(&elsewhere).unwrap();
            let target = elsewhere.join("real.json");
            if is_there {
                fs::write(&target, "old").unwrap();
            }
            symlink("elsewhere/second", &file).unwrap();
            symlink("real.json", elsewhere.join("second")).unwrap();
            replace(&file, b"new", rights).unwrap();
            assert!(file.is_symlink());
            assert_eq!(fs::read(&target).unwrap(), b"new");
            assert_eq!(names(&elsewhere), ["real.json", "second"]);
        }
    }
    let (_folder, file, rights) = places().next().unwrap();
    symlink(&file, &file).unwrap();
    assert!(replace(&file, b"new", rights).is_err(), "a circle");
}

#[test]
fn a_file_that_is_mounted_by_itself_is_written_in_place() {
    for (folder, file, rights) in places() {
        let outside = folder.path().join("outside");
        fs::write(&outside, "a longer text").unwrap();
        fs::write(&file, "").unwrap();
        let mount = |command: &str, more: &[&Path]| {
            Command::new(command).args(more).status().is_ok_and(|status| status.success())
        };
        if !mount("mount", &[Path::new("--bind"), &outside, &file]) {
            println!("skipped: a_file_that_is_mounted_by_itself, needs mount");
            return;
        }
        let replaced = replace(&file, b"new", rights);
        assert!(mount("umount", &[&file]));
        replaced.unwrap();
        assert_eq!(fs::read(&outside).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["outside", "sessions.json"]);
    }
}

#[test]
fn another_owners_file_stays_that_owners() {
    for (_folder, file, rights) in places() {
        fs::write(&file, "old").unwrap();
        set_mode(&file, 0o660);
        if chown(&file, Some(65_534), Some(65_534)).is_err() {
            println!("skipped: another_owners_file, needs root");
            return;
        }
        replace(&file, b"new", rights).unwrap();
        let after = fs::metadata(&file).unwrap();
        assert_eq!((after.uid(), after.gid()), (65_534, 65_534));
        assert_eq!(mode(&file), if rights == Rights::Private { 0o600 } else { 0o660 });
        assert_eq!(fs::read(&file).unwrap(), b"new");
    }
}

#[test]
fn what_cannot_be_replaced_is_refused_and_left_alone() {
    for (folder, file, rights) in places() {
        fs::write(&file, "old").unwrap();
        set_mode(&file, 0o444);
        let error = replace(&file, b"new", rights).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        assert!(error.to_string().contains("read-only"), "{error}");
        assert_eq!(fs::read(&file).unwrap(), b"old");
        let missing = folder.path().join("missing/sessions.json");
        assert_eq!(replace(&missing, b"new", rights).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(names(folder.path()), ["sessions.json"]);
    }
}

/// Nothing is opened that would wait for another process.
#[test]
fn what_is_no_regular_file_is_refused() {
    for (folder, file, rights) in places() {
        assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
        for place in [&file, folder.path(), Path::new("/dev/null"), Path::new("/dev/stdout")] {
            let there = fs::metadata(place).unwrap().file_type();
            if place == Path::new("/dev/stdout") && there.is_file() {
                continue;
            }
            let error = replace(place, b"new", rights).unwrap_err();
            assert!(error.to_string().contains("isn't a regular file"), "{error}");
        }
        assert!(fs::metadata(&file).unwrap().file_type().is_fifo());
        assert_eq!(names(folder.path()), ["sessions.json"]);
    }
}

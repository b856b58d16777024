//! Where sessions are kept between requests, clients and processes.

use std::{
    any::Any,
    collections::BTreeMap,
    fmt,
    fs::{self, File, TryLockError},
    io::{self, ErrorKind, Read as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

use super::{
    files::{self, Rights},
    session::Session,
    stored_token::StoredToken,
};
use crate::words::bom::without_mark;

/// A store's lock; dropping it unlocks.
#[must_use = "dropping it unlocks"]
pub struct StoreLock(#[expect(dead_code, reason = "held to be dropped")] Box<dyn Any + Send>);

impl StoreLock {
    /// A lock that ends when `guard` is dropped.
    pub fn new(guard: impl Send + 'static) -> Self {
        Self(Box::new(guard))
    }
}

impl fmt::Debug for StoreLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreLock")
    }
}

/// Where clients keep their sessions, so that others can go on with them: the
/// login endpoint allows five requests a minute, for all processes of an
/// application together.
///
/// There are [`MemoryTokenStore`] and [`FileTokenStore`]; another could be the
/// system's keyring or a database. Give it to
/// [`ClientBuilder::token_store`](crate::ClientBuilder::token_store).
///
/// `key` tells servers, applications and users apart; it is text without a
/// secret. The methods may block: they run on a thread for that, unless
/// the store [says](Self::returns_at_once) that they don't. Where one
/// fails, so does the request, with
/// [`ErrorKind::Settings`](crate::ErrorKind::Settings); but a session that can't
/// be saved is used all the same, by this client alone.
pub trait TokenStore: Send + Sync {
    /// The session under this key, if there is one.
    ///
    /// It can be called without the lock, so it must never give a part of what
    /// [`save`](Self::save) is about to write.
    ///
    /// # Errors
    /// Where the store can't be read. A store whose content is damaged is empty.
    fn load(&self, key: &str) -> io::Result<Option<StoredToken>>;

    /// Keeps a session in the place of the one before.
    ///
    /// # Errors
    /// Where the store can't be written.
    fn save(&self, key: &str, token: &StoredToken) -> io::Result<()>;

    /// Removes the session under this key, if there is one.
    ///
    /// # Errors
    /// Where the store can't be written.
    fn remove(&self, key: &str) -> io::Result<()>;

    /// The lock, or `None` while another has it; never waits for it.
    ///
    /// A client saves and removes under it only, and holds it during a login, so
    /// that all who share the store log in once. It should end with its process.
    ///
    /// # Errors
    /// Where the store can't be locked.
    fn try_lock(&self, key: &str) -> io::Result<Option<StoreLock>>;

    /// Whether the methods never block, as in memory; by default `false`. They are called
    /// without a thread of their own then.
    fn returns_at_once(&self) -> bool {
        false
    }
}

/// Keeps sessions in memory, for all clients that have a clone of it. The
/// default, each client with its own.
#[derive(Clone, Default)]
pub struct MemoryTokenStore {
    sessions: Arc<Mutex<BTreeMap<String, StoredToken>>>,
    lock: Arc<tokio::sync::Mutex<()>>,
}

impl MemoryTokenStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn with_sessions<T>(&self, work: impl FnOnce(&mut BTreeMap<String, StoredToken>) -> T) -> T {
        // The map is whole after any panic: each use is one call.
        work(&mut self.sessions.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for MemoryTokenStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryTokenStore").finish_non_exhaustive()
    }
}

impl TokenStore for MemoryTokenStore {
    fn load(&self, key: &str) -> io::Result<Option<StoredToken>> {
        Ok(self.with_sessions(|sessions| sessions.get(key).cloned()))
    }

    fn save(&self, key: &str, token: &StoredToken) -> io::Result<()> {
        self.with_sessions(|sessions| sessions.insert(key.to_owned(), token.clone()));
        Ok(())
    }

    fn remove(&self, key: &str) -> io::Result<()> {
        self.with_sessions(|sessions| sessions.remove(key));
        Ok(())
    }

    fn try_lock(&self, _key: &str) -> io::Result<Option<StoreLock>> {
        Ok(Arc::clone(&self.lock).try_lock_owned().ok().map(StoreLock::new))
    }

    fn returns_at_once(&self) -> bool {
        true
    }
}

/// Keeps sessions in a file, for all processes that use the same one.
///
/// The file is JSON and holds what lets its reader act as the user. On Unix it has
/// mode 0600, and its folder, if it is missing, is created with 0700; on other
/// systems it has the permissions of its folder. Beside it is a file of the same
/// name and `.lock`, which processes lock while they log in; it stays there, empty.
/// The folder must be on a file system with locks, which some network file systems
/// lack.
///
/// A file that is damaged, or isn't a session file, counts as empty and is
/// **replaced** at the next login. Sessions that have ended are left out then.
///
/// | the file is | it is |
/// |---|---|
/// | missing | created with mode 0600; so is its folder, with 0700 |
/// | a regular file | replaced as a whole, by a file of a name that can't be foreseen |
/// | a link | followed: the file that it leads to is replaced, and the link stays |
/// | a link that leads nowhere | followed: the file is created there |
/// | mounted by itself (a bind mount) | written in place |
/// | in a folder that can't be written | written in place, if it exists; else refused |
/// | another owner's | given to that owner, or written in place if that isn't allowed |
/// | read-only (no one may write it) | read, and refused when it would be written |
/// | open to others (any of mode 077) | refused; the error names the `chmod` that helps |
/// | a pipe, a device, a folder, `/dev/stdout` | refused |
#[derive(Clone, Debug)]
pub struct FileTokenStore {
    file: PathBuf,
}

/// What a session file is: a JSON object of texts by key.
#[derive(Default, Serialize, Deserialize)]
struct Content {
    callperf_sessions: BTreeMap<String, String>,
}

/// Far more than sessions need; a larger file is none of this store's.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;

impl FileTokenStore {
    /// A store in this file. Nothing is read or created yet.
    pub fn new(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into() }
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.file.clone().into_os_string();
        name.push(suffix);
        name.into()
    }

    fn read(&self) -> io::Result<Content> {
        match fs::metadata(&self.file) {
            // Opening a pipe would wait for a writer.
            Ok(there) if !there.is_file() => return Err(files::irregular()),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Content::default()),
            Err(error) => return Err(error),
        }
        let file = File::open(&self.file)?;
        if others_can_read(&file.metadata()?) {
            let reason = format!(
                "others than its owner can read it; run `chmod 600 {}`, and log in again if they \
                 may have read it",
                self.file.display()
            );
            return Err(io::Error::new(ErrorKind::PermissionDenied, reason));
        }
        let mut bytes = Vec::new();
        file.take(LARGEST_FILE).read_to_end(&mut bytes)?;
        Ok(serde_json::from_slice(without_mark(&bytes)).unwrap_or_default())
    }

    fn write(&self, content: &Content) -> io::Result<()> {
        files::replace(&self.file, &serde_json::to_vec_pretty(content)?, Rights::Private)
    }

    /// Writes the sessions again where `change` says that it made a change.
    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, String>) -> bool) -> io::Result<()> {
        let changed = self.read().and_then(|mut content| {
            if change(&mut content.callperf_sessions) { self.write(&content) } else { Ok(()) }
        });
        changed.map_err(|error| self.named(error))
    }

    fn lock(&self) -> io::Result<Option<StoreLock>> {
        if let Some(folder) = self.file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            create_folder(folder)?;
        }
        let mut options = files::private();
        let file = options.write(true).create(true).truncate(false).open(self.beside(".lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(StoreLock::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Names the file where the error doesn't.
    fn named(&self, error: io::Error) -> io::Error {
        let file = self.file.display().to_string();
        let text = error.to_string();
        if text.contains(&file) {
            return error;
        }
        io::Error::new(error.kind(), format!("{file}: {text}"))
    }
}

#[cfg(unix)]
fn others_can_read(file: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn others_can_read(_: &fs::Metadata) -> bool {
    false
}

/// Whether a session had ended when another began. One that isn't understood may be another
/// version's.
fn had_ended(text: &str, by: &Session) -> bool {
    let session = Session::from_stored(&StoredToken::new(text));
    session.is_some_and(|session| session.has_ended(by.begun_at()))
}

fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

impl TokenStore for FileTokenStore {
    fn load(&self, key: &str) -> io::Result<Option<StoredToken>> {
        let mut content = self.read().map_err(|error| self.named(error))?;
        Ok(content.callperf_sessions.remove(key).map(StoredToken::new))
    }

    fn save(&self, key: &str, token: &StoredToken) -> io::Result<()> {
        self.change(|sessions| {
            // A session whose code is used up would never be taken out.
            if let Some(saved) = Session::from_stored(token) {
                sessions.retain(|_, text| !had_ended(text, &saved));
            }
            sessions.insert(key.to_owned(), token.expose().to_owned());
            true
        })
    }

    fn remove(&self, key: &str) -> io::Result<()> {
        self.change(|sessions| sessions.remove(key).is_some())
    }

    fn try_lock(&self, _key: &str) -> io::Result<Option<StoreLock>> {
        self.lock().map_err(|error| self.named(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_at_a_time(store: &dyn TokenStore) {
        let lock = store.try_lock("a").unwrap().unwrap();
        assert!(store.try_lock("a").unwrap().is_none());
        drop(lock);
        let _lock = store.try_lock("a").unwrap().unwrap();

        store.save("a", &StoredToken::new("one")).unwrap();
        store.save("b", &StoredToken::new("two")).unwrap();
        store.save("a", &StoredToken::new("three")).unwrap();
        let loaded = |key| store.load(key).unwrap().map(|token| token.expose().to_owned());
        assert_eq!(loaded("a").as_deref(), Some("three"));
        store.remove("a").unwrap();
        store.remove("a").unwrap();
        assert_eq!((loaded("a"), loaded("b").as_deref()), (None, Some("two")));
    }

    #[test]
    fn memory_keeps_sessions_apart() {
        one_at_a_time(&MemoryTokenStore::new());
    }

    #[test]
    fn a_file_keeps_sessions_apart() {
        let folder = tempfile::tempdir().unwrap();
        one_at_a_time(&FileTokenStore::new(folder.path().join("new/folder/sessions.json")));
    }

    #[test]
    fn a_damaged_file_is_empty_and_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sessions.json");
        let store = FileTokenStore::new(&file);
        let contents: [&[u8]; 5] =
            [b"", b"{\"callperf_sess", b"[1, 2]", b"\xff\xfe", b"{\"another\": \"format\"}"];
        for content in contents {
            files::replace(&file, content, Rights::Private).unwrap();
            assert!(store.load("a").unwrap().is_none());
            store.save("a", &StoredToken::new("one")).unwrap();
            assert_eq!(store.load("a").unwrap().unwrap().expose(), "one");
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_damage() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sessions.json");
        let store = FileTokenStore::new(&file);
        store.save("a", &StoredToken::new("one")).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("\u{feff}{text}")).unwrap();
        assert_eq!(store.load("a").unwrap().unwrap().expose(), "one");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_a_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("private/sessions.json");
        let store = FileTokenStore::new(&file);
        let _lock = store.try_lock("a").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let set = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        store.save("a", &StoredToken::new("one")).unwrap();
        assert_eq!(mode(&file), 0o600);
        assert_eq!(mode(file.parent().unwrap()), 0o700);
        for open in [0o644, 0o620, 0o601] {
            set(open);
            let refusals = [store.load("a").map(drop), store.save("a", &StoredToken::new("two"))];
            for refusal in refusals {
                let message = refusal.unwrap_err().to_string();
                let expected = format!("run `chmod 600 {}`", file.display());
                assert!(message.contains(&expected), "{message}");
            }
        }
        for strict in [0o600, 0o400] {
            set(strict);
            assert_eq!(store.load("a").unwrap().unwrap().expose(), "one");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_no_store_and_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sessions.json");
        assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
        let store = FileTokenStore::new(&file);
        let refusals = [store.load("a").map(drop), store.save("a", &StoredToken::new("one"))];
        for refusal in refusals {
            let message = refusal.unwrap_err().to_string();
            let expected = format!("{}: it isn't a regular file; name another", file.display());
            assert_eq!(message, expected);
        }
    }

    #[test]
    fn debug_shows_no_session() {
        let token = StoredToken::new("s3cret");
        let store = MemoryTokenStore::new();
        store.save("a", &token).unwrap();
        assert!(!format!("{token:?} {store:?}").contains("s3cret"));
    }
}

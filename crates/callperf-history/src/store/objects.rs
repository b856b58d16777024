//! Objects below a prefix of an object store, read and written from code that blocks.

use std::{
    fmt,
    future::Future,
    io,
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
};

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::{
    Error as StoreError, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, UpdateVersion,
    path::Path as Key,
};
use tokio::runtime::{Builder, Runtime};

use super::{refusal::as_io, service};
use crate::error::{Error, Result};

/// What a write under a condition came to.
#[derive(Debug)]
pub(super) enum Conditional {
    Written(UpdateVersion),
    /// Another writer was earlier.
    Conflict,
}

/// Objects below a prefix.
#[derive(Clone)]
pub(crate) struct Objects {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn ObjectStore>,
    prefix: Key,
    location: PathBuf,
    /// Own threads, so that callers may be in a runtime or in none.
    runtime: Option<Runtime>,
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Objects").field(&self.inner.location).finish()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // To wait for it isn't allowed in another runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The objects of a location such as `s3://bucket/prefix`.
///
/// # Errors
/// For a URL that can't be used, and for settings of the environment that can't.
pub(super) fn open(location: &Path) -> Result<Objects> {
    let (store, prefix) = service::connect(location)?;
    Objects::over(store, prefix, location.to_owned())
}

impl Objects {
    pub(super) fn over(
        store: Arc<dyn ObjectStore>,
        prefix: Key,
        location: PathBuf,
    ) -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("callperf-objects")
            .enable_all()
            .build()
            .map_err(|error| Error::file(&location, error))?;
        let runtime = Some(runtime);
        Ok(Self { inner: Arc::new(Inner { store, prefix, location, runtime }) })
    }

    pub(super) fn location(&self) -> &Path {
        &self.inner.location
    }

    fn key(&self, name: &str) -> Key {
        let parts = name.split('/').filter(|part| !part.is_empty());
        parts.fold(self.inner.prefix.clone(), Key::join)
    }

    fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = io::Result<T>> + Send + 'static,
    ) -> io::Result<T> {
        let ended = || io::Error::other("the program ends");
        let runtime = self.inner.runtime.as_ref().ok_or_else(ended)?;
        let (done, outcome) = mpsc::sync_channel(1);
        runtime.spawn(async move { drop(done.send(work.await)) });
        outcome.recv().map_err(|_| ended())?
    }

    /// An object's bytes; `None` if there is none.
    pub(super) fn read(&self, name: &str) -> io::Result<Option<Bytes>> {
        Ok(self.read_version(name)?.map(|(bytes, _)| bytes))
    }

    /// The same with the version that a later write can be made to depend on.
    pub(super) fn read_version(&self, name: &str) -> io::Result<Option<(Bytes, UpdateVersion)>> {
        let (store, key) = (Arc::clone(&self.inner.store), self.key(name));
        self.wait(async move {
            let got = match store.get(&key).await {
                Err(StoreError::NotFound { .. }) => return Ok(None),
                got => got.map_err(|error| as_io(&error))?,
            };
            let (expected, version) = (got.meta.size, version(&got.meta));
            let bytes = got.bytes().await.map_err(|error| as_io(&error))?;
            if bytes.len() as u64 != expected {
                let reason = format!("it is cut off: {expected} bytes were to come");
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, reason));
            }
            Ok(Some((bytes, version)))
        })
    }

    /// Several objects, in their order, of which so many are read at the same time.
    pub(super) fn read_all(
        &self,
        names: &[String],
        together: usize,
    ) -> Vec<io::Result<Option<Bytes>>> {
        let keys: Vec<_> = names.iter().map(|name| self.key(name)).collect();
        let store = Arc::clone(&self.inner.store);
        let read = self.wait(async move {
            let gets = keys.into_iter().map(|key| {
                let store = Arc::clone(&store);
                async move {
                    match store.get(&key).await {
                        Err(StoreError::NotFound { .. }) => Ok(None),
                        Err(error) => Err(as_io(&error)),
                        Ok(got) => got.bytes().await.map(Some).map_err(|error| as_io(&error)),
                    }
                }
            });
            Ok(stream::iter(gets).buffered(together).collect::<Vec<_>>().await)
        });
        read.unwrap_or_else(|error| {
            let again = || Err(io::Error::new(error.kind(), error.to_string()));
            names.iter().map(|_| again()).collect()
        })
    }

    pub(super) fn range(&self, name: &str, range: Range<u64>) -> io::Result<Bytes> {
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        let (store, key) = (Arc::clone(&self.inner.store), self.key(name));
        self.wait(async move { store.get_range(&key, range).await.map_err(|error| as_io(&error)) })
    }

    pub(super) fn length(&self, name: &str) -> io::Result<u64> {
        let (store, key) = (Arc::clone(&self.inner.store), self.key(name));
        self.wait(async move {
            store.head(&key).await.map(|meta| meta.size).map_err(|error| as_io(&error))
        })
    }

    /// The objects below a folder with their lengths, by their names relative to the prefix.
    pub(super) fn list(&self, folder: &str) -> io::Result<Vec<(String, u64)>> {
        let (store, key) = (Arc::clone(&self.inner.store), self.key(folder));
        let prefix = self.inner.prefix.clone();
        self.wait(async move {
            let listed = store.list(Some(&key)).map_err(|error| as_io(&error));
            let named = listed.try_filter_map(|meta| {
                let parts = meta.location.prefix_match(&prefix);
                let name = parts.map(|parts| {
                    parts.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/")
                });
                std::future::ready(Ok(name.map(|name| (name, meta.size))))
            });
            named.try_collect().await
        })
    }

    /// Any object below the prefix for which this holds.
    pub(super) fn any(&self, wanted: fn(&str) -> bool) -> io::Result<Option<String>> {
        let (store, prefix) = (Arc::clone(&self.inner.store), self.inner.prefix.clone());
        self.wait(async move {
            let mut listed = store.list(Some(&prefix)).map_err(|error| as_io(&error));
            while let Some(meta) = listed.try_next().await? {
                let parts = meta.location.prefix_match(&prefix).into_iter().flatten();
                let name = parts.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/");
                if wanted(&name) {
                    return Ok(Some(name));
                }
            }
            Ok(None)
        })
    }

    /// Writes an object, over one that may be there.
    pub(super) fn write(&self, name: &str, bytes: Bytes) -> io::Result<()> {
        let (store, key) = (Arc::clone(&self.inner.store), self.key(name));
        self.wait(async move {
            store.put(&key, bytes.into()).await.map(drop).map_err(|error| as_io(&error))
        })
    }

    /// Writes an object if it is still of a version, or if there is none.
    pub(super) fn write_if(
        &self,
        name: &str,
        bytes: Bytes,
        version: Option<UpdateVersion>,
    ) -> io::Result<Conditional> {
        let (store, key) = (Arc::clone(&self.inner.store), self.key(name));
        let mode = version.map_or(PutMode::Create, PutMode::Update);
        let options = PutOptions { mode, ..PutOptions::default() };
        self.wait(async move {
            match store.put_opts(&key, bytes.into(), options).await {
                Ok(written) => Ok(Conditional::Written(written.into())),
                Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => {
                    Ok(Conditional::Conflict)
                }
                Err(error) => Err(as_io(&error)),
            }
        })
    }

    /// Removes objects; those that are gone already count as removed.
    pub(super) fn remove(&self, names: impl IntoIterator<Item = String>) -> io::Result<()> {
        let keys: Vec<_> = names.into_iter().map(|name| Ok(self.key(&name))).collect();
        let store = Arc::clone(&self.inner.store);
        self.wait(async move {
            let mut removed = store.delete_stream(stream::iter(keys).boxed());
            while let Some(outcome) = removed.next().await {
                match outcome {
                    Ok(_) | Err(StoreError::NotFound { .. }) => {}
                    Err(error) => return Err(as_io(&error)),
                }
            }
            Ok(())
        })
    }
}

/// An error, if there is no such object.
pub(super) fn present(bytes: Option<Bytes>) -> io::Result<Bytes> {
    bytes.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no such object"))
}

fn version(meta: &object_store::ObjectMeta) -> UpdateVersion {
    UpdateVersion { e_tag: meta.e_tag.clone(), version: meta.version.clone() }
}

//! Writing to an object store: data objects with names of their own, and a manifest that is put only
//! over the one that was read.
//!
//! No lock is held, so that none has to expire. An object's name has a digest of its content and the
//! run that wrote it, and is never used again: a run that loses overwrites nothing. Objects that no
//! manifest names are listed in the manifest as being removed before they are removed: a run that is
//! about to name one of them finds its manifest out of date, and writes its object once more.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, Read as _, Seek as _},
    path::PathBuf,
};

use bytes::Bytes;
use object_store::UpdateVersion;

use super::objects::{Conditional, Objects};
use crate::{
    error::{Error, Result},
    model::{
        file::Day,
        layout::{MANIFEST, in_partition},
        manifest::{Manifest, Part},
        merge::merge,
    },
};

/// What the last sync changed. Engines pass over it.
const CHANGES: &str = ".changed";
/// An object that shows whether the store keeps to conditions.
const CONDITION: &str = ".conditional-put";
/// How often a manifest is put before it is given up: each time another run was faster.
const ATTEMPTS: usize = 100;

/// The writes of one run.
pub(crate) struct Session {
    objects: Objects,
    /// In the names of what it writes.
    run: String,
    /// Of the names within the run.
    number: u32,
    /// The manifest that was read or put last, and its version.
    base: Option<(Manifest, UpdateVersion)>,
    /// The objects that the next manifest is to name.
    pending: Vec<Pending>,
    changes: Vec<String>,
    /// The lengths of the objects that there were at the start.
    there: Option<BTreeMap<String, u64>>,
}

struct Pending {
    part: Part,
    partition: String,
    entry: Day,
    content: File,
}

impl Session {
    pub(crate) fn new(objects: Objects, run: String) -> Self {
        let (pending, changes) = (Vec::new(), Vec::new());
        Self { objects, run, number: 0, base: None, pending, changes, there: None }
    }

    /// Refuses a prefix that holds something else, and a store that doesn't keep to conditions.
    pub(crate) fn open(objects: Objects) -> Result<Self> {
        let mut session = Self::new(objects, run());
        if session.read_manifest()?.is_none() {
            let foreign = session.objects.any(|name| !name.starts_with('.'));
            if let Some(found) = foreign.map_err(|error| session.failed("", error))? {
                return Err(Error::Foreign { path: session.path(), found });
            }
        }
        session.refuse_without_conditions()?;
        Ok(session)
    }

    fn path(&self) -> PathBuf {
        self.objects.location().to_owned()
    }

    fn failed(&self, name: &str, error: io::Error) -> Error {
        Error::file(&self.objects.location().join(name), error)
    }

    fn unwritten(&self, name: &str, error: io::Error) -> Error {
        Error::unwritten(&self.objects.location().join(name), error)
    }

    fn refuse_without_conditions(&self) -> Result<()> {
        let put = |version| {
            let text = Bytes::from_static(b"callperf: the store must refuse to write this twice\n");
            let written = self.objects.write_if(CONDITION, text, version);
            written.map_err(|error| self.failed(CONDITION, error))
        };
        let other =
            UpdateVersion { e_tag: Some("\"0\"".to_owned()), version: Some("1".to_owned()) };
        // Created by the first run of all, and refused from then on.
        put(None)?;
        for version in [None, Some(other)] {
            if let Conditional::Written(_) = put(version)? {
                return Err(Error::NoConditionalPut { path: self.path() });
            }
        }
        Ok(())
    }

    /// The manifest as it is now, which what is written from here on builds on.
    pub(crate) fn read_manifest(&mut self) -> Result<Option<Manifest>> {
        self.base = self.current()?;
        Ok(self.base.as_ref().map(|(manifest, _)| manifest.clone()))
    }

    fn current(&self) -> Result<Option<(Manifest, UpdateVersion)>> {
        let read = self.objects.read_version(MANIFEST);
        let Some((text, version)) = read.map_err(|error| self.failed(MANIFEST, error))? else {
            return Ok(None);
        };
        let manifest = Manifest::parse(&text, &self.objects.location().join(MANIFEST))?;
        Ok(Some((manifest, version)))
    }

    /// Writes an object that the next manifest is to name. What is there already stays.
    pub(crate) fn put(
        &mut self,
        part: &Part,
        mut entry: Day,
        content: File,
        before: Option<&Day>,
    ) -> io::Result<Day> {
        let partition = part.partition();
        if let Some(before) = before.filter(|before| before.is_same_as(&entry))
            && self.length(&in_partition(&partition, before))? == Some(before.bytes)
        {
            return Ok(before.clone());
        }
        entry.file = Some(self.new_name(&entry));
        let mut pending = Pending { part: part.clone(), partition, entry, content };
        self.write(&mut pending)?;
        let entry = pending.entry.clone();
        self.pending.push(pending);
        Ok(entry)
    }

    fn new_name(&mut self, entry: &Day) -> String {
        self.number += 1;
        let digest = entry.sha256.get(..16).unwrap_or(&entry.sha256);
        format!("part-{digest}-{}-{}.parquet", self.run, self.number)
    }

    fn write(&self, pending: &mut Pending) -> io::Result<()> {
        let mut bytes = Vec::new();
        pending.content.rewind()?;
        pending.content.read_to_end(&mut bytes)?;
        self.objects.write(&in_partition(&pending.partition, &pending.entry), bytes.into())
    }

    /// Puts the manifest over the one that was read. If another run was faster, both are merged.
    pub(crate) fn save(&mut self, manifest: &mut Manifest) -> Result<()> {
        self.save_changes()?;
        for _ in 0..ATTEMPTS {
            let text = manifest.to_json().map_err(|error| self.unwritten(MANIFEST, error))?;
            let version = self.base.as_ref().map(|(_, version)| version.clone());
            let written = self.objects.write_if(MANIFEST, text.into(), version);
            match written.map_err(|error| self.unwritten(MANIFEST, error))? {
                Conditional::Written(version) => {
                    self.base = Some((manifest.clone(), version));
                    self.pending.clear();
                    return Ok(());
                }
                Conditional::Conflict => self.merge(manifest)?,
            }
        }
        Err(Error::Busy { path: self.path() })
    }

    fn merge(&mut self, manifest: &mut Manifest) -> Result<()> {
        let Some((theirs, version)) = self.current()? else {
            return Err(Error::Missing { path: self.path() });
        };
        let base = self.base.as_ref().map(|(base, _)| base);
        let merged = merge(base, manifest, &theirs);
        *manifest = merged.map_err(|what| Error::Meanwhile { path: self.path(), what })?;
        self.write_again(manifest, &theirs)?;
        self.base = Some((theirs, version));
        Ok(())
    }

    /// What was taken for left over meanwhile is written again, by another name.
    fn write_again(&mut self, manifest: &mut Manifest, theirs: &Manifest) -> Result<()> {
        let mut pending = std::mem::take(&mut self.pending);
        for one in &mut pending {
            let name = in_partition(&one.partition, &one.entry);
            let is_there = self.objects.length(&name).is_ok_and(|length| length == one.entry.bytes);
            if is_there && !theirs.removing.contains(&name) {
                continue;
            }
            one.entry.file = Some(self.new_name(&one.entry));
            self.write(one).map_err(|error| self.unwritten(&name, error))?;
            manifest.list(&one.part, one.entry.clone());
        }
        self.pending = pending;
        Ok(())
    }

    /// Removes the objects of earlier runs that the manifest doesn't name.
    pub(crate) fn collect(&mut self, manifest: &mut Manifest, listed: &[String]) -> Result<()> {
        let named: BTreeSet<_> = manifest.files().collect();
        let left = listed.iter().filter(|name| is_ours(name) && !named.contains(*name)).cloned();
        manifest.removing.extend(left);
        if manifest.removing.is_empty() {
            return Ok(());
        }
        // From here on no other run names them.
        self.save(manifest)?;
        let removing = std::mem::take(&mut manifest.removing);
        let removed = self.objects.remove(removing.iter().cloned());
        removed.map_err(|error| self.unwritten("", error))?;
        self.there = None;
        self.save(manifest)
    }

    /// Removes all objects of a folder, which no manifest names from here on.
    pub(crate) fn remove_below(&mut self, folder: &str) -> io::Result<()> {
        let names = self.objects.list(folder)?.into_iter().map(|(name, _)| name);
        self.objects.remove(names.collect::<Vec<_>>())
    }

    /// The length of an object, as it was when this was asked first.
    pub(crate) fn length(&mut self, name: &str) -> io::Result<Option<u64>> {
        if self.there.is_none() {
            self.there = Some(self.objects.list("")?.into_iter().collect());
        }
        Ok(self.there.as_ref().and_then(|there| there.get(name).copied()))
    }

    pub(crate) fn begin_changes(&mut self) -> Result<()> {
        self.changes.clear();
        self.write_changes()
    }

    pub(crate) fn note_change(&mut self, partition: &str) {
        self.changes.push(partition.to_owned());
    }

    fn save_changes(&self) -> Result<()> {
        if self.changes.is_empty() { Ok(()) } else { self.write_changes() }
    }

    fn write_changes(&self) -> Result<()> {
        let lines = self.changes.iter().flat_map(|line| [line.as_str(), "\n"]);
        let lines: String = lines.collect();
        self.objects.write(CHANGES, lines.into()).map_err(|error| self.unwritten(CHANGES, error))
    }
}

/// The partitions that the last sync changed.
pub(crate) fn changes(objects: &Objects) -> Result<Vec<PathBuf>> {
    let read = objects.read(CHANGES);
    let text = read.map_err(|error| Error::file(&objects.location().join(CHANGES), error))?;
    let text = text.map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default();
    Ok(text.lines().map(PathBuf::from).collect())
}

/// Whether a run has written it, and not a person.
fn is_ours(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let inner = file.strip_prefix("part-").and_then(|rest| rest.strip_suffix(".parquet"));
    let parts: Vec<_> = inner.map(|inner| inner.split('-').collect()).unwrap_or_default();
    let is_hex = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    parts.len() == 3 && parts[0].len() == 16 && parts.iter().all(|part| is_hex(part))
}

/// What no other run is called.
fn run() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    // Seeded by the system, for each of them anew.
    format!("{:016x}", RandomState::new().hash_one(std::process::id()))
}

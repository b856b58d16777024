//! Two runs at one prefix of an object store, in every order of their requests.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Condvar, Mutex},
    thread,
};

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream::BoxStream};
use jiff::civil::Date;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result as Stored, memory::InMemory,
    path::Path as Key,
};

use super::{
    objects::Objects,
    place::Place,
    spool::{Key as RowKey, Row},
    writing::Store,
};
use crate::{
    error::Error,
    model::{
        manifest::{Manifest, Part},
        table::{SeriesName, Table},
    },
};

/// Whose request is next.
#[derive(Debug, Default)]
struct Turns {
    /// The runs whose next request waits.
    waiting: [bool; 2],
    ended: [bool; 2],
    admitted: Option<usize>,
}

#[derive(Debug, Default)]
struct Gate {
    turns: Mutex<Turns>,
    changed: Condvar,
}

impl Gate {
    /// Waits until it is this run's turn.
    fn enter(&self, run: usize) {
        let mut turns = self.turns.lock().unwrap();
        turns.waiting[run] = true;
        self.changed.notify_all();
        while turns.admitted != Some(run) {
            turns = self.changed.wait(turns).unwrap();
        }
        turns.waiting[run] = false;
    }

    fn leave(&self) {
        self.turns.lock().unwrap().admitted = None;
        self.changed.notify_all();
    }

    fn end(&self, run: usize) {
        self.turns.lock().unwrap().ended[run] = true;
        self.changed.notify_all();
    }

    /// Lets the runs go on in an order. Returns the choices, of how many each, until both ended.
    fn conduct(&self, order: &[usize]) -> Vec<(usize, usize)> {
        let mut choices = Vec::new();
        loop {
            let mut turns = self.turns.lock().unwrap();
            let is_settled = |turns: &Turns| {
                turns.admitted.is_none() && (0..2).all(|run| turns.waiting[run] || turns.ended[run])
            };
            while !is_settled(&turns) {
                turns = self.changed.wait(turns).unwrap();
            }
            let waiting: Vec<_> = (0..2).filter(|run| turns.waiting[*run]).collect();
            if waiting.is_empty() {
                return choices;
            }
            let choice = order.get(choices.len()).copied().unwrap_or_default();
            choices.push((choice, waiting.len()));
            turns.admitted = Some(waiting[choice]);
            self.changed.notify_all();
        }
    }
}

/// A store of which each request waits for its turn.
#[derive(Debug)]
struct Stepped {
    store: Arc<InMemory>,
    gate: Arc<Gate>,
    run: usize,
}

impl fmt::Display for Stepped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "run {}", self.run)
    }
}

impl Stepped {
    async fn step<T>(&self, request: impl Future<Output = T>) -> T {
        // Nothing else runs on the thread of this run's requests.
        self.gate.enter(self.run);
        let outcome = request.await;
        self.gate.leave();
        outcome
    }
}

#[async_trait]
impl ObjectStore for Stepped {
    async fn put_opts(&self, key: &Key, bytes: PutPayload, how: PutOptions) -> Stored<PutResult> {
        self.step(self.store.put_opts(key, bytes, how)).await
    }

    async fn put_multipart_opts(
        &self,
        key: &Key,
        how: PutMultipartOptions,
    ) -> Stored<Box<dyn MultipartUpload>> {
        self.store.put_multipart_opts(key, how).await
    }

    async fn get_opts(&self, key: &Key, how: GetOptions) -> Stored<GetResult> {
        self.step(self.store.get_opts(key, how)).await
    }

    fn delete_stream(
        &self,
        keys: BoxStream<'static, Stored<Key>>,
    ) -> BoxStream<'static, Stored<Key>> {
        let (store, gate, run) = (Arc::clone(&self.store), Arc::clone(&self.gate), self.run);
        let deleted = async move {
            gate.enter(run);
            let deleted: Vec<_> = store.delete_stream(keys).collect().await;
            gate.leave();
            futures_util::stream::iter(deleted)
        };
        futures_util::stream::once(deleted).flatten().boxed()
    }

    fn list(&self, prefix: Option<&Key>) -> BoxStream<'static, Stored<ObjectMeta>> {
        let (store, gate, run) = (Arc::clone(&self.store), Arc::clone(&self.gate), self.run);
        let prefix = prefix.cloned();
        let listed = async move {
            gate.enter(run);
            let listed: Vec<_> = store.list(prefix.as_ref()).collect().await;
            gate.leave();
            futures_util::stream::iter(listed)
        };
        futures_util::stream::once(listed).flatten().boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Key>) -> Stored<ListResult> {
        self.store.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Key, to: &Key, how: CopyOptions) -> Stored<()> {
        self.store.copy_opts(from, to, how).await
    }
}

fn place(store: Arc<dyn ObjectStore>) -> Objects {
    Objects::over(store, Key::from("calls"), "s3://bucket/calls".into()).unwrap()
}

fn day(number: i8) -> Date {
    Date::new(2026, 11, number).unwrap()
}

fn users() -> SeriesName {
    SeriesName::new(Table::Daily, "Users")
}

/// Writes a day in which each user has so many calls, as a sync does.
fn write(store: &Store, day: Date, calls: f64) -> Result<(), Error> {
    let mut manifest = store.manifest()?.unwrap_or_else(|| Manifest::new(None, "UTC".to_owned()));
    manifest.keep(&users(), self::day(1));
    let mut spool = store.spool()?;
    let label = spool.label("calls", "total", None, "Instances");
    let key = RowKey { id: "1".to_owned(), extension: None, name: None };
    let row = Row { time: 0, label, value: calls };
    spool.add(key, &BTreeMap::from([(day, vec![row])])).unwrap();
    store.write(&users(), &[day], spool, &mut manifest)
}

fn collect(store: &Store) -> Result<(), Error> {
    let Some(mut manifest) = store.manifest()? else { return Ok(()) };
    store.collect(&mut manifest)
}

type Work = fn(&Store) -> Result<(), Error>;

/// What is left after both runs, and how each ended.
struct Left {
    store: Arc<InMemory>,
    outcomes: [Result<(), Error>; 2],
}

/// Runs both in each order of their requests, after `before`, and looks at what each leaves.
fn in_all_orders(before: Work, works: [Work; 2], look: impl Fn(&Left, &[usize])) -> usize {
    let (mut order, mut orders) = (Vec::new(), 0);
    loop {
        let store = Arc::new(InMemory::new());
        before(&Store::of_run(place(Arc::clone(&store) as _), "0")).unwrap();
        let gate = Arc::new(Gate::default());
        let (outcomes, choices) = thread::scope(|scope| {
            let runs: Vec<_> = (0..2)
                .map(|run| {
                    let (store, gate) = (Arc::clone(&store), Arc::clone(&gate));
                    scope.spawn(move || {
                        let stepped = Stepped { store, gate: Arc::clone(&gate), run };
                        let name = ["a", "b"][run];
                        let outcome = works[run](&Store::of_run(place(Arc::new(stepped)), name));
                        gate.end(run);
                        outcome
                    })
                })
                .collect();
            let choices = gate.conduct(&order);
            let outcomes: Vec<_> = runs.into_iter().map(|run| run.join().unwrap()).collect();
            (outcomes, choices)
        });
        let Ok(outcomes) = <[_; 2]>::try_from(outcomes) else { unreachable!("there are two") };
        let taken: Vec<_> = choices.iter().map(|(choice, _)| *choice).collect();
        look(&Left { store, outcomes }, &taken);
        orders += 1;
        // The last choice that had another one left.
        let Some(last) = choices.iter().rposition(|(choice, of)| choice + 1 < *of) else {
            return orders;
        };
        order = taken[..last].to_vec();
        order.push(taken[last] + 1);
    }
}

impl Left {
    fn manifest(&self) -> Manifest {
        Place::Objects(place(Arc::clone(&self.store) as _)).read_manifest().unwrap()
    }

    /// The days of which the file is there and what was written.
    fn days(&self) -> BTreeSet<Date> {
        let (place, manifest) =
            (Place::Objects(place(Arc::clone(&self.store) as _)), self.manifest());
        let days = &manifest.get(&users()).unwrap().days;
        let sound = days.iter().filter(|(day, listed)| {
            let file = crate::model::layout::part(&users(), **day, listed);
            place.read(&file, listed).is_ok()
        });
        assert_eq!(sound.clone().count(), days.len(), "a file that is named isn't there");
        sound.map(|(day, _)| *day).collect()
    }

    fn objects(&self) -> BTreeSet<String> {
        let listed = place(Arc::clone(&self.store) as _).list("daily").unwrap();
        listed.into_iter().map(|(name, _)| name).collect()
    }
}

#[test]
fn two_first_runs_keep_what_both_wrote() {
    let nothing: Work = |_| Ok(());
    let works: [Work; 2] = [|store| write(store, day(3), 1.0), |store| write(store, day(4), 2.0)];
    let orders = in_all_orders(nothing, works, |left, order| {
        assert!(left.outcomes.iter().all(Result::is_ok), "{order:?}: {:?}", left.outcomes);
        assert_eq!(left.days(), [day(3), day(4)].into(), "{order:?}");
    });
    // Of four requests each, or more: 8 over 4.
    assert!(orders >= 70, "{orders}");
}

#[test]
fn two_runs_that_write_one_day_leave_one_file_listed() {
    let before: Work = |store| write(store, day(2), 1.0);
    let works: [Work; 2] = [|store| write(store, day(3), 1.0), |store| write(store, day(3), 2.0)];
    let orders = in_all_orders(before, works, |left, order| {
        assert!(left.outcomes.iter().all(Result::is_ok), "{order:?}: {:?}", left.outcomes);
        assert_eq!(left.days(), [day(2), day(3)].into(), "{order:?}");
        // Both wrote an object, neither over the other's; the next run collects the one that lost.
        assert_eq!(left.objects().len(), 3, "{order:?}");
        collect(&Store::of_run(place(Arc::clone(&left.store) as _), "c")).unwrap();
        assert_eq!(left.objects(), left.manifest().files().collect(), "{order:?}");
    });
    // Of four requests each, or more: 8 over 4.
    assert!(orders >= 70, "{orders}");
}

/// What a killed run left is collected while another run writes: nothing that it names.
#[test]
fn what_is_collected_is_never_what_a_manifest_names() {
    let before: Work = |store| {
        write(store, day(2), 1.0)?;
        // Of a run that was killed before its manifest.
        let Place::Objects(objects) = store.place() else { unreachable!() };
        let left = "daily/grouping=Users/date=2026-11-09/part-0123456789abcdef-9-1.parquet";
        objects.write(left, "left".into()).unwrap();
        Ok(())
    };
    let works: [Work; 2] = [collect, |store| write(store, day(3), 1.0)];
    let orders = in_all_orders(before, works, |left, order| {
        assert!(left.outcomes.iter().all(Result::is_ok), "{order:?}: {:?}", left.outcomes);
        assert_eq!(left.days(), [day(2), day(3)].into(), "{order:?}");
        assert!(left.manifest().removing.is_empty(), "{order:?}");
        assert!(!left.objects().iter().any(|name| name.contains("date=2026-11-09")), "{order:?}");
    });
    // Of four requests each, or more: 8 over 4.
    assert!(orders >= 70, "{orders}");
}

#[test]
fn two_collections_end_with_what_is_named() {
    let before: Work = |store| {
        write(store, day(2), 1.0)?;
        write(store, day(2), 2.0)
    };
    let works: [Work; 2] = [collect, collect];
    in_all_orders(before, works, |left, order| {
        assert!(left.outcomes.iter().all(Result::is_ok), "{order:?}: {:?}", left.outcomes);
        assert_eq!(left.days(), [day(2)].into(), "{order:?}");
        assert_eq!(left.objects(), left.manifest().files().collect(), "{order:?}");
    });
}

/// A run that didn't know of an erasure must not bring the key back.
#[test]
fn keys_that_are_erased_stay_out() {
    let before: Work = |store| write(store, day(2), 1.0);
    let forget: Work = |store| {
        let mut manifest = store.existing_manifest()?;
        manifest.forget(&["1".to_owned()].into());
        store.save(&mut manifest)
    };
    let works: [Work; 2] = [forget, |store| write(store, day(3), 1.0)];
    in_all_orders(before, works, |left, order| {
        let manifest = left.manifest();
        let refused = left.outcomes.iter().filter(|it| matches!(it, Err(Error::Meanwhile { .. })));
        let has_new_day = manifest.entry(&Part::Series(users(), day(3))).is_some();
        let is_erasing = !manifest.forgetting.is_empty();
        // One of both must know of the other before it goes on.
        assert_eq!(refused.count(), usize::from(!(has_new_day && is_erasing)), "{order:?}");
    });
}

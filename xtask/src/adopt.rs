//! `cargo xtask adopt`: a vendor document becomes the revision that a client is made from.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::canon;
use crate::catalogue::{self, Api, Catalogue, Target};
use crate::changelog::{self, CHANGELOG};
use crate::coverage::{self, Coverage, Place, UNCOVERED, VOCABULARY as VOCABULARY_FILE, coverage};
use crate::diff::{self, Difference, Direction, Renames, Verdict, rules};
use crate::document;
use crate::downgrade;
use crate::envelope;
use crate::error::{Error, Problem, Result};
use crate::generate::generate;
use crate::import::{Import, import_document, is_revision};
use crate::overlay;
use crate::parts::{Parts, VOCABULARY};
use crate::renames::recorded::Undecided;
use crate::renames::spelling::{backward_all, ended, undo_all};
use crate::renames::{self, RENAMES, recorded};
use crate::revision::published;
use crate::workspace::{CATALOGUE, Changes, Workspace};

#[derive(Debug)]
pub struct Adoption {
    pub changes: Changes,
    /// What is not as it should be, and was done all the same.
    pub forced: Option<String>,
    pub differences: Vec<Difference>,
    /// What a person may do next, each with file and place.
    pub to_do: Vec<String>,
}

/// What a document comes to that is adopted for each api that it has.
#[derive(Debug, Default)]
pub struct Adopted {
    pub changes: Changes,
    pub apis: Vec<(Api, Adoption)>,
    /// The apis whose current revision has the same interface.
    pub fresh: Vec<Api>,
    /// What the document lacks of apis that it has other operations of.
    pub lacking: Vec<(Api, Problem)>,
}

/// Adopts a document for every api that it has whole. An api that it has in part is left as it is.
pub fn adopt_all(workspace: &Workspace, file: &Path, date: &str, force: bool) -> Result<Adopted> {
    let catalogue = Catalogue::load(workspace)?;
    let document = downgrade::read(file, &catalogue, None)?;
    let name = file.display().to_string();
    let mut adopted = Adopted::default();
    for (api, entry) in &catalogue.api {
        let Some(Target { revision, .. }) = &entry.generate else { continue };
        if !canon::has_operations(&document, entry) {
            let lacks = canon::lacks(&document, entry).into_iter();
            adopted.lacking.extend(lacks.map(|problem| (*api, problem.in_file(&name))));
        } else if is_revision(&catalogue, &document, *api, revision)
            .map_err(|e| e.in_file(&name))?
        {
            adopted.fresh.push(*api);
        } else {
            let after = workspace.with(&adopted.changes);
            let mut adoption = adopt_document(&after, &name, &document, (*api, date), force)?;
            adopted.changes.extend(std::mem::take(&mut adoption.changes));
            adopted.apis.push((*api, adoption));
        }
    }
    if adopted.apis.is_empty() && adopted.fresh.is_empty() {
        return Err(of_no_api(&adopted, &name));
    }
    Ok(adopted)
}

fn of_no_api(adopted: &Adopted, name: &str) -> Error {
    let lacking: Vec<_> = adopted.lacking.iter().map(|(_, problem)| problem.clone()).collect();
    if !lacking.is_empty() {
        return Error::Input(lacking);
    }
    let remedy = "check that it is a document of an api in openapi/revisions.toml";
    canon::of_no_api(remedy).in_file(name).into()
}

/// The whole of it in memory: the caller writes everything or nothing.
pub fn adopt(
    workspace: &Workspace,
    file: &Path,
    api: Api,
    date: &str,
    force: bool,
) -> Result<Adoption> {
    let catalogue = Catalogue::load(workspace)?;
    current(&catalogue, api)?;
    let document = downgrade::read(file, &catalogue, Some(api))?;
    adopt_document(workspace, &file.display().to_string(), &document, (api, date), force)
}

fn adopt_document(
    workspace: &Workspace,
    name: &str,
    document: &Value,
    (api, date): (Api, &str),
    force: bool,
) -> Result<Adoption> {
    let catalogue = Catalogue::load(workspace)?;
    let before = current(&catalogue, api)?.revision.clone();
    is_of(&catalogue, document, api).map_err(|problem| problem.in_file(name))?;
    let forced = is_newer(date, &before, force).map_err(|problem| problem.in_file(name))?;

    let imported = import_document(workspace, &catalogue, document, api, date);
    let mut changes = match imported.map_err(|error| error.in_file(name))? {
        Import::New(changes) => changes,
        Import::Unchanged => Changes::default(),
    };
    let entries = workspace.with(&changes).read(CATALOGUE)?;
    changes.write(CATALOGUE, catalogue::with_current(&entries, api, date)?);

    let after = workspace.with(&changes);
    let catalogue = Catalogue::load(&after)?;
    let (old, _) = published(&after, &catalogue, api, &before)?;
    let (document, _) = published(&after, &catalogue, api, date)?;
    if !force {
        words_stay(&old, &document).map_err(|problem| problem.in_file(name))?;
    }
    let renames = Renames::load(&after, Some(&before), Some(date))?;
    let differences = diff::diff(&old, &document, &renames, false);
    // Going back, what is gone is what a later revision brought.
    if *date > *before {
        record(&after, &mut changes, &differences, (&old, &document), (api, date))?;
    }
    let ended = end_renames(workspace, &mut changes, &document, (api, date), &before)?;
    let closed = close_overlays(workspace, &mut changes, api, &before, date)?;

    let coverage = coverage(&workspace.with(&changes), None)?;
    changes.write(UNCOVERED, coverage::list(&coverage.missing));
    changes.extend(generate(&workspace.with(&changes))?);
    let folder = folder(&catalogue, api)?;
    let recorded = renames::of(&workspace.with(&changes), api, date)?;
    let is_recorded = |it: &Difference| recorded::is_recorded(it, (&old, &document), &recorded);
    let open: Vec<_> = differences.iter().filter(|it| !is_recorded(it)).collect();
    let undecided = recorded::undecided(&open, &differences);
    let kinds = Parts::load(&workspace.with(&changes), api, &document)?;
    let words = new_words(&kinds, &differences, &coverage, &folder, &undecided);
    let mut to_do: Vec<_> =
        undecided.lines.iter().cloned().chain(ended).chain(closed).chain(words).collect();
    to_do.extend(envelope::lost(workspace, api, &old, &recorded, &folder)?);
    if !catalogue.entry(api)?.vocabulary {
        to_do.extend(differences.iter().filter_map(new_parameter));
    }
    to_do.extend(broken(&open, &coverage, &folder, &undecided));
    if before != date {
        let text = changelog::with_entry(
            &workspace.read(CHANGELOG)?,
            &entry(api, date, &before, &differences),
        )?;
        changes.write(CHANGELOG, text);
    }
    Ok(Adoption { changes, forced, differences, to_do })
}

/// Writes what was renamed or dropped beyond doubt to the renames, and the names that are left to the vocabulary.
fn record(
    workspace: &Workspace,
    changes: &mut Changes,
    differences: &[Difference],
    documents: (&Value, &Value),
    (api, date): (Api, &str),
) -> Result<()> {
    let mut certain = recorded::certain(differences, documents, api, date);
    let known = renames::of(workspace, api, date)?;
    certain.extend(recorded::schemas(differences, api, date));
    // What is only looked up has no rule that would refuse it: a person has to know.
    if Catalogue::load(workspace)?.entry(api)?.vocabulary {
        certain.extend(recorded::dropped(differences, documents.1, (api, date), &known));
    }
    let text = workspace.read(RENAMES)?;
    let with_certain = recorded::with(&text, &certain)?;
    if with_certain != text {
        changes.write(RENAMES, with_certain);
    }
    let after = workspace.with(changes);
    let catalogue = Catalogue::load(&after)?;
    let mut renames = renames::since_named(&after, &catalogue, api, date)?;
    renames.retain(|rename| rename.revision == date);
    if renames.is_empty() {
        return Ok(());
    }
    let (older, respellings) = undo_all(documents.1, &renames)?;
    let entry = catalogue.entry(api)?;
    let [then, now] = [&older, documents.1].map(|it| coverage::pointers(it, entry));
    let text = coverage::respelled(&after, api, (&then, &now), |pointer| {
        backward_all(&respellings, pointer)
    })?;
    changes.write(VOCABULARY_FILE, text);
    Ok(())
}

/// Ends the renames that hold no longer, and says what there is to do about each.
fn end_renames(
    workspace: &Workspace,
    changes: &mut Changes,
    document: &Value,
    (api, date): (Api, &str),
    before: &str,
) -> Result<Vec<String>> {
    let after = workspace.with(changes);
    let catalogue = Catalogue::load(&after)?;
    let renames = renames::since_named(&after, &catalogue, api, date)?;
    let ended = ended(document, &renames, date);
    // Going back, those that held then hold again.
    if ended.is_empty() || date <= before {
        return Ok(Vec::new());
    }
    changes.write(RENAMES, recorded::with_until(&after.read(RENAMES)?, &ended, date)?);
    let folder = folder(&catalogue, api)?;
    Ok(ended.iter().map(|it| recorded::line_of(it, date, &folder)).collect())
}

fn current(catalogue: &Catalogue, api: Api) -> Result<&Target> {
    catalogue.entry(api)?.generate.as_ref().ok_or_else(|| {
        let what = format!("says that nothing is generated from {api}");
        Problem::new("", what, "import the document instead").in_file(CATALOGUE).into()
    })
}

/// Import says what it misses; here it can be said whose document it is.
fn is_of(catalogue: &Catalogue, document: &Value, api: Api) -> Result<(), Problem> {
    let has = |api| catalogue.api.get(&api).is_some_and(|it| canon::has_operations(document, it));
    let other = catalogue.api.keys().find(|other| has(**other));
    match other {
        Some(other) if !has(api) => {
            let what = format!("is a document of {other}, not of {api}");
            Err(Problem::new("/paths", what, format!("adopt it with `--api {other}`")))
        }
        _ => Ok(()),
    }
}

fn is_newer(date: &str, before: &str, force: bool) -> Result<Option<String>, Problem> {
    let what = format!("is of {date}, and the current revision of {before}");
    match (date < before, force) {
        (false, _) => Ok(None),
        (true, true) => Ok(Some(format!("the document {what}: adopted because of --force"))),
        (true, false) => {
            let remedy = "import it, or adopt it with --force to go back to it";
            Err(Problem::new("", what, remedy))
        }
    }
}

/// Ends the range of every action that has nothing to do any more.
fn close_overlays(
    workspace: &Workspace,
    changes: &mut Changes,
    api: Api,
    before: &str,
    date: &str,
) -> Result<Vec<String>> {
    let after = workspace.with(changes);
    let catalogue = Catalogue::load(&after)?;
    let (mut document, _) = published(&after, &catalogue, api, date)?;
    // An action may be for a revision that is known and was never the current one.
    let known = catalogue.dates(api).into_iter().rfind(|known| *known < date);
    let last = known.unwrap_or(before);
    let renames = renames::since_named(&after, &catalogue, api, date)?;
    let mut closed = Vec::new();
    for overlay in overlay::load(&after, &catalogue)? {
        let file = overlay.file.clone();
        for idle in overlay.run(&mut document, (api, date), &renames)? {
            let overlay::Idle { index, target, is_open, problem } = idle;
            if !is_open || date <= before {
                return Err(problem.in_file(&file).into());
            }
            let text = workspace.with(changes).read(&file)?;
            changes.write(&file, overlay::closed(&text, &file, index, last)?);
            closed.push(format!(
                "{file}#/actions/{index}: {target} no longer applies: its x-last-revision is \
                 {last} now; write a new action if the text still holds"
            ));
        }
    }
    Ok(closed)
}

/// No program could go on with it, so it is more likely a mistake than a new revision.
fn words_stay(old: &Value, new: &Value) -> Result<(), Problem> {
    let schemas = old["components"]["schemas"].as_object().into_iter().flatten();
    let words = schemas.filter(|(_, schema)| schema.get("enum").is_some());
    for (name, _) in words {
        let now = &new["components"]["schemas"][name];
        if now.get("properties").is_some() || now["type"] == "object" {
            let pointer = document::child("/components/schemas", name);
            let what = "was a list of words, and is an object now";
            let remedy = "check the document; adopt it with --force if that is meant";
            return Err(Problem::new(pointer, what, remedy));
        }
    }
    Ok(())
}

const FAILURE: &str = "crates/callperf/src/http/failure.rs";
/// A folder for each api, or a file if it has no vocabulary: its table of words, options and fields, its requests and responses.
const WIRE: &str = "crates/callperf/src/wire";

/// Where the hand-written code of an api is.
fn folder(catalogue: &Catalogue, api: Api) -> Result<String> {
    let module = &current(catalogue, api)?.module;
    let is_folder = catalogue.entry(api)?.vocabulary;
    Ok(if is_folder { format!("{WIRE}/{module}") } else { format!("{WIRE}/{module}.rs") })
}

static ADDED: [&rules::Rule; 5] = [
    &rules::VALUE_ADDED,
    &rules::PROPERTY_ADDED,
    &rules::REQUIRED_PROPERTY_ADDED,
    &rules::PARAMETER_ADDED,
    &rules::REQUIRED_PARAMETER_ADDED,
];

/// What was added and has no word yet. It can be used by its wire name already.
fn new_words(
    parts: &Parts<'_>,
    differences: &[Difference],
    coverage: &Coverage,
    folder: &str,
    undecided: &Undecided,
) -> Vec<String> {
    let new: BTreeSet<_> = coverage.missing.difference(&coverage.listed).collect();
    let is_new = |pointer: &str| new.iter().any(|place| place.pointer == pointer);
    let mut lines = Vec::new();
    let added = differences.iter().filter(|it| ADDED.contains(&it.rule) && is_new(&it.pointer));
    for difference in added {
        let line = new_word(parts, difference, folder) + unless_renamed(difference, undecided);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    if !new.is_empty() {
        lines.push(format!(
            "{UNCOVERED}: {} more lines: take those out that have a word, and generate",
            new.len()
        ));
    }
    lines
}

/// What only one answer to a question above asks for.
fn unless_renamed(difference: &Difference, undecided: &Undecided) -> &'static str {
    if undecided.pointers.contains(&difference.pointer) { UNLESS_RENAMED } else { "" }
}

const UNLESS_RENAMED: &str = " (unless it was renamed: see above)";

fn new_word(parts: &Parts<'_>, difference: &Difference, folder: &str) -> String {
    let table = format!("{folder}/table.rs");
    let Difference { pointer, new, rule, direction, .. } = difference;
    let (place, name) = (short(pointer), new.as_deref().unwrap_or_default());
    if let Some(line) = new_parameter(difference) {
        return line;
    }
    let what = match *rule {
        rule if *rule == rules::VALUE_ADDED => {
            format!("new value `{name}`: add one line to {VOCABULARY} and one to {table}")
        }
        _ if *direction == Direction::Request => parts.request(pointer, folder),
        _ => parts.response(pointer, &table),
    };
    format!("`{place}`: {what}")
}

/// A query parameter that an operation has got. It needs no word: an api without a vocabulary has some, too.
fn new_parameter(difference: &Difference) -> Option<String> {
    let added = [&rules::PARAMETER_ADDED, &rules::REQUIRED_PARAMETER_ADDED];
    added.contains(&difference.rule).then(|| {
        let (of, name) = (difference.operations.join(", "), difference.new.as_deref());
        format!(
            "{CATALOGUE}: {of}: new query parameter `{}`: sent by wire name until it is in \
             `query` there",
            name.unwrap_or_default()
        )
    })
}

/// `/components/schemas/A/properties/b/enum/C` in short: `A/b`.
fn short(pointer: &str) -> String {
    let (place, _) = pointer.split_once("/enum/").unwrap_or((pointer, ""));
    let place = place.strip_prefix("/components/schemas/").unwrap_or(place);
    place.replace("/properties/", "/")
}

/// What the hand-written code may rely on and is no longer so.
///
/// `open` are the differences that aren't recorded as renames, which keep their old identifiers.
fn broken(
    open: &[&Difference],
    coverage: &Coverage,
    folder: &str,
    undecided: &Undecided,
) -> Vec<String> {
    let concerns_code =
        |it: &&&Difference| it.verdict == Verdict::Breaking || NAMED_OTHERWISE.contains(&it.rule);
    let changed = open.iter().filter(concerns_code);
    let changed = changed.map(|it| {
        let file = if it.direction == Direction::Error { FAILURE } else { folder };
        let (what, place) = (it.what(), it.place());
        format!("{file}: {what} ({place}){}{}", unless_renamed(it, undecided), copied(it, coverage))
    });
    let gone = coverage.gone.iter().map(|Place { api, pointer }| {
        let unless = if undecided.pointers.contains(pointer) { UNLESS_RENAMED } else { "" };
        format!(
            "{VOCABULARY}: {api} {pointer}: the document has it no longer; take its word out{unless}"
        )
    });
    changed.chain(gone).collect()
}

/// What only changes the names of generated types.
static NAMED_OTHERWISE: [&rules::Rule; 2] = [&rules::SCHEMA_RENAMED, &rules::SCHEMA_REPLACED];

/// What to do about the words of a component that stands where another one did.
fn copied(it: &Difference, coverage: &Coverage) -> String {
    let (Some(old), Some(new)) = (&it.old, &it.new) else { return String::new() };
    let start = document::child("/components/schemas", new) + "/";
    let has_no_word = coverage.missing.iter().any(|place| place.pointer.starts_with(&start));
    if it.rule != &rules::SCHEMA_REPLACED || !has_no_word {
        return String::new();
    }
    format!(
        ": give `{new}` the words that `{old}` has, take its lines out of {UNCOVERED}, and generate: until then, what \
         it holds is generated as a map"
    )
}

fn entry(api: Api, date: &str, before: &str, differences: &[Difference]) -> String {
    let summary = diff::summary(differences);
    let mut lines = vec![format!("- Generated from {api} {date}; since {before}: {summary}.")];
    for it in differences.iter().filter(|it| it.verdict != Verdict::Documentation) {
        let (verdict, direction, what) = (it.verdict, it.direction, it.what());
        lines.push(format!("  - {verdict} ({direction}): {what}, `{}`", it.place()));
    }
    lines.join("\n")
}

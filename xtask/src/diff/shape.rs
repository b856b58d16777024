//! A schema as it is compared: references followed, all that applies to a value at once put
//! together, and a choice taken apart into its alternatives.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::parts::{Layer, Part, STEPS, expanded};
use super::rules::Direction;
use super::value::words_of;
use crate::document::child;
use crate::node::{Place, followed};

/// Stands for a schema that isn't there, which allows anything.
static ANYTHING: Value = Value::Null;

#[derive(Debug, Clone)]
pub(super) struct Property<'a> {
    /// Every schema of it; a composition can have several.
    pub(super) sources: Vec<Layer<'a>>,
    pub(super) required: bool,
}

impl Property<'_> {
    pub(super) fn pointer(&self) -> &str {
        &self.sources[0].pointer
    }
}

pub(super) type Properties<'a> = BTreeMap<String, Property<'a>>;

#[derive(Debug, Clone)]
pub(super) struct Shape<'a> {
    document: &'a Value,
    pub(super) pointer: String,
    /// Where it is used, which is elsewhere once a reference has been followed.
    pub(super) site: String,
    /// Of the component it is, or was reached through.
    pub(super) name: Option<String>,
    /// All that applies, outermost first; what only an alternative says is in `choices`.
    pub(super) layers: Vec<Layer<'a>>,
    /// The alternatives, each with the layers around the choice; none if there is only one.
    pub(super) choices: Vec<Shape<'a>>,
    /// The keywords of the choices.
    pub(super) keys: BTreeSet<&'static str>,
    /// Choices that multiply to too many alternatives, branch by branch.
    pub(super) unexpanded: Vec<Layer<'a>>,
    pub(super) nullable: bool,
    /// Of an object; of all alternatives if there is a choice.
    pub(super) properties: Properties<'a>,
    /// Names that have to be there, whether `properties` has them or not.
    pub(super) required: BTreeSet<String>,
}

impl<'a> Shape<'a> {
    pub(super) fn new(document: &'a Value, schema: &'a Value, pointer: String) -> Self {
        Self::of(document, vec![Layer { schema, pointer }])
    }

    /// What several schemas at once say.
    pub(super) fn of(document: &'a Value, sources: Vec<Layer<'a>>) -> Self {
        let site = sources[0].pointer.clone();
        let Place { pointer, name, .. } =
            followed(document, sources[0].schema, site.clone(), STEPS);
        let (parts, keys) = expanded(document, sources);
        let nullable = parts.iter().any(Part::allows_null);
        let unexpanded = parts[0].unexpanded.clone();
        let layers = shared(&parts);
        let mut choices: Vec<_> =
            parts.into_iter().map(|part| Self::alternative(document, part, &site)).collect();
        let (properties, required) = match choices.as_mut_slice() {
            [only] => (std::mem::take(&mut only.properties), std::mem::take(&mut only.required)),
            several => united(several),
        };
        if choices.len() == 1 {
            choices.clear();
        }
        Self {
            document,
            pointer,
            site,
            name,
            layers,
            choices,
            keys,
            unexpanded,
            nullable,
            properties,
            required,
        }
    }

    fn alternative(document: &'a Value, part: Part<'a>, site: &str) -> Self {
        let nullable = part.allows_null();
        let pointer = part.pointer.unwrap_or_else(|| site.to_owned());
        let required = (part.layers.iter())
            .flat_map(|layer| layer.schema["required"].as_array().into_iter().flatten())
            .filter_map(|name| Some(name.as_str()?.to_owned()))
            .collect();
        Self {
            document,
            site: pointer.clone(),
            pointer,
            name: part.label,
            properties: properties(&part.layers, &required),
            layers: part.layers,
            choices: Vec::new(),
            keys: BTreeSet::new(),
            unexpanded: Vec::new(),
            nullable,
            required,
        }
    }

    pub(super) fn alternatives(&self) -> Vec<&Self> {
        if self.choices.is_empty() { vec![self] } else { self.choices.iter().collect() }
    }

    /// The same wherever the same schemas apply.
    pub(super) fn key(&self) -> Vec<String> {
        let alternatives = self.alternatives().into_iter().flat_map(|it| &it.layers);
        alternatives.chain(&self.unexpanded).map(|layer| layer.pointer.clone()).collect()
    }

    /// What the layers say by a keyword, outermost first.
    pub(super) fn stated(&self, key: &str) -> impl Iterator<Item = (&'a Value, &str)> {
        let stated = move |layer: &'_ Layer<'a>| layer.schema.get(key);
        self.layers.iter().filter_map(move |layer| Some((stated(layer)?, layer.pointer.as_str())))
    }

    pub(super) fn first(&self, key: &str) -> Option<&'a Value> {
        self.stated(key).next().map(|(value, _)| value)
    }

    pub(super) fn is_set(&self, key: &str) -> bool {
        self.stated(key).any(|(value, _)| *value == true)
    }

    /// Whether a property with this schema isn't sent this way.
    pub(super) fn is_left_out(&self, way: Direction) -> bool {
        match way {
            Direction::Request => self.is_set("readOnly"),
            Direction::Response | Direction::Error => self.is_set("writeOnly"),
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        if let Some(first) = self.choices.first() {
            let kind = first.kind();
            let is_one = self.choices.iter().all(|choice| choice.kind() == kind);
            return if is_one { kind } else { "choice" };
        }
        let types: Vec<_> = self.stated("type").filter_map(|(value, _)| value.as_str()).collect();
        let has = |key| self.under(key).next().is_some();
        let is_map = self.properties.is_empty() && has("additionalProperties");
        match types.first() {
            Some(_) if types.contains(&"integer") => "integer",
            Some(&"string") => "string",
            Some(&"number") => "number",
            Some(&"boolean") => "boolean",
            Some(&"array") => "array",
            None if !self.properties.is_empty() => "object",
            None if has("items") => "array",
            Some(&"object") | None if is_map => "map",
            Some(&"object") => "object",
            _ => self.words().map_or("any", |words| words.kind()),
        }
    }

    /// The type in words, two levels deep at most.
    pub(super) fn described(&self) -> String {
        match (self.kind(), self.element()) {
            ("array", Some(items)) => format!("array of {}", items.kind()),
            ("map", Some(values)) => format!("map of {}", values.kind()),
            (kind, _) => kind.to_owned(),
        }
    }

    /// The schemas under a keyword that say something.
    fn under(&self, key: &str) -> impl Iterator<Item = Layer<'a>> {
        let says = |value: &Value| value.as_object().is_some_and(|schema| !schema.is_empty());
        let all = self.stated(key).filter(move |(schema, _)| says(schema));
        all.map(move |(schema, pointer)| Layer { schema, pointer: child(pointer, key) })
    }

    fn nested(&self, key: &str) -> Option<Self> {
        let sources: Vec<_> = self.under(key).collect();
        (!sources.is_empty()).then(|| Self::of(self.document, sources))
    }

    pub(super) fn items(&self) -> Option<Self> {
        self.nested("items")
    }

    /// Of the properties that aren't named.
    pub(super) fn values(&self) -> Option<Self> {
        self.nested("additionalProperties")
    }

    /// What a list or a map holds.
    pub(super) fn element(&self) -> Option<Self> {
        match self.kind() {
            "array" => self.items(),
            "map" => self.values(),
            _ => None,
        }
    }

    /// In the place of a schema that isn't there.
    pub(super) fn anything(&self, key: &str) -> Self {
        Self::new(self.document, &ANYTHING, child(&self.pointer, key))
    }

    pub(super) fn property(&self, name: &str) -> Option<Self> {
        Some(self.inside(self.properties.get(name)?))
    }

    pub(super) fn inside(&self, property: &Property<'a>) -> Self {
        Self::of(self.document, property.sources.clone())
    }

    /// A property by its path from here, `outer/inner`.
    pub(super) fn at(&self, path: &str) -> Option<Property<'a>> {
        match path.split_once('/') {
            Some((first, rest)) => self.property(first)?.at(rest),
            None => self.properties.get(path).cloned(),
        }
    }

    /// A property that is required and has no schema.
    pub(super) fn unlisted(&self, name: &str) -> Property<'a> {
        let pointer = child(&child(&self.pointer, "required"), name);
        Property { sources: vec![Layer { schema: &ANYTHING, pointer }], required: true }
    }

    /// The values that are listed, by all lists that apply.
    pub(super) fn words(&self) -> Option<super::value::Words> {
        let lists =
            self.stated("enum").filter_map(|(list, pointer)| Some((list.as_array()?, pointer)));
        words_of(lists)
    }

    /// Where a keyword is, or was.
    pub(super) fn place<'s>(&'s self, old: &Self, key: &str) -> &'s str {
        if let Some((_, pointer)) = self.stated(key).next() {
            return pointer;
        }
        let before = old.stated(key).next().map(|(_, pointer)| pointer);
        let still = self.layers.iter().find(|layer| Some(layer.pointer.as_str()) == before);
        match still {
            Some(layer) => &layer.pointer,
            None if before == Some(&old.site) => &self.site,
            None => &self.pointer,
        }
    }
}

/// The layers that every alternative has.
fn shared<'a>(parts: &[Part<'a>]) -> Vec<Layer<'a>> {
    let everywhere = |layer: &&Layer<'a>| parts[1..].iter().all(|part| part.layers.contains(layer));
    parts[0].layers.iter().filter(everywhere).cloned().collect()
}

fn properties<'a>(layers: &[Layer<'a>], required: &BTreeSet<String>) -> Properties<'a> {
    let mut all = Properties::new();
    for layer in layers {
        let holder = child(&layer.pointer, "properties");
        for (name, schema) in layer.schema["properties"].as_object().into_iter().flatten() {
            let source = Layer { schema, pointer: child(&holder, name) };
            let property = all.entry(name.clone()).or_insert_with(|| Property {
                sources: Vec::new(),
                required: required.contains(name),
            });
            property.sources.push(source);
        }
    }
    all
}

/// The properties of all alternatives. Required is what each of them requires.
fn united<'a>(choices: &[Shape<'a>]) -> (Properties<'a>, BTreeSet<String>) {
    let mut all = Properties::new();
    let required = choices[0].required.iter();
    let required: BTreeSet<_> = required
        .filter(|name| choices.iter().all(|choice| choice.required.contains(*name)))
        .cloned()
        .collect();
    for (name, property) in choices.iter().flat_map(|choice| &choice.properties) {
        let required = required.contains(name);
        all.entry(name.clone()).or_insert_with(|| Property { required, ..property.clone() });
    }
    (all, required)
}

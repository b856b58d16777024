//! What was called otherwise before, for each type of a response: an older server's name is no field, so its value
//! is kept in `extra`, from where the code that is added here takes it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use syn::ext::IdentExt as _;
use syn::{File, GenericArgument, Ident, Item, ItemStruct, PathArguments, Stmt, Type, parse_quote};

use super::marks::Marked;
use super::pins::{name, structs};
use super::rename::{Kind, Rename};
use super::spelling::Respelling;
use crate::catalogue::ApiEntry;
use crate::identifiers;
use crate::lower::answered;

/// What the types of an api's responses have under other names.
#[derive(Debug, Default)]
pub struct OldNames {
    /// The types of responses; those of requests are written, and not read.
    read: BTreeSet<String>,
    /// By the type and the name of the Rust code.
    fields: BTreeMap<(String, String), BTreeSet<String>>,
    words: BTreeMap<(String, String), BTreeMap<String, Vec<String>>>,
    moves: Vec<Moved>,
}

/// Both places from a type, in the names of the Rust code but for the last one of the new place.
#[derive(Debug)]
struct Moved {
    old: Vec<String>,
    new: Vec<String>,
}

impl OldNames {
    /// Of a lowered document in the names of the Rust code.
    pub fn new(
        lowered: &Value,
        entry: &ApiEntry,
        marked: &[Marked],
        earlier: &[Rename],
        respellings: &[Respelling],
    ) -> Self {
        let mut it = Self::default();
        let answered = answered(lowered, entry);
        for (schema, value) in lowered["components"]["schemas"].as_object().into_iter().flatten() {
            if !answered.contains(schema) {
                continue;
            }
            it.read.insert(identifiers::type_name(schema));
            let properties = value["properties"].as_object();
            for (property, _) in properties.into_iter().flatten() {
                let mut olds = before(property, earlier);
                let mark =
                    marked.iter().find(|it| it.schema == *schema && it.property == *property);
                if let Some(Marked { mark, .. }) = mark {
                    olds.extend(mark.between.iter().cloned());
                    olds.extend(mark.wire.as_ref().map(|_| property.clone()));
                    if !mark.words.is_empty() {
                        let place = (identifiers::type_name(schema), property.clone());
                        it.words.insert(place, mark.words.clone());
                    }
                }
                let is_field = |name: &String| {
                    name != property && properties.is_some_and(|them| them.contains_key(name))
                };
                olds.retain(|old| !is_field(old));
                if !olds.is_empty() {
                    it.fields.insert((identifiers::type_name(schema), property.clone()), olds);
                }
            }
        }
        let moves = respellings.iter().flat_map(|respelling| &respelling.moves);
        it.moves = moves.map(|it| Moved { old: it.old.clone(), new: it.new.clone() }).collect();
        it
    }

    /// Adds the code to the generated types.
    pub fn add(&self, file: &mut File) {
        let types: Vec<ItemStruct> =
            structs(&mut file.items).into_iter().map(|it| it.clone()).collect();
        let types: BTreeMap<String, ItemStruct> =
            types.into_iter().map(|it| (it.ident.to_string(), it)).collect();
        let mut bodies: BTreeMap<String, Vec<Stmt>> = BTreeMap::new();
        for (type_name, item) in &types {
            let own = self.own(item, &types);
            if !own.is_empty() {
                bodies.insert(type_name.clone(), own);
            }
        }
        Self::add_outer(&types, &mut bodies);
        for item in &mut file.items {
            if let Item::Mod(module) = item
                && module.ident == "types"
                && let Some((_, items)) = &mut module.content
            {
                let all =
                    bodies.iter().filter_map(|(of, body)| Some((&types.get(of)?.ident, body)));
                items.extend(all.map(|(of, body)| implementation(of, body)));
            }
        }
    }

    /// What a type itself has under other names.
    fn own(&self, item: &ItemStruct, types: &BTreeMap<String, ItemStruct>) -> Vec<Stmt> {
        let mut taken: Vec<Stmt> = Vec::new();
        let mut others: Vec<Stmt> = Vec::new();
        for field in &item.fields {
            let (Some(identifier), Some(wire)) = (&field.ident, name(field)) else { continue };
            for old in named(&self.fields, item, identifier).flatten().filter(|it| **it != wire) {
                taken.push(parse_quote! {
                    crate::old_names::take(
                        &mut self.extra, #old, #wire, &mut self.#identifier, differing,
                    );
                });
            }
            for (word, spellings) in named(&self.words, item, identifier).flatten() {
                others.push(parse_quote! {
                    crate::old_names::reword(&mut self.#identifier, &[#(#spellings),*], #word);
                });
            }
        }
        if self.read.contains(&item.ident.to_string()) {
            others.extend(self.moves.iter().filter_map(|moved| moved.taken(item, types)));
        }
        if !taken.is_empty() {
            others.push(parse_quote! {
                if !self.extra.is_empty() {
                    #(#taken)*
                }
            });
        }
        others
    }

    /// The types that hold one of these, in any depth, and look into it.
    fn add_outer(types: &BTreeMap<String, ItemStruct>, bodies: &mut BTreeMap<String, Vec<Stmt>>) {
        let mut concerned: BTreeSet<String> = bodies.keys().cloned().collect();
        loop {
            let holds =
                |item: &ItemStruct| item.fields.iter().any(|it| mentions(&it.ty, &concerned));
            let outer = types.iter().filter(|(_, item)| holds(item)).map(|(name, _)| name.clone());
            let all: BTreeSet<_> = concerned.iter().cloned().chain(outer).collect();
            if all.len() == concerned.len() {
                break;
            }
            concerned = all;
        }
        for type_name in &concerned {
            let Some(item) = types.get(type_name) else { continue };
            let inner = item.fields.iter().filter(|it| mentions(&it.ty, &concerned));
            let inner: Vec<Stmt> = inner
                .filter_map(|field| field.ident.as_ref())
                .map(|field| {
                    parse_quote! {
                        crate::old_names::OldNames::take_old_names(&mut self.#field, differing);
                    }
                })
                .collect();
            // What has come to another place is looked into there.
            bodies.entry(type_name.clone()).or_default().extend(inner);
        }
    }
}

/// What there is of a field.
fn named<'a, T>(
    all: &'a BTreeMap<(String, String), T>,
    item: &ItemStruct,
    identifier: &Ident,
) -> impl Iterator<Item = &'a T> {
    let (type_name, field) = (item.ident.to_string(), plain(identifier));
    let is_it = move |of: &String, property: &str| {
        *of == type_name && identifiers::field(property) == field
    };
    all.iter().filter(move |((of, property), _)| is_it(of, property)).map(|(_, it)| it)
}

impl Moved {
    /// The value of the new place, which is no field, is what the field at the old place holds.
    fn taken(&self, item: &ItemStruct, types: &BTreeMap<String, ItemStruct>) -> Option<Stmt> {
        let ((old, old_containers), (new, new_containers)) =
            (self.old.split_last()?, self.new.split_last()?);
        let (old_containers, old_type) = path(item, old_containers, types)?;
        let (new_containers, _) = path(item, new_containers, types)?;
        let target = field_of(old_type, old)?;
        let mut extra: syn::Expr = parse_quote!(::std::option::Option::Some(&mut *self));
        for container in &new_containers {
            extra = parse_quote!(#extra.and_then(|it| it.#container.as_mut()));
        }
        let mut place: syn::Expr = parse_quote!(self);
        for container in &old_containers {
            place = parse_quote!(#place.#container.get_or_insert_with(::std::default::Default::default));
        }
        Some(parse_quote! {
            if let ::std::option::Option::Some(value) =
                #extra.and_then(|it| crate::old_names::moved(&mut it.extra, #new))
            {
                #place.#target = ::std::option::Option::Some(value);
            }
        })
    }
}

/// The fields of a path, and the type at its end.
fn path<'t>(
    item: &'t ItemStruct,
    path: &[String],
    types: &'t BTreeMap<String, ItemStruct>,
) -> Option<(Vec<Ident>, &'t ItemStruct)> {
    let mut at = item;
    let mut fields = Vec::new();
    for property in path {
        let field = field_of(at, property)?;
        let ty = &at.fields.iter().find(|it| it.ident.as_ref() == Some(&field))?.ty;
        at = mentioned(ty).iter().find_map(|name| types.get(name))?;
        fields.push(field);
    }
    Some((fields, at))
}

fn field_of(item: &ItemStruct, property: &str) -> Option<Ident> {
    let identifiers = item.fields.iter().filter_map(|it| it.ident.clone());
    identifiers.into_iter().find(|it| plain(it) == identifiers::field(property))
}

fn plain(identifier: &Ident) -> String {
    let text = identifier.unraw().to_string();
    // What typify puts after a keyword.
    text.strip_suffix('_').map_or(text.clone(), str::to_owned)
}

/// The names in a type and in what it holds.
fn mentioned(ty: &Type) -> Vec<String> {
    let Type::Path(path) = ty else { return Vec::new() };
    let mut names = Vec::new();
    for segment in &path.path.segments {
        names.push(segment.ident.to_string());
        if let PathArguments::AngleBracketed(arguments) = &segment.arguments {
            let types = arguments.args.iter().filter_map(|argument| match argument {
                GenericArgument::Type(inner) => Some(inner),
                _ => None,
            });
            names.extend(types.flat_map(mentioned));
        }
    }
    names
}

fn mentions(ty: &Type, names: &BTreeSet<String>) -> bool {
    mentioned(ty).iter().any(|name| names.contains(name))
}

fn implementation(of: &Ident, body: &[Stmt]) -> Item {
    parse_quote! {
        impl crate::old_names::OldNames for #of {
            fn take_old_names(
                &mut self,
                differing: &mut ::std::vec::Vec<crate::old_names::Differing>,
            ) {
                #(#body)*
            }
        }
    }
}

/// All that a name was before, in the order of no revision.
fn before(name: &str, renames: &[Rename]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut open = vec![name.to_owned()];
    while let Some(name) = open.pop() {
        let olds = renames.iter().filter(|it| it.kind == Kind::Property && it.new == name);
        for old in olds.map(|it| it.old.clone()) {
            if names.insert(old.clone()) {
                open.push(old);
            }
        }
    }
    names
}

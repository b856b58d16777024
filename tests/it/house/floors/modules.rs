//! The modules of a crate, each with the names that it declares and imports.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Attribute, Expr, ExprLit, Item, ItemMod, Lit, Meta, UseTree};

use super::{
    cfg,
    tokens::{self, text},
};

/// The sources of a crate, by their paths in its folder `src`.
pub(super) type Sources = BTreeMap<String, String>;

#[derive(Debug)]
pub(super) enum Declared {
    /// An item of the file that the name is declared in.
    Item,
    Module(usize),
    Import(Vec<String>),
}

/// The names of a module or a block.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) declared: BTreeMap<String, Vec<Declared>>,
    /// The modules that `*` imports from.
    pub(super) globs: Vec<Vec<String>>,
    /// Macros that modules declared later in the text see without an import.
    pub(super) macros: BTreeSet<String>,
    /// Names in the tokens of macros, which may declare items by them; and whether such a keyword is before one.
    pub(super) in_macros: BTreeMap<String, bool>,
}

pub(super) struct Module {
    pub(super) parent: Option<usize>,
    pub(super) root: usize,
    pub(super) file: String,
    pub(super) names: Names,
    /// Children whose macros are seen in this module.
    pub(super) macro_use: Vec<usize>,
    /// All but modules and what only tests have.
    pub(super) items: Vec<Item>,
}

#[derive(Default)]
pub(super) struct Program {
    pub(super) modules: Vec<Module>,
    /// The library's root, by the name that the package's program has for it.
    pub(super) library: Option<(String, usize)>,
    /// Files that aren't read: any name that is looked for in them is there.
    pub(super) opaque: BTreeSet<String>,
    /// Files that only tests have.
    pub(super) tests: BTreeSet<String>,
}

/// A part of an import: its path, its name here (`None` for `*`), and its line.
pub(super) struct Leaf {
    pub(super) path: Vec<String>,
    pub(super) name: Option<String>,
    pub(super) line: usize,
}

pub(super) fn leaves(item: &syn::ItemUse) -> Vec<Leaf> {
    let mut found = Vec::new();
    let prefix = if item.leading_colon.is_some() { vec![String::new()] } else { Vec::new() };
    branch(&item.tree, prefix, &mut found);
    found
}

fn branch(tree: &UseTree, mut path: Vec<String>, found: &mut Vec<Leaf>) {
    let line = |ident: &proc_macro2::Ident| ident.span().start().line;
    match tree {
        UseTree::Path(part) => {
            path.push(text(&part.ident));
            branch(&part.tree, path, found);
        }
        UseTree::Name(part) => {
            push(&mut path, &part.ident);
            found.push(Leaf { name: path.last().cloned(), path, line: line(&part.ident) });
        }
        UseTree::Rename(part) => {
            push(&mut path, &part.ident);
            let name = Some(text(&part.rename));
            found.push(Leaf { name, path, line: line(&part.ident) });
        }
        UseTree::Glob(part) => {
            let line = part.star_token.spans[0].start().line;
            found.push(Leaf { name: None, path, line });
        }
        UseTree::Group(group) => {
            for part in &group.items {
                branch(part, path.clone(), found);
            }
        }
    }
}

/// `a::{self}` is `a`.
fn push(path: &mut Vec<String>, ident: &proc_macro2::Ident) {
    if path.is_empty() || ident != "self" {
        path.push(text(ident));
    }
}

impl Names {
    pub(super) fn add(&mut self, item: &Item) {
        let name = match item {
            Item::Const(item) => &item.ident,
            Item::Enum(item) => &item.ident,
            Item::Fn(item) => &item.sig.ident,
            Item::Static(item) => &item.ident,
            Item::Struct(item) => &item.ident,
            Item::Trait(item) => &item.ident,
            Item::TraitAlias(item) => &item.ident,
            Item::Type(item) => &item.ident,
            Item::Union(item) => &item.ident,
            Item::Use(item) => return leaves(item).into_iter().for_each(|leaf| self.import(leaf)),
            Item::Macro(item) => {
                for (name, is_declared) in tokens::names(item.mac.tokens.clone()) {
                    *self.in_macros.entry(name).or_default() |= is_declared;
                }
                let Some(ident) = &item.ident else { return };
                self.macros.insert(text(ident));
                ident
            }
            _ => return,
        };
        self.declare(text(name), Declared::Item);
    }

    fn import(&mut self, leaf: Leaf) {
        match leaf.name {
            Some(name) => self.declare(name, Declared::Import(leaf.path)),
            None => self.globs.push(leaf.path),
        }
    }

    fn declare(&mut self, name: String, declared: Declared) {
        self.declared.entry(name).or_default().push(declared);
    }
}

/// Where a module's text is, and where the files of its children are.
#[derive(Clone)]
struct Place {
    file: String,
    folder: String,
    path: Vec<String>,
    is_inline: bool,
}

impl Place {
    fn root(file: &str) -> Self {
        let folder = parent(file).to_owned();
        Self { file: file.to_owned(), folder, path: vec!["crate".to_owned()], is_inline: false }
    }

    fn child(&self, item: &ItemMod, sources: &Sources) -> Self {
        let name = text(&item.ident);
        let path = self.path.iter().cloned().chain([name.clone()]).collect();
        let inside = join(&self.folder, &name);
        if item.content.is_some() {
            return Self { file: self.file.clone(), folder: inside, path, is_inline: true };
        }
        if let Some(given) = given_path(&item.attrs) {
            let from = if self.is_inline { &self.folder } else { parent(&self.file) };
            let file = join(from, &given);
            let folder = parent(&file).to_owned();
            return Self { file, folder, path, is_inline: false };
        }
        let files = [format!("{inside}.rs"), format!("{inside}/mod.rs")];
        let file = files.into_iter().find(|file| sources.contains_key(file));
        let file = file.unwrap_or_else(|| panic!("{}: there is no file for {name}", self.file));
        Self { file, folder: inside, path, is_inline: false }
    }
}

fn parent(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        if part == ".." {
            parts.pop();
        } else if part != "." {
            parts.push(part);
        }
    }
    parts.join("/")
}

fn given_path(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}

impl Program {
    /// The crates of a package: `lib.rs`, and `main.rs` if there is one.
    pub(super) fn read(name: &str, sources: &Sources, opaque: &[&str]) -> Self {
        let opaque = opaque.iter().map(|file| (*file).to_owned()).collect();
        let mut program = Self { opaque, ..Self::default() };
        for root in ["lib.rs", "main.rs"] {
            if sources.contains_key(root) {
                let place = Place::root(root);
                let items = program.parse(&place.file, sources);
                let id = program.add(None, &place, &items, sources);
                program.library.get_or_insert_with(|| (name.to_owned(), id));
            }
        }
        program
    }

    fn parse(&self, file: &str, sources: &Sources) -> Vec<Item> {
        if self.opaque.contains(file) {
            return Vec::new();
        }
        let text = sources.get(file).unwrap_or_else(|| panic!("there is no file {file}"));
        syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}")).items
    }

    fn add(
        &mut self,
        parent: Option<usize>,
        place: &Place,
        items: &[Item],
        sources: &Sources,
    ) -> usize {
        let id = self.modules.len();
        let root = parent.map_or(id, |parent| self.modules[parent].root);
        let file = place.file.clone();
        let names = Names::default();
        let module = Module { parent, root, file, names, macro_use: vec![], items: vec![] };
        self.modules.push(module);
        for item in items {
            let is_for_tests = cfg::is_for_tests(cfg::attributes(item));
            match item {
                Item::Mod(item) if is_for_tests => self.set_aside(place, item, sources),
                Item::Mod(item) => self.add_child(id, place, item, sources),
                _ if is_for_tests => {}
                _ => self.add_item(id, place, item),
            }
        }
        id
    }

    fn add_item(&mut self, id: usize, place: &Place, item: &Item) {
        let module = &mut self.modules[id];
        module.names.add(item);
        module.items.push(item.clone());
        let root = module.root;
        if let Item::Macro(syn::ItemMacro { attrs, ident: Some(ident), .. }) = item
            && attrs.iter().any(|attribute| attribute.path().is_ident("macro_export"))
            && root != id
        {
            let name = text(ident);
            let path = place.path.iter().cloned().chain([name.clone()]).collect();
            self.modules[root].names.declare(name, Declared::Import(path));
        }
    }

    fn add_child(&mut self, id: usize, place: &Place, item: &ItemMod, sources: &Sources) {
        let place = place.child(item, sources);
        let child = if let Some((_, items)) = &item.content {
            self.add(Some(id), &place, items, sources)
        } else {
            let items = self.parse(&place.file, sources);
            self.add(Some(id), &place, &items, sources)
        };
        let module = &mut self.modules[id];
        module.names.declare(text(&item.ident), Declared::Module(child));
        if item.attrs.iter().any(|attribute| attribute.path().is_ident("macro_use")) {
            module.macro_use.push(child);
        }
    }

    /// Notes the files of a test module.
    fn set_aside(&mut self, place: &Place, item: &ItemMod, sources: &Sources) {
        let place = place.child(item, sources);
        let items = if let Some((_, items)) = &item.content {
            items.clone()
        } else {
            self.tests.insert(place.file.clone());
            self.parse(&place.file, sources)
        };
        for item in &items {
            if let Item::Mod(item) = item {
                self.set_aside(&place, item, sources);
            }
        }
    }
}

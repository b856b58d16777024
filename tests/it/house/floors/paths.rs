//! What a path names: looked up as the compiler does, through imports and re-exports, to where the item is declared.

use super::modules::{Declared, Names, Program};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    /// An item, by the file that declares it.
    Item(String),
    Module(usize),
    /// A path into another crate, or a name of no item: a local variable, a type of the prelude.
    Elsewhere(Vec<String>),
    /// One of our modules has no such name.
    Unknown,
}

/// Where a path is written: in a module, and in the blocks there, outermost first.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) module: usize,
    pub(super) blocks: &'a [Names],
}

/// The names that are being looked up, so that an import of itself ends: module, depth of blocks, name.
type Pending = Vec<(usize, usize, String)>;

impl Program {
    pub(super) fn resolve(&self, scope: Scope<'_>, path: &[String]) -> Vec<Target> {
        let mut targets = self.follow(scope, path, &mut Vec::new());
        if targets.iter().any(|target| *target != Target::Unknown) {
            targets.retain(|target| *target != Target::Unknown);
        }
        targets
    }

    /// The file of a macro that an earlier line of this module or of one around it declares.
    pub(super) fn textual_macro(&self, module: usize, name: &str) -> Option<String> {
        let module = &self.modules[module];
        if module.names.macros.contains(name) {
            return Some(module.file.clone());
        }
        let poured = module.macro_use.iter().find_map(|child| self.poured_macro(*child, name));
        poured.or_else(|| self.textual_macro(module.parent?, name))
    }

    fn poured_macro(&self, module: usize, name: &str) -> Option<String> {
        let module = &self.modules[module];
        if module.names.macros.contains(name) {
            return Some(module.file.clone());
        }
        module.macro_use.iter().find_map(|child| self.poured_macro(*child, name))
    }

    fn follow(&self, scope: Scope<'_>, path: &[String], pending: &mut Pending) -> Vec<Target> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        let mut targets = self.first(scope, first, pending);
        for segment in rest {
            // A function may have the name of a module, and holds nothing.
            let is_module = |target: &Target| matches!(target, Target::Module(_));
            if targets.iter().any(is_module) {
                targets.retain(is_module);
            }
            targets = targets
                .into_iter()
                .flat_map(|target| self.step(target, segment, pending))
                .collect();
        }
        targets
    }

    fn first(&self, scope: Scope<'_>, name: &str, pending: &mut Pending) -> Vec<Target> {
        let module = &self.modules[scope.module];
        match name {
            "crate" => return vec![Target::Module(module.root)],
            "self" => return vec![Target::Module(scope.module)],
            "super" => return self.parent(scope.module),
            _ => {}
        }
        for depth in (1..=scope.blocks.len()).rev() {
            let scope = Scope { blocks: &scope.blocks[..depth], ..scope };
            let found = self.lookup(scope, &scope.blocks[depth - 1], name, pending);
            if !found.is_empty() {
                return found;
            }
        }
        let scope = Scope { blocks: &[], ..scope };
        let found = self.lookup(scope, &module.names, name, pending);
        let is_library =
            |(library, root): &(String, usize)| library == name && *root != module.root;
        match &self.library {
            _ if !found.is_empty() => found,
            Some(library) if is_library(library) => vec![Target::Module(library.1)],
            _ => vec![Target::Elsewhere(vec![name.to_owned()])],
        }
    }

    fn parent(&self, module: usize) -> Vec<Target> {
        vec![self.modules[module].parent.map_or(Target::Unknown, Target::Module)]
    }

    fn step(&self, target: Target, segment: &str, pending: &mut Pending) -> Vec<Target> {
        match target {
            Target::Module(module) if segment == "super" => self.parent(module),
            Target::Module(module) => self.member(module, segment, pending),
            Target::Elsewhere(mut path) => {
                path.push(segment.to_owned());
                vec![Target::Elsewhere(path)]
            }
            Target::Item(_) | Target::Unknown => vec![target],
        }
    }

    fn member(&self, id: usize, name: &str, pending: &mut Pending) -> Vec<Target> {
        let module = &self.modules[id];
        let here = || vec![Target::Item(module.file.clone())];
        if self.opaque.contains(&module.file) {
            return here();
        }
        let scope = Scope { module: id, blocks: &[] };
        let found = self.lookup(scope, &module.names, name, pending);
        match found.is_empty() {
            true if module.names.in_macros.contains_key(name) => here(),
            true => vec![Target::Unknown],
            false => found,
        }
    }

    fn lookup(
        &self,
        scope: Scope<'_>,
        names: &Names,
        name: &str,
        pending: &mut Pending,
    ) -> Vec<Target> {
        let key = (scope.module, scope.blocks.len(), name.to_owned());
        if pending.contains(&key) {
            return Vec::new();
        }
        pending.push(key);
        let declared = names.declared.get(name).into_iter().flatten();
        let mut found: Vec<_> =
            declared.flat_map(|declared| self.declared(scope, declared, pending)).collect();
        if found.is_empty() {
            let globs = names.globs.iter();
            found = globs.flat_map(|glob| self.by_glob(scope, glob, name, pending)).collect();
        }
        pending.pop();
        found
    }

    fn declared(
        &self,
        scope: Scope<'_>,
        declared: &Declared,
        pending: &mut Pending,
    ) -> Vec<Target> {
        match declared {
            Declared::Item => vec![Target::Item(self.modules[scope.module].file.clone())],
            Declared::Module(module) => vec![Target::Module(*module)],
            Declared::Import(path) => self.follow(scope, path, pending),
        }
    }

    fn by_glob(
        &self,
        scope: Scope<'_>,
        glob: &[String],
        name: &str,
        pending: &mut Pending,
    ) -> Vec<Target> {
        let mut found = Vec::new();
        for target in self.follow(scope, glob, pending) {
            let Target::Module(id) = target else { continue };
            let module = &self.modules[id];
            let inside = Scope { module: id, blocks: &[] };
            let targets = self.lookup(inside, &module.names, name, pending);
            // Only a sure one: any word of the file is looked for here.
            if targets.is_empty() && module.names.in_macros.get(name) == Some(&true) {
                found.push(Target::Item(module.file.clone()));
            }
            found.extend(targets);
        }
        found
    }
}

//! What each file names: a walk over all paths of a crate.

use std::{collections::BTreeMap, fmt};

use syn::{
    Attribute, Block, ImplItem, Item, Meta, Stmt, TraitItem, Visibility,
    spanned::Spanned as _,
    visit::{self, Visit},
};

use super::{
    cfg,
    modules::{Leaf, Names, Program, leaves},
    paths::{Scope, Target},
    tokens::{self, Written, text},
};

/// Macros whose tokens are code for another crate.
const QUOTING: [&str; 4] = ["parse_quote", "parse_quote_spanned", "quote", "quote_spanned"];

/// A place where something is named, for example.
#[derive(Clone, Debug)]
pub(super) struct Witness {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) path: String,
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, path } = self;
        write!(f, "{file}:{line} names {path}")
    }
}

#[derive(Debug, Default)]
pub(super) struct Named {
    /// From a file to the file whose item it names.
    pub(super) arrows: BTreeMap<(String, String), Witness>,
    /// Paths into other crates, after the imports are resolved. `async` and `await` are such paths, too.
    pub(super) elsewhere: Vec<(Vec<String>, Witness)>,
    /// Paths into this crate whose item wasn't found.
    pub(super) unknown: Vec<Witness>,
}

pub(super) fn named(program: &Program) -> Named {
    let mut named = Named::default();
    for module in 0..program.modules.len() {
        let mut walker = Walker { program, module, blocks: Vec::new(), named: &mut named };
        for item in &program.modules[module].items {
            walker.visit_item(item);
        }
    }
    named
}

struct Walker<'a> {
    program: &'a Program,
    module: usize,
    blocks: Vec<Names>,
    named: &'a mut Named,
}

impl Walker<'_> {
    fn resolve(&self, path: &[String]) -> Vec<Target> {
        let scope = Scope { module: self.module, blocks: &self.blocks };
        self.program.resolve(scope, path)
    }

    fn name(&mut self, written: &Written) {
        let Self { program, module, .. } = *self;
        let file = &program.modules[module].file;
        let path = written.segments.join("::");
        let witness = Witness { file: file.clone(), line: written.line, path };
        for target in self.resolve(&written.segments) {
            match target {
                Target::Item(other) => self.arrow(other, &witness),
                Target::Elsewhere(path) => {
                    if written.is_macro
                        && path.len() == 1
                        && let Some(other) = program.textual_macro(module, &path[0])
                    {
                        self.arrow(other, &witness);
                    }
                    self.named.elsewhere.push((path, witness.clone()));
                }
                Target::Unknown if !written.may_be_missing => {
                    self.named.unknown.push(witness.clone());
                }
                Target::Unknown | Target::Module(_) => {}
            }
        }
    }

    fn arrow(&mut self, to: String, witness: &Witness) {
        if to != witness.file {
            let key = (witness.file.clone(), to);
            self.named.arrows.entry(key).or_insert_with(|| witness.clone());
        }
    }

    fn keyword(&mut self, keyword: &str, line: usize) {
        self.name(&Written::new(vec![keyword.to_owned()], line));
    }

    fn path(&mut self, path: &syn::Path, is_macro: bool) {
        let line = path.span().start().line;
        let colons = path.leading_colon.map(|_| String::new());
        let names = path.segments.iter().map(|segment| text(&segment.ident));
        let segments = colons.into_iter().chain(names).collect();
        self.name(&Written { is_macro, ..Written::new(segments, line) });
        for segment in &path.segments {
            self.visit_path_arguments(&segment.arguments);
        }
    }

    fn import(&mut self, leaf: Leaf, is_re_export: bool) {
        let Leaf { path, name, line } = leaf;
        if name.is_none() && is_re_export {
            self.all_of(&path, line);
        }
        self.name(&Written::new(path, line));
    }

    /// A re-export of all names of a module.
    fn all_of(&mut self, path: &[String], line: usize) {
        for target in self.resolve(path) {
            let Target::Module(module) = target else { continue };
            let names = &self.program.modules[module].names;
            let known = names.declared.keys();
            let made = names.in_macros.iter().filter(|(_, is_declared)| **is_declared);
            for name in known.chain(made.map(|(name, _)| name)) {
                let segments = path.iter().chain([name]).cloned().collect();
                self.name(&Written::new(segments, line));
            }
        }
    }
}

/// Walks on, unless this is for tests.
macro_rules! outside_tests {
    ($($visit:ident($node:ident);)*) => {
        $(fn $visit(&mut self, node: &'ast syn::$node) {
            if !cfg::is_for_tests(&node.attrs) {
                visit::$visit(self, node);
            }
        })*
    };
}

impl<'ast> Visit<'ast> for Walker<'_> {
    outside_tests! {
        visit_arm(Arm);
        visit_expr_block(ExprBlock);
        visit_expr_macro(ExprMacro);
        visit_field(Field);
        visit_field_value(FieldValue);
        visit_local(Local);
        visit_stmt_macro(StmtMacro);
        visit_variant(Variant);
    }

    fn visit_item(&mut self, item: &'ast Item) {
        if cfg::is_for_tests(cfg::attributes(item)) {
            return;
        }
        match item {
            Item::Use(item) => {
                let is_re_export = !matches!(item.vis, Visibility::Inherited);
                for leaf in leaves(item) {
                    self.import(leaf, is_re_export);
                }
            }
            // Only in a block: the others are walked for themselves.
            Item::Mod(item) => panic!("the module {} is in a block", item.ident),
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes = match item {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Type(item) => &item.attrs,
            ImplItem::Macro(item) => &item.attrs,
            _ => return,
        };
        if !cfg::is_for_tests(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        let attributes = match item {
            TraitItem::Const(item) => &item.attrs,
            TraitItem::Fn(item) => &item.attrs,
            TraitItem::Type(item) => &item.attrs,
            TraitItem::Macro(item) => &item.attrs,
            _ => return,
        };
        if !cfg::is_for_tests(attributes) {
            visit::visit_trait_item(self, item);
        }
    }

    fn visit_block(&mut self, block: &'ast Block) {
        let mut names = Names::default();
        for statement in &block.stmts {
            if let Stmt::Item(item) = statement
                && !cfg::is_for_tests(cfg::attributes(item))
            {
                names.add(item);
            }
        }
        self.blocks.push(names);
        visit::visit_block(self, block);
        self.blocks.pop();
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.path(path, false);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        self.path(&called.path, true);
        let name = called.path.segments.last().map(|segment| text(&segment.ident));
        let name = name.as_deref().unwrap_or_default();
        if QUOTING.contains(&name) {
            return;
        }
        for written in tokens::paths(called.tokens.clone()) {
            // A path in a definition may be resolved where the macro is called.
            let may_be_missing = written.may_be_missing || name == "macro_rules";
            self.name(&Written { may_be_missing, ..written });
        }
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if attribute.path().is_ident("doc") {
            return;
        }
        self.path(attribute.path(), false);
        match &attribute.meta {
            Meta::List(list) => {
                for written in tokens::paths(list.tokens.clone()) {
                    self.name(&written);
                }
            }
            Meta::NameValue(pair) => self.visit_expr(&pair.value),
            Meta::Path(_) => {}
        }
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        if let Some(keyword) = signature.asyncness {
            self.keyword("async", keyword.span.start().line);
        }
        visit::visit_signature(self, signature);
    }

    fn visit_expr_async(&mut self, block: &'ast syn::ExprAsync) {
        self.keyword("async", block.async_token.span.start().line);
        visit::visit_expr_async(self, block);
    }

    fn visit_expr_await(&mut self, expression: &'ast syn::ExprAwait) {
        self.keyword("await", expression.await_token.span.start().line);
        visit::visit_expr_await(self, expression);
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        if let Some(keyword) = closure.asyncness {
            self.keyword("async", keyword.span.start().line);
        }
        visit::visit_expr_closure(self, closure);
    }
}

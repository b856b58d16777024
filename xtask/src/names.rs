//! What the wire calls each field, operation and parameter, as constants by Rust's identifiers. Hand-written code says
//! an identifier, so that a name of the wire stands once, and another name needs no edit there.

use std::mem;

use serde_json::Value;
use syn::ext::IdentExt;
use syn::{Expr, Field, Fields, File, FnArg, Ident, ImplItem, ImplItemFn, Item, Pat, parse_quote};

use crate::catalogue::Operation;
use crate::renames::changes::{Added, Changes};
use crate::renames::pins;
use crate::renames::steps::{Step, StepKind};

/// Adds them to the code of a lowered document, with how the request of each operation changed.
pub fn add(file: &mut File, lowered: &Value, changes: &[(&Operation, Changes)]) {
    let operations = operations(file, lowered, changes);
    for item in &mut file.items {
        let Item::Mod(module) = item else { continue };
        let Some((_, items)) = &mut module.content else { continue };
        for item in mem::take(items) {
            let names = names(&item);
            items.push(item);
            items.extend(names);
        }
    }
    file.items.extend(operations);
}

fn names(item: &Item) -> Option<Item> {
    let Item::Struct(item) = item else { return None };
    let Fields::Named(fields) = &item.fields else { return None };
    let constants: Vec<_> = fields.named.iter().filter_map(constant).collect();
    let of = &item.ident;
    (!constants.is_empty()).then(|| {
        parse_quote! {
            ///The name of each field on the wire.
            #[allow(non_upper_case_globals)]
            impl #of {
                #(#constants)*
            }
        }
    })
}

/// The dates of an api's revisions, the oldest first.
pub fn revisions<'a>(dates: impl Iterator<Item = &'a str>) -> Item {
    parse_quote! {
        /// The dates of the revisions that are known, the oldest first.
        pub const REVISIONS: &[&str] = &[#(#dates),*];
    }
}

/// `None` for what the fields of an object are kept in that has no field of its own.
fn constant(field: &Field) -> Option<ImplItem> {
    let (identifier, name) = (field.ident.as_ref()?, pins::name(field)?);
    Some(parse_quote!(pub const #identifier: &'static str = #name;))
}

fn operations(file: &File, lowered: &Value, changes: &[(&Operation, Changes)]) -> Option<Item> {
    let methods = file.items.iter().filter_map(|item| match item {
        Item::Impl(item) if item.trait_.is_none() => Some(&item.items),
        _ => None,
    });
    let methods = methods.flatten().filter_map(|item| match item {
        ImplItem::Fn(method) => operation(method, lowered, changes),
        _ => None,
    });
    let operations: Vec<_> = methods.collect();
    (!operations.is_empty()).then(|| {
        parse_quote! {
            /// Where each operation is, and the names of its parameters on the wire.
            #[allow(non_upper_case_globals)]
            pub mod operations {
                #(#operations)*
            }
        }
    })
}

/// `None` for a method that is no operation.
fn operation(
    method: &ImplItemFn,
    lowered: &Value,
    changes: &[(&Operation, Changes)],
) -> Option<Item> {
    let name = &method.sig.ident;
    let (path, operation) = placed(lowered).find(|(_, operation)| {
        operation["operationId"].as_str().is_some_and(|id| is_of(name, id))
    })?;
    let id = operation["operationId"].as_str()?;
    let wire_names = operation["parameters"].as_array()?.iter();
    let wire_names: Vec<_> = wire_names.filter_map(|it| it["name"].as_str()).collect();
    let parameters = method.sig.inputs.iter().filter_map(|argument| {
        let FnArg::Typed(argument) = argument else { return None };
        let Pat::Ident(argument) = &*argument.pat else { return None };
        let argument = &argument.ident;
        let name = wire_names.iter().find(|name| is_of(argument, name))?;
        Some(parse_quote!(pub const #argument: &str = #name;))
    });
    let parameters: Vec<Item> = parameters.collect();
    let changes = changes.iter().find(|(operation, _)| operation.id == id);
    let changes = changes.map(|(_, changes)| constant_of(changes));
    Some(parse_quote! {
        pub mod #name {
            pub const ID: &str = #id;
            pub const PATH: &str = #path;
            #(#parameters)*
            #changes
        }
    })
}

/// How the request changed.
fn constant_of(Changes { renames, earlier, added }: &Changes) -> Item {
    let (renames, earlier) = (renames.iter().map(rename), earlier.iter().map(rename));
    let added = added.iter().map(|Added { since, place, name }| -> Expr {
        parse_quote! {
            crate::old_names::Added { since: #since, place: &[#(#place),*], name: #name }
        }
    });
    parse_quote! {
        pub const CHANGES: crate::old_names::Changes = crate::old_names::Changes {
            renames: &[#(#renames),*],
            earlier: &[#(#earlier),*],
            added: &[#(#added),*],
        };
    }
}

fn rename(Step { since, kind, place, old, new }: &Step) -> Expr {
    let kind: Ident = match kind {
        StepKind::Word => parse_quote!(Word),
        StepKind::Move => parse_quote!(Move),
        StepKind::Name => parse_quote!(Name),
        StepKind::Drop => parse_quote!(Drop),
    };
    parse_quote! {
        crate::old_names::Rename {
            since: #since,
            kind: crate::old_names::Kind::#kind,
            place: &[#(#place),*],
            old: &[#(#old),*],
            new: &[#(#new),*],
        }
    }
}

fn placed(lowered: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let paths = lowered["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        item.as_object().into_iter().flatten().map(move |(_, operation)| (path, operation))
    })
}

/// Whether an identifier was made of a name: case and separators don't count.
fn is_of(identifier: &Ident, name: &str) -> bool {
    let letters = |text: &str| -> String {
        let letters = text.chars().filter(|letter| letter.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    letters(&identifier.unraw().to_string()) == letters(name)
}

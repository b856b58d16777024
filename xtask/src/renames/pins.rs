//! The Rust identifiers of what was renamed stay as they were: the document is generated in the names of the Rust
//! code, and each field that is called otherwise by now gets the name of the wire here.

use std::mem;

use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Field, File, Item, ItemStruct, Lit, LitStr, Meta, Token, parse_quote};

use super::rename::RENAMES;
use crate::error::Problem;

/// A field by its type and its name in what was generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    pub type_name: String,
    pub old: String,
    /// The name on the wire.
    pub new: String,
}

/// Gives every pinned field its name on the wire.
pub fn pin(file: &mut File, pins: &[Pin]) -> Result<(), Problem> {
    for pin in pins {
        let mut fields = fields(file, pin);
        match fields.as_mut_slice() {
            [field] => rename(field, &pin.new),
            [] => return Err(problem(pin, "no field")),
            _ => return Err(problem(pin, "several fields")),
        }
    }
    Ok(())
}

fn problem(Pin { type_name, old, new }: &Pin, found: &str) -> Problem {
    let what = format!("renames `{old}` to `{new}`, and `{type_name}` has {found} of that name");
    let remedy = "name the schema with `at`, or take the rename out";
    Problem::new("", what, remedy).in_file(RENAMES)
}

fn fields<'f>(file: &'f mut File, pin: &Pin) -> Vec<&'f mut Field> {
    let is_it = |field: &&mut Field| {
        field.ident.is_some() && name(field).is_some_and(|name| name == pin.old)
    };
    let structs = structs(&mut file.items).into_iter().filter(|it| it.ident == pin.type_name);
    structs.flat_map(|it| it.fields.iter_mut()).filter(is_it).collect()
}

/// Those of a file and of its modules.
pub(super) fn structs(items: &mut [Item]) -> Vec<&mut ItemStruct> {
    let mut found = Vec::new();
    for item in items {
        match item {
            Item::Struct(item) => found.push(item),
            Item::Mod(module) => {
                let inner = module.content.as_mut().map(|(_, items)| structs(items));
                found.extend(inner.into_iter().flatten());
            }
            _ => {}
        }
    }
    found
}

/// What serde calls a field; none for one that has no name of its own.
pub(crate) fn name(field: &Field) -> Option<String> {
    let mut name = field.ident.as_ref()?.unraw().to_string();
    let mut is_flat = false;
    for attribute in field.attrs.iter().filter(|it| it.path().is_ident("serde")) {
        // What serde refuses doesn't compile.
        let _ = attribute.parse_nested_meta(|meta| {
            is_flat |= meta.path.is_ident("flatten");
            if meta.input.peek(Token![=]) {
                let value: Lit = meta.value()?.parse()?;
                if let (true, Lit::Str(value)) = (meta.path.is_ident("rename"), value) {
                    name = value.value();
                }
            }
            Ok(())
        });
    }
    (!is_flat).then_some(name)
}

/// `rename` first, as typify writes it, and then what was there but for another `rename`.
fn rename(field: &mut Field, new: &str) {
    let Some(identifier) = &field.ident else { return };
    let name = LitStr::new(new, identifier.span());
    let rename: Meta = parse_quote!(rename = #name);
    let mut metas: Punctuated<Meta, Token![,]> = Punctuated::new();
    metas.push(rename);
    let mut kept = Vec::new();
    for attribute in mem::take(&mut field.attrs) {
        let own = Punctuated::<Meta, Token![,]>::parse_terminated;
        match attribute.parse_args_with(own) {
            Ok(own) if attribute.path().is_ident("serde") => {
                metas.extend(own.into_iter().filter(|meta| !meta.path().is_ident("rename")));
            }
            _ => kept.push(attribute),
        }
    }
    kept.push(parse_quote!(#[serde(#metas)]));
    field.attrs = kept;
}

//! Fields of types that contain each other. typify breaks such a cycle by `Box<Option<T>>`, which sends `null` where
//! nothing was said; `Option<Box<T>>` sends nothing.

use syn::{Field, File, GenericArgument, Item, PathArguments, Type, parse_quote};

pub(crate) fn inside_options(file: &mut File) {
    for item in &mut file.items {
        let Item::Mod(module) = item else { continue };
        for item in module.content.iter_mut().flat_map(|(_, items)| items) {
            if let Item::Struct(item) = item {
                item.fields.iter_mut().for_each(inside_option);
            }
        }
    }
}

fn inside_option(field: &mut Field) {
    let inner = argument(&field.ty, "Box").and_then(|option| argument(option, "Option"));
    let Some(inner) = inner.cloned() else { return };
    field.ty = parse_quote!(::std::option::Option<::std::boxed::Box<#inner>>);
    field.attrs.push(parse_quote!(
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
    ));
}

/// The `T` of `name<T>`, with any path before the name.
fn argument<'a>(of: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = of else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(argument)) => Some(argument),
        _ => None,
    }
}

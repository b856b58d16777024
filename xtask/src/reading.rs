//! How the generated client reads the body of a success.

use syn::visit_mut::{VisitMut, visit_expr_path_mut};
use syn::{ExprPath, File, parse_quote};

/// Lets the crate's own function read it, which all that reads a body shares.
pub(crate) fn by_the_crate(file: &mut File) {
    Reading.visit_file_mut(file);
}

const OF_PROGENITOR: [&str; 2] = ["ResponseValue", "from_response"];

struct Reading;

impl VisitMut for Reading {
    fn visit_expr_path_mut(&mut self, expression: &mut ExprPath) {
        let segments = expression.path.segments.iter();
        if segments.map(|segment| segment.ident.to_string()).eq(OF_PROGENITOR) {
            *expression = parse_quote!(crate::reading::response);
        }
        visit_expr_path_mut(self, expression);
    }
}

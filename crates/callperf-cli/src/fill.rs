//! Texts on lines of a width.

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// A text on lines of a width, as far as its words fit.
pub(crate) fn filled(text: &str, width: usize) -> String {
    textwrap::fill(text, options(width))
}

/// The same, with each line so many spaces in.
pub(crate) fn indented(text: &str, spaces: usize, width: usize) -> String {
    let indent = " ".repeat(spaces);
    textwrap::fill(text, options(width).initial_indent(&indent).subsequent_indent(&indent))
}

fn options<'a>(width: usize) -> Options<'a> {
    Options::new(width)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_before_the_width_and_no_word_is_cut() {
        assert_eq!(filled("one two three", 7), "one two\nthree");
        assert_eq!(filled("one-two three", 4), "one-two\nthree");
        assert_eq!(indented("one two three", 2, 9), "  one two\n  three");
    }
}

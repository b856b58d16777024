//! A crate's files and the arrows between them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use super::{
    modules::{Program, Sources},
    naming::{Named, named},
};

pub(super) type Files = BTreeSet<String>;

#[derive(Debug)]
pub(super) struct Graph {
    pub(super) named: Named,
    /// Files that no module declares.
    pub(super) apart: Files,
    /// Files that are read, without those of tests.
    pub(super) files: Files,
}

impl Graph {
    /// `opaque` files are named by others, and aren't read themselves.
    pub(super) fn of(name: &str, sources: &Sources, opaque: &[&str]) -> Self {
        let program = Program::read(name, sources, opaque);
        let files: Files = program.modules.iter().map(|module| module.file.clone()).collect();
        let is_apart = |file: &&String| !files.contains(*file) && !program.tests.contains(*file);
        let apart = sources.keys().filter(is_apart).cloned().collect();
        Self { named: named(&program), apart, files }
    }

    /// The sets of files that all depend on each other, largest first.
    pub(super) fn circles(&self) -> Vec<Files> {
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            self.files.iter().map(|file| (file.as_str(), self.reached_from(file))).collect();
        let mut circles = BTreeSet::new();
        for (file, others) in &reached {
            let is_mutual = |other: &&&str| reached[**other].contains(file);
            let circle: Files =
                others.iter().filter(is_mutual).map(|other| (*other).to_owned()).collect();
            if circle.len() > 1 {
                circles.insert(circle);
            }
        }
        let mut circles: Vec<_> = circles.into_iter().collect();
        circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
        circles
    }

    fn reached_from<'a>(&'a self, file: &'a str) -> BTreeSet<&'a str> {
        let (mut reached, mut open) = (BTreeSet::new(), vec![file]);
        while let Some(from) = open.pop() {
            let arrows = self.named.arrows.keys().filter(|(source, _)| source == from);
            for (_, to) in arrows {
                if reached.insert(to.as_str()) {
                    open.push(to);
                }
            }
        }
        reached
    }

    /// The arrows between the files of a circle, each with a place that makes it.
    pub(super) fn inside(&self, circle: &Files) -> String {
        let mut lines = String::new();
        for ((from, to), witness) in &self.named.arrows {
            if circle.contains(from) && circle.contains(to) {
                writeln!(lines, "  {from} -> {to}: {witness}").unwrap();
            }
        }
        lines
    }
}

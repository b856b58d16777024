//! Small crates whose arrows are known.

use super::{
    APART, FLOORS, Only, Problems, across, circles_of, elsewhere, graph::Graph, modules::Sources,
    new_circles, upward,
};

/// Files of a crate, each after a line of `== ` and its name.
fn sources(text: &str) -> Sources {
    let files = text.split("== ").filter(|file| !file.trim().is_empty());
    files
        .map(|file| {
            let (name, text) = file.split_once('\n').unwrap();
            (name.trim().to_owned(), text.to_owned())
        })
        .collect()
}

fn graph(text: &str) -> Graph {
    Graph::of("small", &sources(text), &[])
}

fn arrows(graph: &Graph) -> Vec<String> {
    graph.named.arrows.keys().map(|(from, to)| format!("{from} -> {to}")).collect()
}

struct Case {
    name: &'static str,
    text: &'static str,
    arrows: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        name: "an import, with the children's declarations not counted",
        text: "== lib.rs\nmod a;\nmod b;\n== a.rs\nuse crate::b::B;\n== b.rs\npub struct B;",
        arrows: &["a.rs -> b.rs"],
    },
    Case {
        name: "a group with self, a new name, and a raw name",
        text: "== lib.rs\nmod a;\nmod b;\nmod r#type;\n\
               == a.rs\nuse crate::{b::{self, c::{C as D}}, r#type::T};\nfn x() { b::f(); }\n\
               == b.rs\npub mod c;\npub fn f() {}\n== b/c.rs\npub struct C;\n== type.rs\npub struct T;",
        arrows: &["a.rs -> b.rs", "a.rs -> b/c.rs", "a.rs -> type.rs"],
    },
    Case {
        name: "the import of a module is no use of it",
        text: "== lib.rs\nmod a;\nmod b;\n== a.rs\nuse crate::b;\nfn x() { b::c::f(); }\n\
               == b/mod.rs\npub mod c;\n== b/c.rs\npub fn f() {}",
        arrows: &["a.rs -> b/c.rs"],
    },
    Case {
        name: "a module by another name",
        text: "== lib.rs\nmod a;\nmod b;\n== a.rs\nuse crate::b as other;\nconst X: u8 = other::Y;\n\
               == b.rs\npub const Y: u8 = 0;",
        arrows: &["a.rs -> b.rs"],
    },
    Case {
        name: "super, several times, from an inline module too",
        text: "== lib.rs\nmod a;\nmod b;\n== a/mod.rs\nmod c;\n\
               == a/c.rs\nmod inline {\n    fn x() { super::super::super::b::f(); }\n}\n== b.rs\npub fn f() {}",
        arrows: &["a/c.rs -> b.rs"],
    },
    Case {
        name: "re-exports, over several files",
        text: "== lib.rs\nmod a;\nmod b;\nmod z;\npub use b::B;\n\
               == a.rs\nuse crate::B;\n== b/mod.rs\nmod c;\npub use self::c::C as B;\n\
               == b/c.rs\npub use crate::z::Z as C;\n== z.rs\npub struct Z;",
        arrows: &["a.rs -> z.rs", "b/c.rs -> z.rs", "b/mod.rs -> z.rs", "lib.rs -> z.rs"],
    },
    Case {
        name: "a re-export of everything",
        text: "== lib.rs\nmod a;\nmod b;\npub use b::*;\n\
               == a.rs\nfn x(_: crate::C) {}\n== b/mod.rs\nmod c;\npub use c::*;\n== b/c.rs\npub struct C;",
        arrows: &["a.rs -> b/c.rs", "b/mod.rs -> b/c.rs"],
    },
    Case {
        name: "names that come by an import of everything",
        text: "== lib.rs\nmod a;\nmod b;\nmod c;\n== a.rs\nuse crate::b::*;\nfn x() -> D { f(E) }\n\
               == b.rs\npub struct D;\npub use crate::c::f;\n== c.rs\npub fn f() {}\npub struct E;",
        arrows: &["a.rs -> b.rs", "a.rs -> c.rs", "b.rs -> c.rs"],
    },
    Case {
        name: "the variants of an enum",
        text: "== lib.rs\nmod a;\nmod b;\n== a.rs\nfn x() { use super::b::E::*; }\n== b.rs\npub enum E { F }",
        arrows: &["a.rs -> b.rs"],
    },
    Case {
        name: "code that is quoted for another crate",
        text: "== lib.rs\nmod a;\nmod b;\n== a.rs\nfn x() { syn::parse_quote!(crate::b::B); }\n\
               == b.rs\npub struct B;",
        arrows: &[],
    },
    Case {
        name: "paths in types, patterns, bounds, generics, attributes and visibilities",
        text: "== lib.rs\nmod a;\nmod b;\nmod c;\nmod d;\nmod e;\nmod f;\nmod g;\nmod h;\n\
               == a.rs\n#[derive(crate::g::Derive)]\nstruct S<T: crate::c::C> {\n    #[serde(with = \"crate::d\")]\n    \
               pub(in crate::h) x: Vec<crate::b::B>,\n}\nfn x(y: E) { match y { crate::e::E::F => {} } }\n\
               impl crate::f::F for S<u8> {}\n\
               == b.rs\npub struct B;\n== c.rs\npub trait C {}\n== d.rs\npub fn serialize() {}\n\
               == e.rs\npub enum E { F }\n== f.rs\npub trait F {}\n== g.rs\npub use other::Derive;\n== h.rs\nstruct H;",
        arrows: &["a.rs -> b.rs", "a.rs -> c.rs", "a.rs -> d.rs", "a.rs -> e.rs", "a.rs -> f.rs"],
    },
    Case {
        name: "an import in a block is for that block",
        text: "== lib.rs\nmod a;\nmod b;\nmod c;\n\
               == a.rs\nuse crate::b as x;\nfn h() { x::g(); }\n\
               fn f() { use crate::b as x; { use crate::c as x; x::g(); } }\n\
               == b.rs\npub fn g() {}\n== c.rs\npub fn g() {}",
        arrows: &["a.rs -> b.rs", "a.rs -> c.rs"],
    },
    Case {
        name: "the arguments of a macro",
        text: "== lib.rs\nmod a;\nmod b;\nmod c;\n\
               == a.rs\nuse crate::b;\nfn x() { format!(\"{}\", [b::f(), super::c::g()].len()); }\n\
               == b.rs\npub fn f() {}\n== c.rs\npub fn g() {}",
        arrows: &["a.rs -> b.rs", "a.rs -> c.rs"],
    },
    Case {
        name: "the body of a macro, and a macro that is passed on",
        text: "== lib.rs\nmod a;\nmod b;\nmod c;\n\
               == a.rs\nuse crate::b::words;\nwords!(A);\n\
               == b.rs\nmacro_rules! words { ($x:ident) => { struct $x($crate::c::C); } }\npub(crate) use words;\n\
               == c.rs\npub struct C;",
        arrows: &["a.rs -> b.rs", "b.rs -> c.rs"],
    },
    Case {
        name: "a macro of an earlier line, of a module with macro_use, and one that is exported",
        text: "== lib.rs\n#[macro_use]\nmod b;\nmod a;\nmod c;\nmod d;\n\
               == a.rs\nm!();\n== b.rs\nmacro_rules! m { () => {} }\n\
               == c.rs\n#[macro_export]\nmacro_rules! n { () => {} }\n== d.rs\nfn x() { crate::n!(); }",
        arrows: &["a.rs -> b.rs", "d.rs -> c.rs"],
    },
    Case {
        name: "an item that a macro declares",
        text: "== lib.rs\nmod a;\nmod b;\npub use b::Word;\n== a.rs\nfn x(_: crate::Word) {}\n\
               == b.rs\nopen! { pub enum Word { A } }",
        arrows: &["a.rs -> b.rs", "lib.rs -> b.rs"],
    },
    Case {
        name: "an item that a macro declares, imported with everything",
        text: "== lib.rs\nmod a;\nmod b;\n== a.rs\nuse crate::b::*;\nfn x(_: Word) {}\n\
               == b.rs\nopen! { pub enum Word { A } }",
        arrows: &["a.rs -> b.rs"],
    },
    Case {
        name: "a name that is another in tests",
        text: "== lib.rs\nmod a;\nmod b;\nmod c;\n\
               == a.rs\n#[cfg(test)]\nuse crate::c as x;\n#[cfg(not(test))]\nuse crate::b as x;\nfn f() { x::g(); }\n\
               == b.rs\npub fn g() {}\n== c.rs\npub fn g() {}",
        arrows: &["a.rs -> b.rs"],
    },
    Case {
        name: "nothing of tests",
        text: "== lib.rs\nmod a;\nmod b;\n#[cfg(test)]\nmod tests;\n\
               == a.rs\n#[cfg(test)]\nuse crate::b::B;\n#[cfg(all(test, unix))]\nmod tests { use crate::b::B; }\n\
               struct S;\nimpl S {\n    #[cfg(test)]\n    fn x(_: crate::b::B) {}\n}\n\
               #[test]\nfn y() { crate::b::f(); }\nfn z() { #[cfg(test)] let _ = crate::b::f(); }\n\
               == b.rs\npub struct B;\npub fn f() {}\n== tests.rs\nmod more;\nuse crate::b::B;\n== tests/more.rs\n",
        arrows: &[],
    },
    Case {
        name: "but what tests and a feature have",
        text: "== lib.rs\nmod a;\nmod b;\n== a.rs\n#[cfg(any(test, feature = \"b\"))]\nuse crate::b::B;\n\
               == b.rs\npub struct B;",
        arrows: &["a.rs -> b.rs"],
    },
    Case {
        name: "a module and a function of one name",
        text: "== lib.rs\nmod a;\nmod b;\n== a.rs\nfn x() { crate::b::c::D; }\n\
               == b.rs\npub mod c;\npub fn c() {}\n== b/c.rs\npub struct D;",
        arrows: &["a.rs -> b/c.rs"],
    },
    Case {
        name: "a file elsewhere",
        text: "== lib.rs\n#[path = \"far/away.rs\"]\nmod b;\nmod a;\n== a.rs\nuse crate::b::c::C;\n\
               mod d { #[path = \"../e.rs\"] mod e; }\n#[path = \"f.rs\"]\nmod f;\n\
               == far/away.rs\npub mod c;\n== far/c.rs\npub struct C;\n== a/e.rs\nuse crate::b::c::C;\n\
               == f.rs\nuse crate::b::c::C;",
        arrows: &["a.rs -> far/c.rs", "a/e.rs -> far/c.rs", "f.rs -> far/c.rs"],
    },
    Case {
        name: "a program and its library",
        text: "== lib.rs\nmod a;\npub use a::f;\n== a.rs\npub fn f() {}\n== main.rs\nmod b;\nuse small::f;\n\
               == b.rs\nfn x() { small::f(); }",
        arrows: &["b.rs -> a.rs", "lib.rs -> a.rs", "main.rs -> a.rs"],
    },
    Case {
        name: "a local variable of a module's name, a field and a method",
        text: "== lib.rs\nmod a;\nmod b;\n== a.rs\nuse crate::b::*;\nuse crate::b;\n\
               fn x(b: u8) { b; y.f; vec![y.f()]; }\n== b.rs\npub fn f() {}",
        arrows: &[],
    },
];

#[test]
fn arrows_go_to_the_files_that_declare() {
    for Case { name, text, arrows: expected } in CASES {
        let graph = graph(text);
        let mut expected: Vec<_> = expected.iter().map(|arrow| (*arrow).to_owned()).collect();
        expected.sort();
        assert_eq!(arrows(&graph), expected, "{name}");
        assert!(graph.apart.is_empty(), "{name}: {:?}", graph.apart);
        assert!(graph.named.unknown.is_empty(), "{name}: {:?}", graph.named.unknown);
    }
}

#[test]
fn names_that_are_not_there_and_files_apart_are_noticed() {
    let graph = graph(
        "== lib.rs\nmod a;\n== a.rs\nuse crate::b::B;\nfn x() { super::a::y(); }\n\
         macro_rules! m { () => { super::elsewhere() } }\n== c.rs\n",
    );
    let unknown: Vec<_> = graph.named.unknown.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(unknown, ["crate::b::B", "super::a::y"]);
    assert!(graph.apart.iter().eq(["c.rs"]));
}

const MODULE_WITH_CHILDREN: &str = "== lib.rs\nmod a;\npub use a::{A, B};\n\
                                    == a/mod.rs\nmod b;\npub use b::B;\npub struct A;\n\
                                    == a/b.rs\nuse super::A;\npub struct B;";

#[test]
fn a_module_that_its_children_use_only_declares() {
    let problems = new_circles(&[], "src", &graph(MODULE_WITH_CHILDREN));
    assert_eq!(
        problems,
        "src: a circle of 2 files:\n  \
         a/b.rs -> a/mod.rs: a/b.rs:1 names super::A\n  \
         a/mod.rs -> a/b.rs: a/mod.rs:2 names b::B\n"
    );
    // It may name its children if they don't name it, and be named by them if it doesn't name them.
    let only_names = MODULE_WITH_CHILDREN.replace("use super::A;\n", "");
    assert_eq!(new_circles(&[], "src", &graph(&only_names)), "");
    let only_declares = MODULE_WITH_CHILDREN.replace("pub use b::B;", "").replace("{A, B}", "A");
    assert_eq!(new_circles(&[], "src", &graph(&only_declares)), "");
}

#[test]
fn circles_may_only_shrink() {
    let graph = graph(MODULE_WITH_CHILDREN);
    for (list, is_known) in [
        ("", false),
        ("src/a/b.rs\nsrc/a/mod.rs\n", true),
        ("src/x.rs\n\nsrc/a/b.rs\nsrc/a/mod.rs\nsrc/b.rs\n", true),
        // Two listed circles that become one.
        ("src/a/b.rs\nsrc/x.rs\n\nsrc/a/mod.rs\nsrc/y.rs\n", false),
        ("other/a/b.rs\nother/a/mod.rs\n", false),
    ] {
        let problems = new_circles(&circles_of(list), "src", &graph);
        assert_eq!(problems.is_empty(), is_known, "{list}");
    }
}

#[test]
fn circles_over_several_files_are_found() {
    let graph = graph(
        "== lib.rs\nmod a;\nmod b;\nmod c;\nmod d;\nmod e;\nmod f;\n\
         == a.rs\nuse crate::{b::B, e::E};\npub struct A;\n== b.rs\nuse crate::c::C;\npub struct B;\n\
         == c.rs\nuse crate::a::A;\npub struct C;\n== d.rs\nuse crate::a::A;\n\
         == e.rs\nuse crate::f::F;\npub struct E;\n== f.rs\nuse crate::e::E;\npub struct F;",
    );
    let circles: Vec<Vec<_>> =
        graph.circles().iter().map(|circle| circle.iter().cloned().collect()).collect();
    assert_eq!(circles, [vec!["a.rs", "b.rs", "c.rs"], vec!["e.rs", "f.rs"]]);
}

const HOUSE: &str = "== lib.rs\nmod client;\nmod http;\nmod kpi;\nmod testing;\nmod wire;\nmod words;\n\
                     == words/mod.rs\npub mod api;\n== words/api.rs\npub struct Api;\n\
                     == wire.rs\nuse crate::words::api::Api;\npub struct Wire;\n\
                     == http.rs\nuse crate::words::api::Api;\nuse reqwest::Client as Inner;\npub struct Http;\n\
                     pub async fn x(_: Inner) { y().await }\n\
                     == client.rs\nuse crate::{http::Http, wire::Wire};\npub struct Client;\n\
                     == kpi.rs\nuse crate::testing::T;\nuse crate::client::Client;\n== testing.rs\npub struct T;";

fn floor_problems(text: &str) -> Vec<String> {
    let graph = graph(text);
    lines([upward(&graph, &FLOORS), across(&graph, &APART)].into_iter().flatten().collect())
}

fn lines(problems: Problems) -> Vec<String> {
    problems.into_iter().map(|(problem, more)| format!("{problem}: {more}")).collect()
}

#[test]
fn arrows_go_down() {
    assert_eq!(floor_problems(HOUSE), [""; 0]);
    for (line, instead, problem) in [
        (
            "pub struct Api;",
            "pub struct Api(crate::client::Client);",
            "words/api.rs -> client.rs goes up: words/api.rs:1 names crate::client::Client",
        ),
        (
            "pub struct Wire;",
            "pub struct Wire;\nfn x() { crate::http::x(); }",
            "wire.rs -> http.rs goes up: wire.rs:3 names crate::http::x",
        ),
        (
            "pub struct Http;",
            "pub struct Http(crate::wire::Wire);",
            "http.rs -> wire.rs joins what is apart: http.rs:3 names crate::wire::Wire",
        ),
        (
            "mod words;",
            "mod words;\nmod wordsmith;\n== wordsmith.rs\n",
            "wordsmith.rs is on no floor: ",
        ),
        (
            "mod words;\n== words/mod.rs",
            "mod words;\npub struct Root;\n== words/mod.rs\nuse crate::Root;",
            "words/mod.rs -> lib.rs goes up: words/mod.rs:1 names crate::Root",
        ),
    ] {
        let changed = HOUSE.replace(line, instead);
        assert_ne!(changed, HOUSE);
        assert_eq!(floor_problems(&changed), [problem]);
    }
}

#[test]
fn other_crates_are_named_where_they_belong() {
    let only = Only {
        paths: &["reqwest", "std::io", "jiff::Timestamp::now", "async", "await"],
        within: &["http"],
    };
    assert_eq!(lines(elsewhere(&graph(HOUSE), &only)), [""; 0]);
    for (code, problem) in [
        ("use std::io::Read;", "wire.rs names std::io: wire.rs:1 names std::io::Read"),
        ("use std::{fmt, io};", "wire.rs names std::io: wire.rs:1 names std::io"),
        (
            "use std as s;\nfn x(_: s::io::Error) {}",
            "wire.rs names std::io: wire.rs:2 names s::io::Error",
        ),
        (
            "use jiff::Timestamp as T;\nconst X: fn() -> T = T::now;",
            "wire.rs names jiff::Timestamp::now: wire.rs:2 names T::now",
        ),
        (
            "fn x() { vec![::reqwest::get()]; }",
            "wire.rs names reqwest: wire.rs:1 names ::reqwest::get",
        ),
        (
            "fn x(_: crate::http::Inner) {}",
            "wire.rs names reqwest: wire.rs:1 names crate::http::Inner",
        ),
        ("async fn x() {}", "wire.rs names async: wire.rs:1 names async"),
        ("fn x() { m!(y.await); }", "wire.rs names await: wire.rs:1 names await"),
    ] {
        let changed = HOUSE.replace("== wire.rs\n", &format!("== wire.rs\n{code}\n"));
        assert_eq!(lines(elsewhere(&graph(&changed), &only)), [problem], "{code}");
    }
    let fine = "/// std::io\nuse std::fmt; // reqwest\nfn io() -> &'static str { \"std::io\" }";
    let changed = HOUSE.replace("== wire.rs\n", &format!("== wire.rs\n{fine}\n"));
    assert_eq!(lines(elsewhere(&graph(&changed), &only)), [""; 0]);
}

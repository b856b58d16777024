//! Fields that are called otherwise on the wire by now, in sources with none and with several of them.

use xtask::renames::pins::{Pin, pin};

const SOURCE: &str = r#"
    pub mod types {
        pub struct Counters {
            /// A text.
            #[serde(rename = "callsByMood", skip_serializing_if = "Option::is_none")]
            pub calls_by_mood: Option<u8>,
            #[serde(default)]
            pub r#type: u8,
            #[serde(flatten)]
            pub extra: u8,
        }
        pub struct Others {
            #[serde(rename = "twice")]
            pub one: u8,
            #[serde(rename = "twice")]
            pub two: u8,
        }
    }
"#;

fn pinned(type_name: &str, old: &str) -> Result<String, String> {
    let mut file = syn::parse_str(SOURCE).unwrap();
    let [type_name, old] = [type_name, old].map(str::to_owned);
    let pins = [Pin { type_name, old, new: "callsByTemper".to_owned() }];
    pin(&mut file, &pins).map_err(|problem| problem.to_string())?;
    Ok(prettyplease::unparse(&file))
}

#[test]
fn a_field_keeps_its_identifier_and_its_other_attributes() {
    let code = pinned("Counters", "callsByMood").unwrap();
    let before = prettyplease::unparse(&syn::parse_str(SOURCE).unwrap());
    assert_eq!(code, before.replace("callsByMood", "callsByTemper"));
    let code = pinned("Counters", "type").unwrap();
    let expected = "#[serde(rename = \"callsByTemper\", default)]\n        pub r#type: u8";
    assert!(code.contains(expected), "{code}");
}

#[test]
fn a_field_that_is_not_there_is_an_error() {
    for (type_name, old) in [("Counters", "calls_by_mood"), ("Others", "callsByMood"), ("No", "a")]
    {
        let error = pinned(type_name, old).unwrap_err();
        let expected = format!("`{type_name}` has no field of that name");
        assert!(error.contains(&expected) && error.contains("remedy: "), "{error}");
    }
    assert!(pinned("Counters", "extra").is_err(), "it has no name");
}

#[test]
fn several_fields_of_one_name_are_an_error() {
    let error = pinned("Others", "twice").unwrap_err();
    assert!(error.contains("`Others` has several fields of that name"), "{error}");
    let twice = [SOURCE, "mod other { pub struct Counters { pub mood: u8 } }"].concat();
    let mut file = syn::parse_str(&twice.replace("callsByMood", "mood")).unwrap();
    let [type_name, old, new] = ["Counters", "mood", "temper"].map(str::to_owned);
    assert!(pin(&mut file, &[Pin { type_name, old, new }]).is_err());
}

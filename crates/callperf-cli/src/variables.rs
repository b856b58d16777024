//! Files of environment variables, a line each, as `callperf sandbox` prints them.

use std::collections::BTreeMap;

/// The variables that such a file is read for.
pub(crate) const KNOWN: [&str; 4] =
    ["RC_SERVER_URL", "RC_APP_CLIENT_ID", "RC_APP_CLIENT_SECRET", "RC_USER_JWT"];

/// Returns the variables of a file by name.
///
/// # Errors
/// For the first line that isn't a variable, a comment or blank, and for a name
/// that is nearly a known one: without its server's address, a file's secrets
/// would go to production. Only the line's number is in the error, because the
/// line may hold a secret.
pub(crate) fn parse(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut values = BTreeMap::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = variable(line)
            .ok_or_else(|| format!("line {number} isn't NAME=VALUE, a comment or blank"))?;
        if let Some(known) = nearly(name) {
            return Err(format!("line {number} sets an unknown variable; did you mean {known}?"));
        }
        values.insert(name.to_owned(), value.to_owned());
    }
    Ok(values)
}

fn variable(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then(|| (name, value.trim().trim_matches(['"', '\''])))
}

/// The known variable that a name is a misspelling of.
fn nearly(name: &str) -> Option<&'static str> {
    let distance = |known: &str| strsim::damerau_levenshtein(known, &name.to_ascii_uppercase());
    KNOWN.into_iter().find(|known| *known != name && distance(known) <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_shells_and_editors_are_understood() {
        let text = "# a sandbox\r\n\r\nexport RC_SERVER_URL=\"http://127.0.0.1:1\"\r\n \
                    RC_USER_JWT = 'a=b'\nOTHER=\n";
        let values = parse(text).unwrap();
        let expected =
            [("OTHER", ""), ("RC_SERVER_URL", "http://127.0.0.1:1"), ("RC_USER_JWT", "a=b")];
        assert!(values.iter().map(|(name, value)| (name.as_str(), value.as_str())).eq(expected));
    }

    #[test]
    fn a_line_that_is_not_understood_is_named_by_its_number() {
        for line in
            ["s3cret", "$env:RC_USER_JWT=\"s3cret\"", "s3.cret=", "\u{feff}RC_USER_JWT=s3cret"]
        {
            let error = parse(&format!("RC_APP_CLIENT_ID=a\n\n{line}\n")).unwrap_err();
            assert_eq!(error, "line 3 isn't NAME=VALUE, a comment or blank");
        }
    }

    #[test]
    fn a_misspelt_name_is_an_error() {
        for name in ["RC_SERVER_URI", "rc_server_url", "RC_SEVER_URL"] {
            let error = parse(&format!("{name}=https://s3cret.example")).unwrap_err();
            assert_eq!(error, "line 1 sets an unknown variable; did you mean RC_SERVER_URL?");
        }
    }
}

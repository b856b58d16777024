//! The revision that an older server speaks, as it is given on the command line.

use std::str::FromStr;

use callperf::Api;
use jiff::civil::Date;

/// A date, or one with its API as in `beta@2021-07-19`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ServerRevision {
    api: Option<Api>,
    date: Date,
}

impl ServerRevision {
    /// Its date, if it can be one of the API that is spoken.
    pub(crate) fn of(self, spoken: Api) -> Result<Date, String> {
        match self.api.filter(|api| *api != spoken) {
            None => Ok(self.date),
            Some(api) => Err(format!(
                "--server-revision: {api}@{} is a revision of {api}, and {spoken} is asked; add \
                 --api {api}, or leave it out",
                self.date
            )),
        }
    }
}

impl FromStr for ServerRevision {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (api, date) = match text.split_once('@') {
            Some((api, date)) => (Some(named(api)?), date),
            None => (None, text),
        };
        let date = date
            .parse()
            .map_err(|_| format!("{date:?} isn't a date; write one as in 2023-03-27"))?;
        Ok(Self { api, date })
    }
}

fn named(name: &str) -> Result<Api, String> {
    name.parse().map_err(|_| {
        let known: Vec<_> = Api::KNOWN.iter().map(callperf::Api::as_str).collect();
        format!("no API is named {name:?}; they are {}", known.join(" and "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_a_date_with_its_api_or_without() {
        let of = |text: &str, api| text.parse::<ServerRevision>().and_then(|it| it.of(api));
        let date: Date = "2021-07-19".parse().unwrap();
        assert_eq!(of("2021-07-19", Api::CallsV1), Ok(date));
        assert_eq!(of("beta@2021-07-19", Api::Beta), Ok(date));
        let refused = of("beta@2021-07-19", Api::CallsV1).unwrap_err();
        assert!(refused.contains("add --api beta"), "{refused}");
        for text in ["beta@2021-13-01", "soon", "beta@"] {
            let refused = of(text, Api::Beta).unwrap_err();
            assert!(refused.ends_with("isn't a date; write one as in 2023-03-27"), "{refused}");
        }
        let refused = of("fax@2021-07-19", Api::Beta).unwrap_err();
        assert_eq!(refused, "no API is named \"fax\"; they are beta and calls-v1");
    }
}

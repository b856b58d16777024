//! `callperf words`: the vocabulary, from the SDK's own lists and rules.

use std::io::Write;

use callperf::{
    Aggregation, Api, Breakdown, Client, Credentials, GroupBy, Interval, Kpi, Measure, Period,
    Query,
    rules::{self, RuleInfo},
    vocabulary::{
        CallAction, CallResponse, CallResult, CallSegment, CallType, CompanyHours, DayOfWeek,
        Direction, EndingParty, Grouping, MembersOf, Origin, QueueHours, QueueSla, Word,
    },
};

use crate::{
    Failure, args,
    words::{self, FILTERS, FilterName, spoken},
};

/// A word with what it means, and the APIs that have it.
struct Listed {
    word: String,
    meaning: String,
    apis: Vec<Api>,
}

pub(crate) fn print(out: &mut impl Write, api: Option<&str>) -> Result<(), Failure> {
    let only = api.map(args::api);
    let judges = Judges::new()?;
    section(out, only, "--group-by", "one row per", judges.groupings())?;
    section(out, only, "--calls", "how many calls", judges.measures(Query::calls))?;
    section(out, only, "--time-spent", "seconds", judges.measures(Query::time_spent))?;
    section(out, only, "--kpis", "key figures; --explain has their formulas", figures())?;
    let how = "after a metric, as in all:average/day; the sum if left out";
    section(out, only, "aggregations", how, judges.aggregations())?;
    let how = "after an aggregation, and for timeline --interval";
    section(out, only, "intervals", how, judges.intervals())?;
    for filter in FILTERS {
        let title = format!("--where {}=…", filter.name);
        section(out, only, &title, filter.meaning, judges.filter(filter))?;
    }
    section(out, only, "--days", "only calls that started on", judges.days())?;
    rules_of(out, only)?;
    assumptions(out)?;
    Ok(())
}

fn section(
    out: &mut impl Write,
    only: Option<Api>,
    title: &str,
    note: &str,
    words: Vec<Listed>,
) -> std::io::Result<()> {
    let shown: Vec<_> = words
        .into_iter()
        .filter(|listed| !listed.apis.is_empty())
        .filter(|listed| only.is_none_or(|api| listed.apis.contains(&api)))
        .collect();
    if shown.is_empty() {
        return Ok(());
    }
    writeln!(out, "{title}  ({note})")?;
    for Listed { word, meaning, apis } in shown {
        let limit = match &apis[..] {
            [one] if only.is_none() => format!(" [{one} only]"),
            _ => String::new(),
        };
        writeln!(out, "{}", format!("  {word:<23} {meaning}{limit}").trim_end())?;
    }
    writeln!(out)
}

fn rules_of(out: &mut impl Write, only: Option<Api>) -> std::io::Result<()> {
    let of_api = |rule: &RuleInfo| only.is_none_or(|api| rule.apis.contains(&api));
    let (rules, limits): (Vec<_>, Vec<_>) =
        rules::table().filter(of_api).partition(|rule| rule.can_be_overridden);
    writeln!(out, "rules  (checked before anything is sent; --unchecked sends all the same)")?;
    for rule in rules {
        let source = match rule.evidence {
            rules::Evidence::Specification => "the API's specification",
            rules::Evidence::Documentation => "the vendor's documentation",
            rules::Evidence::ThirdParty => "third parties",
            _ => "this program",
        };
        let weight = if rule.is_notice { "; a notice, not a refusal" } else { "" };
        writeln!(out, "  {:<24}{}; {source}{weight}", rule.name, apis(&rule))?;
    }
    writeln!(out)?;
    writeln!(out, "limits  (what no request can say, so that --unchecked can't send it either)")?;
    for limit in limits {
        writeln!(out, "  {:<24}{}", limit.name, apis(&limit))?;
    }
    writeln!(out)
}

fn apis(rule: &RuleInfo) -> String {
    rule.apis.iter().map(Api::as_str).collect::<Vec<_>>().join(", ")
}

fn assumptions(out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "assumptions  (what no document says)")?;
    for assumption in rules::ASSUMPTIONS {
        writeln!(out, "  {:<28}{}", assumption.name, assumption.text)?;
    }
    Ok(())
}

/// A client of each API that is asked what it would refuse, and sends nothing.
struct Judges(Vec<Client>);

impl Judges {
    fn new() -> Result<Self, Failure> {
        let judge = |api: &Api| {
            let builder = Client::builder().credentials(Credentials::jwt("", "", ""));
            builder.no_proxy().api(*api).build()
        };
        Ok(Self(Api::KNOWN.iter().map(judge).collect::<Result<_, _>>()?))
    }

    /// The APIs that a word can be put into a request of.
    fn having(&self, query: &Query) -> Vec<Api> {
        let query = query.clone().unchecked();
        let can = |client: &&Client| client.aggregate(&query).check().is_ok();
        self.0.iter().filter(can).map(Client::api).collect()
    }

    fn listed(&self, word: String, meaning: &str, query: &Query) -> Listed {
        Listed { word, meaning: meaning.to_owned(), apis: self.having(query) }
    }

    fn groupings(&self) -> Vec<Listed> {
        let each = Grouping::KNOWN.iter().map(|word| {
            self.listed(spoken(word.as_str()), word.meaning(), &grouped(word.clone().into()))
        });
        let members = MembersOf::KNOWN.iter().map(|word| {
            let query = grouped(word.clone().into());
            self.listed(words::members_of(word), word.meaning(), &query)
        });
        each.chain(members).collect()
    }

    fn measures(&self, ask: fn(Query, Measure) -> Query) -> Vec<Listed> {
        Breakdown::KNOWN
            .iter()
            .map(|word| {
                let name = match word {
                    Breakdown::Total => "all".to_owned(),
                    word => spoken(word.as_str()),
                };
                self.listed(name, word.meaning(), &ask(unasked(), word.clone().into()))
            })
            .collect()
    }

    fn aggregations(&self) -> Vec<Listed> {
        Aggregation::KNOWN
            .iter()
            .map(|word| {
                let query = unasked().time_spent(Measure::new(Breakdown::Total, word.clone()));
                self.listed(spoken(word.as_str()), word.meaning(), &query)
            })
            .collect()
    }

    fn intervals(&self) -> Vec<Listed> {
        Interval::KNOWN
            .iter()
            .map(|word| {
                let measure = Measure::new(Breakdown::Total, Aggregation::Average);
                let query = unasked().calls(measure.per(word.clone()));
                self.listed(spoken(word.as_str()), word.meaning(), &query)
            })
            .collect()
    }

    fn days(&self) -> Vec<Listed> {
        DayOfWeek::KNOWN
            .iter()
            .map(|word| {
                let query = asked().on_days([word.clone()]);
                self.listed(spoken(word.as_str()), "", &query)
            })
            .collect()
    }

    /// The words of a filter; a filter without words is listed by an example.
    fn filter(&self, filter: &FilterName) -> Vec<Listed> {
        let listed = |word: &str, meaning: &str| {
            let filter = words::filter(filter.name, word).ok()?;
            Some(self.listed(word.to_owned(), meaning, &asked().only(filter)))
        };
        let words = match filter.name {
            "direction" => meanings::<Direction>(),
            "origin" => meanings::<Origin>(),
            "response" => meanings::<CallResponse>(),
            "result" => meanings::<CallResult>(),
            "type" => meanings::<CallType>(),
            "segment" => meanings::<CallSegment>(),
            "action" => meanings::<CallAction>(),
            "company-hours" => meanings::<CompanyHours>(),
            "queue-sla" => meanings::<QueueSla>(),
            "ending-party" => meanings::<EndingParty>(),
            "queue-hours" => meanings::<QueueHours>(),
            "call-duration" | "time-spent" => vec![("30..60".to_owned(), "")],
            "called-number" => vec![("+12125550100".to_owned(), "")],
            _ => vec![("900000201".to_owned(), "")],
        };
        words.iter().filter_map(|(word, meaning)| listed(word, meaning)).collect()
    }
}

fn figures() -> Vec<Listed> {
    let listed = |kpi: &Kpi| Listed {
        word: spoken(kpi.as_str()),
        meaning: kpi.meaning().to_owned(),
        apis: kpi.apis().to_vec(),
    };
    Kpi::KNOWN.iter().map(listed).collect()
}

fn meanings<W: Word>() -> Vec<(String, &'static str)> {
    W::KNOWN.iter().map(|word| (spoken(word.as_str()), word.meaning())).collect()
}

fn grouped(group_by: GroupBy) -> Query {
    Query::new(group_by, Period::last_days(1), "UTC").calls(Breakdown::Total)
}

fn unasked() -> Query {
    Query::new(GroupBy::users(), Period::last_days(1), "UTC")
}

fn asked() -> Query {
    grouped(GroupBy::users())
}

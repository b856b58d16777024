//! Days that the API has forgotten, from the folder that is configured.

use std::{fs, path::PathBuf};

use serde_json::Value as Json;

use crate::support::{
    Served,
    company::{Company, NOW},
    outcome,
};

/// A company, and its history of May and June, which the API has begun to forget.
fn with_history() -> (Company, PathBuf) {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    let earlier = "2026-06-20T12:00:00Z";
    let options = format!("--seed 7 --users 24 --now {earlier}");
    let served = Served::start(&company.home, &options);
    let mut command = company.home.command(&format!(
        "sync --quiet --now {earlier} --from 2026-05-01 --hourly none --daily none --figures \
         company,queues,users --out"
    ));
    let synced = command.arg(&folder).envs(served.variables.clone()).output().unwrap();
    assert_eq!(outcome(&synced).0, 0, "{}", outcome(&synced).2);
    (company, folder)
}

#[test]
fn a_forgotten_month_comes_from_the_configured_folder() {
    let (company, folder) = with_history();
    let args = format!("report queues --month 2026-05 --format csv --now {NOW}");
    let with = |name: &str, value: &str| {
        let mut command = company.home.command(&args);
        let command = command.envs(company.served.variables.clone()).env(name, value);
        outcome(&command.output().unwrap())
    };
    let (code, _, said) = with("UNUSED", "");
    assert!(code == 2 && said.contains("the part from 2026-05-25 on exists"), "{said}");
    let (code, data, said) = with("CALLPERF_HISTORY", folder.to_str().unwrap());
    assert_eq!(code, 0, "{said}");
    let notice = "the API has forgotten the beginning of the period: answered from the history in ";
    assert!(said.contains(notice), "{said}");
    let named = company.run(&format!("{args} --history {}", folder.display()), None);
    assert!(named.lines().count() > 3 && data == named, "{data}{named}");
    // A profile names it, too.
    let secret = |name: &str| company.served.variable(name).to_owned();
    let config = format!(
        "[profiles.p]\nclient_id = \"{}\"\nserver = \"{}\"\nclient_secret_env = \"S\"\n\
         jwt_env = \"J\"\nhistory = \"../../history\"\n",
        secret("RC_APP_CLIENT_ID"),
        secret("RC_SERVER_URL")
    );
    company.home.write("config/callperf/config.toml", &config);
    let mut command = company.home.command(&format!("{args} --profile p"));
    let secrets = [("S", secret("RC_APP_CLIENT_SECRET")), ("J", secret("RC_USER_JWT"))];
    let (code, data, said) = outcome(&command.envs(secrets).output().unwrap());
    assert_eq!((code, data), (0, named), "{said}");
    assert_eq!(company.requests(), Vec::<String>::new());
    // The beta has no history, and that is said.
    let mut command = company.home.command(&format!("{args} --api beta"));
    let command = command.envs(company.served.variables.clone()).env("CALLPERF_HISTORY", &folder);
    let (_, _, said) = outcome(&command.output().unwrap());
    assert!(said.contains("the configured history isn't used: it holds calls-v1"), "{said}");
    // A folder that can't be read is no reason to fail.
    let (code, _, said) = with("CALLPERF_HISTORY", "no-such-folder");
    assert!(code == 2 && said.contains("the configured history isn't used"), "{said}");
}

/// The API has the days from May 25 on.
#[test]
fn a_comparison_goes_across_the_border() {
    let (company, folder) = with_history();
    let args = format!("--kpis offered,answer-rate --format json --quiet --now {NOW}");
    let report = |args: &str, folder: Option<&PathBuf>| -> Json {
        let mut command = company.home.command(args);
        command.envs(company.served.variables.clone());
        command.envs(folder.map(|folder| ("CALLPERF_HISTORY", folder)));
        let (code, data, said) = outcome(&command.output().unwrap());
        assert_eq!(code, 0, "{said}");
        serde_json::from_str(&data).unwrap()
    };
    let period = "report --group-by queues --from 2026-06-05 --to 2026-06-18";
    let compared = format!("{period} {args} --compare");
    let notices = |report: &Json| report["notices"].to_string();
    let without = report(&compared, None);
    assert!(notices(&without).contains("no comparison"), "{without}");
    company.requests();
    let with = report(&compared, Some(&folder));
    let notice =
        "the API has forgotten the beginning of the period before: answered from the history";
    assert!(notices(&with).contains(notice), "{with}");
    assert!(!company.requests().is_empty(), "the period itself is the API's");
    let before = report(
        &format!(
            "report --group-by queues --from 2026-05-22 --to 2026-06-04 {args} --history {}",
            folder.display()
        ),
        None,
    );
    let records = |report: &Json| report["records"].as_array().unwrap().clone();
    assert_eq!(records(&with).len(), 4);
    for record in records(&with) {
        let all = records(&before);
        let earlier = all.iter().find(|other| other["key"] == record["key"]).unwrap();
        let figure = |record: &Json| record["kpis"]["offered"]["value"].clone();
        assert!(figure(earlier).is_number(), "{earlier}");
        assert_eq!(figure(&record["previous"]), figure(earlier), "{record}");
    }
    let totals = report(&format!("{compared} --totals"), Some(&folder));
    assert!(totals["total"]["previous"]["kpis"]["offered"]["value"].is_number(), "{totals}");
}

/// No zone was named, and the days of the folder can't be cut in another one.
#[test]
fn a_forgotten_period_is_in_the_folders_time_zone() {
    let company = Company::of("--users 24");
    let folder = company.home.path("history");
    let earlier = "2026-06-20T12:00:00Z";
    let options = format!("--seed 7 --users 24 --limits off --now {earlier}");
    let served = Served::start(&company.home, &options);
    let mut command = company.home.command(&format!(
        "sync --quiet --now {earlier} --from 2026-05-01 --time-zone America/New_York --hourly none \
         --daily company --figures queues --out"
    ));
    let synced = command.arg(&folder).envs(served.variables.clone()).output().unwrap();
    assert_eq!(outcome(&synced).0, 0, "{}", outcome(&synced).2);
    // The days of a comparison are cut in the same zone.
    let compared = ["report queues", "timeline queues"]
        .map(|it| format!("{it} --compare-to 2026-05-10..2026-05-17"));
    let alone = ["report queues", "timeline queues", "timeline --group-by company --calls all"];
    for question in alone.map(str::to_owned).into_iter().chain(compared) {
        let args = format!("{question} --from 2026-05-02 --to 2026-05-09 --format csv --now {NOW}");
        let mut command = company.home.command(&args);
        command.envs(company.served.variables.clone()).env("CALLPERF_HISTORY", &folder);
        let (code, data, said) = outcome(&command.output().unwrap());
        assert_eq!(code, 0, "{question}: {said}");
        let notice = "the API has forgotten the period: answered from the history in ";
        assert!(said.contains(notice) && said.contains("of the account 1500000001"), "{said}");
        let zone = " --time-zone America/New_York";
        let named = company.run(&format!("{args}{zone} --history {}", folder.display()), None);
        assert_eq!(data, named, "{question}");
        // One that is named stays, and can't be answered.
        let mut command = company.home.command(&format!("{args} --time-zone UTC"));
        command.envs(company.served.variables.clone()).env("CALLPERF_HISTORY", &folder);
        let (code, _, said) = outcome(&command.output().unwrap());
        assert!(code == 2 && said.contains("its days are cut in America/New_York"), "{said}");
    }
}

#[test]
fn a_dashboard_comes_from_a_history() {
    let (company, folder) = with_history();
    let page = company.home.path("page.html");
    let mut command = company.home.command(&format!(
        "dashboard --from 2026-05-18 --to 2026-05-31 --now {NOW} --history {}",
        folder.display()
    ));
    let (code, _, said) = outcome(&command.arg("--out").arg(&page).output().unwrap());
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("answered from the history in ") && said.contains("no busy hours"),
        "{said}"
    );
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("Support") && page.contains("no busy hours"));
    assert_eq!(company.requests(), Vec::<String>::new());
}

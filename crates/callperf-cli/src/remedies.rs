//! What the SDK advises programs in Rust, as advice for the command line.

/// Parts of the SDK's messages that name something of Rust, and what stands for each here.
const REMEDIES: [(&str, &str); 16] = [
    ("use Api::CallsV1, or one aggregate per interval", "leave out --api beta, or ask for reports"),
    ("use Api::CallsV1", "leave out --api beta"),
    ("Filter::queues (--where queue=ID)", "--where queue=ID"),
    (
        "Directory::find looks it up by name or extension number",
        "`callperf directory` has the ids of names and extension numbers",
    ),
    ("Directory::find looks up the id", "`callperf directory` has the ids"),
    ("ask for all of them with all_keys()", "leave --keys out for all"),
    ("leave on_days(…) out", "leave --days out"),
    ("leave in_hours(…) out", "leave --hours out"),
    ("add calls(…) or time_spent(…)", "add --calls, --time-spent or --kpis"),
    ("leave per(…) out", "leave it out after the `/`"),
    (
        "say which revision an older server speaks, with ClientBuilder::revision",
        "name the revision of an older server with --server-revision",
    ),
    ("ClientBuilder::revision: ", "--server-revision, or server_revision of the profile: "),
    ("set ClientBuilder::revision", "name its revision with --server-revision"),
    ("add per(…)", "add one after a `/`, as in all:average/day"),
    (
        "ask for smaller pages, fewer measures or a shorter period, or raise the bound with \
         ClientBuilder::max_json_values",
        LESS_AT_ONCE,
    ),
    (
        "ask for smaller pages, fewer measures or a shorter period, or raise the bound with \
         ClientBuilder::max_body_bytes",
        LESS_AT_ONCE,
    ),
];

const LESS_AT_ONCE: &str = "ask for less at once: `sync` by fewer --days-per-request, `report` and \
                            `timeline` by a shorter period, fewer --keys or fewer numbers";

/// A message of the SDK, with the advice that it has in the words of the command line.
pub(crate) fn on_the_command_line(message: &str) -> String {
    REMEDIES
        .iter()
        .fold(message.to_owned(), |text, (of_the_sdk, here)| text.replace(of_the_sdk, here))
}

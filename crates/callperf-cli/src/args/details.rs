//! What the manual page says of options whose help is one line.

/// Options of reports that their help leaves out, by their ids: it has room for one page.
pub(super) const RARE: &[&str] = &[
    "compare",
    "readable",
    "bom",
    "width",
    "staffed",
    "missing_is_zero",
    "wire_filters",
    "unchecked",
    "now",
    "to",
    "config",
    "api",
    "server_revision",
    "calibration",
    "attempts",
    "strict",
];

/// Options by their ids, with what they mean in full.
pub(crate) const DETAILS: &[(&str, &str)] = &[
    (
        "preset",
        "A ready-made question: queues, agents, company, ivr or sites; agents-of QUEUE has the \
         members of a queue with the calls that came from it; queue-hours QUEUE has the queue itself, \
         with its calls in and after its hours",
    ),
    (
        "group_by",
        "What a row is: company, users, queues, ivrs, ivas, sites, departments, user-groups, \
         company-numbers, shared-lines, or members-of-queues, -sites, -departments, -user-groups. \
         Members count with all their calls: add --where queue=ID for an agent's calls of that queue \
         alone",
    ),
    (
        "keys",
        "Only these. Users, queues, sites, IVRs and shared lines by key (the extension's id), by \
         extension number or by name; a text that is the key of one and the number of another is taken \
         for the key. All others by key (a company number by the number itself). With commas between \
         them, and a name that has one in quotation marks: '\"Sales, East\",Support'",
    ),
    (
        "kpis",
        "Key figures: answer-rate, service-level-of-answered, average-speed-of-answer, \
         abandonment-rate:20s (without callers who hung up within 20 s) and others; `callperf words` \
         lists them",
    ),
    (
        "missing_is_zero",
        "Take a key that an answer leaves out to have no such calls; by default what can't be known is \
         absent",
    ),
    (
        "calls",
        "Numbers of calls: all, by-direction, by-origin, by-response, by-type, by-result, by-segment, \
         by-action, by-company-hours, by-queue-sla, by-ending-party, by-queue-hours, \
         queue-opportunities; with an aggregation other than the sum as in all:average/day or \
         by-result:percent. A name of the API that this program doesn't know is sent as it is, as in \
         callsByMood",
    ),
    (
        "filters",
        "Only calls that pass: direction, origin, response, result, type, segment, action, \
         company-hours, queue-sla, ending-party, queue-hours, called-number, queue, from, to (as in \
         --keys), call-duration and time-spent (seconds, as in 30..60); one filter's words are joined \
         by OR, filters by AND. Key figures choose direction, response and result themselves: only the \
         same is taken. With ending-party and queue-hours, which came in 2025, the breakdown of their \
         words is requested, too: a server that ignored the filter is noticed, and its numbers aren't \
         shown",
    ),
    (
        "wire_filters",
        "Only calls that pass a filter that this program doesn't know, by its name in the API and with \
         its value in JSON",
    ),
    (
        "sort",
        "The rows in this order: a column's name, with :asc for the smallest first; what is absent \
         comes last",
    ),
    (
        "heat",
        "Show a table of weekdays and hours for each key: one number, added up over the period. By \
         default all calls, else the column that is named. It is of hours, and takes no --interval",
    ),
    ("today", "Today up to now; what is previous to it is the same part of yesterday"),
    (
        "compare",
        "Beside each number the change since the period before; the same as --compare-to previous",
    ),
    (
        "compare_to",
        "Beside each number the change since another period. `previous` is the one right before: as \
         many local days, as many months before whole months, and before this month up to now the same \
         part of last month. `weekdays` is the nearest earlier one with the same days of the week, \
         `month` and `year` are the same a month and a year earlier, and FROM..TO is as in --from and \
         --to. In a timeline an hour or a day is compared with the same local time so many days before; \
         the first week or month with the first, and so on, where both periods touch as many and \
         neither is cut short, or both alike",
    ),
    (
        "totals",
        "The whole company as well, asked for by itself: one call can count in several rows, so that \
         the rows don't add up",
    ),
    (
        "targets",
        "Hold the figures against [targets] of the configuration file, and the service level of each \
         queue against its own goal, from the company's directory. It is the default where that file has \
         [targets]",
    ),
    (
        "history",
        "Answer from this folder of `callperf sync`, and send nothing: also days that the API has \
         forgotten. What the folder can't answer exactly is refused by its name",
    ),
    ("from", "The start: a local date, or an instant such as 2026-11-01T08:00:00-05:00"),
    (
        "time_zone",
        "Where days begin and hours are cut: an IANA name; by default UTC, or the zone of --history",
    ),
    ("explain", "Print the requests, what each number counts, and what they cost. Send nothing"),
    (
        "format",
        "How to show it; by default what the extension of --out stands for, else a table. table is for \
         people, json has the SDK's types as `callperf schema` describes them, ndjson the same with a \
         record a line, csv and xlsx are for spreadsheets, parquet is for query engines, and markdown \
         for wikis and chats. xlsx and parquet need --out",
    ),
];

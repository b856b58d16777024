"""The key figures that the demo shows, by SQL from the calls that it shows them of.

    figures.py CALLPERF SCRATCH

Written from what each figure is documented to be (`callperf words`, `callperf
report … --explain`, the documentation of `callperf::kpi`), not from its code: what
is absent, and what is zero, too. Numbers must be equal to the last bit, those of
the page's tiles as they are shown. Exits with 1 if any differs, and if none would
differ had one call been talked and another rung a second longer.
"""

import collections
import csv
import dataclasses
import html.parser
import itertools
import json
import pathlib
import re
import shutil
import subprocess
import sys
import time

from answer import Oracle, text

# The demo's calls end with that day; its zone put the clocks back nine days before.
NOW = "2026-11-10T00:00:00Z"
ZONE = "America/New_York"
STAFFED_HOURS = 38.5
# Callers who hang up within it count in no rate of those that leave them out.
SHORT_SECONDS = 20

INBOUND = "direction = 'inbound'"
ANSWERED = f"{INBOUND} and response = 'answered'"
GAVE_UP = f"{INBOUND} and response = 'not_answered' and result = 'abandoned'"
# The sums that the definitions speak of, over a key's calls of the period.
SUMS = {
    "offered": f"count(*) filter ({INBOUND})",
    "answered": f"count(*) filter ({ANSWERED})",
    "not_answered": f"count(*) filter ({INBOUND} and response = 'not_answered')",
    "abandoned": f"count(*) filter ({INBOUND} and result = 'abandoned')",
    "gave_up": f"count(*) filter ({GAVE_UP})",
    "gave_up_shortly": f"count(*) filter ({GAVE_UP} and length <= {SHORT_SECONDS})",
    "waited": f"sum(length) filter ({GAVE_UP})",
    "longest_ringing": f"max(seg_ringing) filter ({INBOUND})",
    "talked_inbound": f"sum(seg_live_talk) filter ({INBOUND})",
    "hold_inbound": f"sum(seg_hold) filter ({INBOUND})",
    "voicemail": f"count(*) filter ({INBOUND} and result = 'voicemail')",
    "missed": f"count(*) filter ({INBOUND} and result = 'missed')",
    "in_sla": f"count(*) filter ({INBOUND} and sla = 'in')",
    "out_of_sla": f"count(*) filter ({INBOUND} and sla = 'out')",
    "ringing": f"sum(seg_ringing) filter ({ANSWERED})",
    "handled": f"sum(seg_live_talk + seg_hold) filter ({INBOUND})",
    "held": f"count(*) filter ({INBOUND} and seg_hold > 0)",
    "transfers": f"sum(act_blind_transfer + act_warm_transfer + act_dtmf_transfer) filter ({INBOUND})",
    "talked": "sum(seg_live_talk + seg_hold)",
    "from_queue": "count(*) filter (type = 'from_queue')",
    "opportunities": "sum(opportunities)",
}
# Shares of them; a share of nothing is absent, and so is a sum of no call.
FIGURES = {
    "offered": ("offered", None),
    "answered": ("answered", None),
    "answer_rate": ("answered", "offered"),
    "abandonment_rate": ("abandoned", "offered"),
    "abandonment_rate_before_answer": ("known_gave_up", "offered"),
    "abandonment_rate_without_short": ("known_gave_up - known_shortly", "offered - known_shortly"),
    "voicemail_rate": ("voicemail", "offered"),
    "missed_rate": ("missed", "offered"),
    "service_level_of_answered": ("in_sla", "in_sla + out_of_sla"),
    "service_level_of_offered": ("in_sla", "offered"),
    "service_level_abandoned_missed": ("in_sla", "in_sla + out_of_sla + known_gave_up"),
    "service_level_abandoned_met": ("in_sla + known_gave_up", "in_sla + out_of_sla + known_gave_up"),
    "average_speed_of_answer": ("ringing", "answered"),
    "average_time_to_abandon": ("waited", "gave_up"),
    "longest_wait": ("case when offered > 0 then longest_ringing end", None),
    "average_talk_time": ("talked_inbound", "answered"),
    "average_hold_time": ("hold_inbound", "held"),
    "average_handle_time": ("handled", "answered"),
    "hold_rate": ("held", "answered"),
    "transfer_rate": ("transfers", "answered"),
    "opportunity_conversion": ("from_queue", "opportunities"),
    "occupancy": ("talked", "staffed_seconds"),
}
# Of a whole period, and in no timeline.
OF_PERIODS = {"longest_wait"}
OF_ALL_CALLS = {"opportunity_conversion", "occupancy"}
ONLY_FOR = {
    **{name: {"Queues"} for name in FIGURES if name.startswith("service_level")},
    "opportunity_conversion": {"Users"},
}
GROUPINGS = {"queues": "Queues", "users": "Users", "company": "Company"}


def fitting(grouping):
    return [name for name in FIGURES if grouping in ONLY_FOR.get(name, {grouping})]


def dashed(name):
    """As the program is asked for a figure."""
    time = f":{SHORT_SECONDS}s" if name.endswith("_without_short") else ""
    return name.replace("_", "-") + time


class Periods:
    """Whole local days, as two instants."""

    def __init__(self, oracle):
        self.oracle = oracle

    def between(self, first, after):
        (start, end), = self.oracle.rows(f"""
            select timezone('{ZONE}', {first}::timestamp), timezone('{ZONE}', {after}::timestamp)""")
        return start, end

    def last(self, days, before=0):
        """The days before today, or those before them."""
        today = f"(date_trunc('day', timezone('{ZONE}', timestamptz '{NOW}')) - interval {before} day)"
        return self.between(f"({today} - interval {days} day)", today)


class Definitions:
    """The figures of one grouping over a period, per key, or per key and local day."""

    def __init__(self, oracle, grouping, period, *, missing_is_zero=False, staffed=(), by_day=False):
        self.names = fitting(grouping)
        first, end = (f"timestamptz {text(at.isoformat())}" for at in period)
        local = "date_trunc('day', timezone('{}', {}))"
        days = f"""select strftime(d, '%Y-%m-%d') from generate_series(
            {local.format(ZONE, first)}, {local.format(ZONE, end)} - interval 1 day, interval 1 day) s(d)"""
        day = f"strftime({local.format(ZONE, 'start')}, '%Y-%m-%d')" if by_day else "'all'"
        sums = ", ".join(f"coalesce({sql}, 0)::double as {name}" for name, sql in SUMS.items())
        # Inbound calls are asked for by themselves, and so are those whose callers gave
        # up: a key that an answer lacks had no such call if the wider answer says so,
        # because nobody abandoned or all were answered.
        inbound_known = "true" if missing_is_zero else "ever_offered"
        gave_up_known = "true" if missing_is_zero else "ever_gave_up or abandoned = 0 or not_answered = 0"
        shortly_known = ("true" if missing_is_zero else
                         "ever_shortly or abandoned = 0 or not_answered = 0 or ever_gave_up and gave_up = 0")
        seconds = f"case when key in ({', '.join(map(text, staffed)) or 'null'}) then {STAFFED_HOURS * 3600} end"
        columns = ", ".join(
            f"case when {'true' if name in OF_ALL_CALLS else 'inbound_known'} then "
            + (above if below is None else f"({above}) / nullif({below}, 0)")
            + f" end as {name}"
            for name, (above, below) in FIGURES.items()
            if name in self.names
        )
        rows = oracle.rows(f"""
            with chosen as (
                select *, {day} as day from portions
                where grouping = '{grouping}' and start >= {first} and start < {end}
            ), asked as (
                select key, {SUMS["offered"]} > 0 as ever_offered, {SUMS["gave_up"]} > 0 as ever_gave_up,
                       {SUMS["gave_up_shortly"]} > 0 as ever_shortly
                from chosen group by key
            ), days(day) as ({days if by_day else "select 'all'"}
            ), sums as (
                select key, asked.ever_offered, asked.ever_gave_up, asked.ever_shortly, days.day, {sums}
                from asked cross join days left join chosen using (key, day)
                group by all
            ), known as (
                select *, {inbound_known} as inbound_known, case when {gave_up_known} then gave_up end as known_gave_up,
                       case when {shortly_known} then gave_up_shortly end as known_shortly,
                       {seconds} as staffed_seconds
                from sums
            )
            select key, day, ever_offered, {columns} from known""")
        self.rows = {(key, day): dict(zip(self.names, values)) for key, day, _, *values in rows}
        self.received = {(key, day) for key, day, received, *_ in rows if received}

    def of(self, names, only_received=False):
        """As a report has them that asks these figures, of inbound calls alone or of all calls."""
        keys = self.received if only_received else self.rows
        return {key: {name: self.rows[key][name] for name in names} for key in keys}


def of_json(answer, names, before=False):
    """A report's figures by key, a timeline's by key and day, or those of the period before."""
    def figures(entry):
        kpis = entry.get("previous", {}).get("kpis", {}) if before else entry.get("kpis", {})
        return {name: kpis[name]["value"] if name in kpis else None for name in names}
    return {
        (record["key"], point["time"][:10] if "time" in point else "all"): figures(point)
        for record in answer["records"]
        for point in record.get("points", [record])
    }


def of_csv(output, names):
    def number(field):
        return float(field) if field else None
    rows = csv.DictReader(output.splitlines())
    return {(row["key"], "all"): {name: number(row[f"kpis.{name}"]) for name in names} for row in rows}


class Page(html.parser.HTMLParser):
    """The page's tiles, and its tables: by the label of a row, the numbers by the id of a column."""

    def __init__(self, page):
        super().__init__()
        self.tiles, self.tables = {}, collections.defaultdict(dict)
        self.table = self.tile = self.row = None
        self.columns, self.inside = [], None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "table":
            self.table, self.columns = given.get("id"), []
        elif tag == "a" and given.get("class") == "why":
            self.tile = given["href"].removeprefix("#d-")
            self.columns.append(self.tile)
        elif tag == "tr" and self.table:
            self.row = []
        elif tag == "td" and self.table:
            self.row.append(given.get("data-number"))
        elif (tag, given.get("class")) == ("span", "name"):
            self.inside = "name"
        elif tag == "strong":
            self.inside = "tile"
        elif (tag, given.get("class", "").split(" ")[0]) == ("span", "change"):
            self.inside = "change"

    def handle_data(self, data):
        if self.inside == "name":
            self.label = data
        elif self.inside == "tile":
            self.tiles[self.tile] = [data]
        elif self.inside == "change":
            # The arrow has an element of its own, and so has what follows.
            if data.strip(" ▲▼=\n"):
                self.tiles[self.tile].append(data.strip())
            else:
                return
        self.inside = None

    def handle_endtag(self, tag):
        if tag == "tr" and self.table and self.row:
            numbers = (None if number is None else float(number) for number in self.row)
            self.tables[self.table][self.label] = dict(zip(self.columns, numbers))
        elif tag == "table":
            self.table = None


def decimal(value):
    return f"{value:.1f}".replace("-0.0", "0.0")


def shown(name, value):
    """As a tile has it: one decimal, or whole seconds, of which halves go away from zero."""
    if value is None:
        return "–"
    if name in ("offered", "answered"):
        return f"{value:,.0f}"
    if name.startswith("average"):
        whole = int(value + 0.5)
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{decimal(100 * value)} %"


def moved(name, before, now):
    """The change below a tile: of shares in points, of numbers and times in percent as well."""
    change = now - before
    def signed(text):
        return ("−" if change < 0 else "+") + text if re.search("[1-9]", text) else text
    if not name.startswith(("average", "offered")):
        return signed(f"{decimal(100 * abs(change))} pp")
    share = signed(f"{decimal(abs(100 * change / before))} %") if before else "–"
    return f"{signed(shown(name, abs(change)))} ({share})"


@dataclasses.dataclass
class Answer:
    """What the program showed, and what the definitions are to be asked to get the same."""
    told: str
    grouping: str
    period: tuple
    names: list
    found: dict
    how: dict = dataclasses.field(default_factory=dict)
    only_received: bool = False
    # Whether keys of the definitions may be lacking.
    is_part: bool = False

    def differences(self, oracle):
        expected = Definitions(oracle, self.grouping, self.period, **self.how).of(self.names, self.only_received)
        if expected.keys() - self.found.keys() and not self.is_part or self.found.keys() - expected.keys():
            yield self.told, "keys", sorted(expected), sorted(self.found)
        for key, figures in sorted(self.found.items()):
            for name, other in figures.items():
                one = expected.get(key, {}).get(name)
                if one != other:
                    yield f"{self.told}: {key}", name, one, other


class Shown:
    """What the program showed: kept, so that it can be held against more definitions than one."""

    def __init__(self, callperf, scratch, oracle):
        self.callperf, self.oracle, self.periods = callperf, oracle, Periods(oracle)
        self.credentials, page = scratch / "figures.env", scratch / "demo.html"
        self.answers = [*self.of_demo(page), *self.of_reports()]
        self.page = Page(page.read_text(encoding="utf-8"))

    def output(self, *arguments):
        done = subprocess.run([self.callperf, "--quiet", *arguments], check=True, capture_output=True, text=True)
        return done.stdout

    def of_demo(self, page):
        shown = self.output("demo", "--now", NOW, "--format", "json", "--out", str(page))
        for one in json.loads(shown):
            answer, first = one["answer"], one["answer"]["records"][0]
            names = list(first.get("kpis", {}))
            if names:
                # Numbers of all calls, where there are some, bring all keys.
                yield Answer(one["command"], GROUPINGS[answer["group_by"]], self.periods.last(7), names,
                             of_json(answer, names), only_received="calls" not in first,
                             is_part="--top" in one["command"])

    def of_reports(self):
        """Every figure; of a week, of four, and of a Sunday of 25 hours on which some keys had no call."""
        sunday = ["--from", "2026-11-01", "--to", "2026-11-01"]
        asked = [
            (["--last", "7d"], self.periods.last(7), self.periods.last(7, before=7)),
            (["--last", "28d"], self.periods.last(28), self.periods.last(28, before=28)),
            (sunday, self.periods.between("date '2026-11-01'", "date '2026-11-02'"),
             self.periods.between("date '2026-10-31'", "date '2026-11-01'")),
        ]
        for (said, grouping), (when, period, before) in itertools.product(GROUPINGS.items(), asked):
            names = fitting(grouping)
            staffed = [key for key, in self.oracle.rows(
                f"select distinct key from portions where grouping = '{grouping}' order by key")][::2]
            common = ["--group-by", said, *when]
            common += ["--time-zone", ZONE, "--now", NOW, "--credentials", str(self.credentials)]
            rows = [*common, "--kpis", ",".join(map(dashed, names))]
            hours = ["--staffed", ",".join(f"{key}={STAFFED_HOURS}" for key in staffed)]
            for more in [[], ["--missing-is-zero"], ["--compare"]]:
                of = (f"report {said} {' '.join(when + more)}", grouping)
                how = {"staffed": staffed, "missing_is_zero": more == ["--missing-is-zero"]}
                answer = json.loads(self.output("report", *rows, *hours, *more, "--format", "json"))
                yield Answer(*of, period, names, of_json(answer, names), how)
                if more == ["--compare"]:
                    # Of those that have figures now, the ones that had some then.
                    found = of_json(answer, names, before=True)
                    found = {key: figures for key, figures in found.items() if set(figures.values()) != {None}}
                    yield Answer(of[0] + ", before", grouping, before, names, found, how, is_part=True)
            csv_rows = self.output("report", *rows, *hours, "--format", "csv")
            yield Answer(f"report {said} {' '.join(when)} in CSV", grouping, period, names, of_csv(csv_rows, names),
                         {"staffed": staffed})
            names = [name for name in names if name not in OF_PERIODS]
            rows = [*common, "--kpis", ",".join(map(dashed, names))]
            answer = json.loads(self.output("timeline", *rows, "--format", "json"))
            yield Answer(f"timeline {said} {' '.join(when)}", grouping, period, names, of_json(answer, names),
                         {"by_day": True})

    def differences(self, oracle):
        """The answer, the figure, what the definitions say, and what was shown."""
        for answer in self.answers:
            yield from answer.differences(oracle)
        yield from self.differences_of_page(oracle)

    def differences_of_page(self, oracle):
        """The page counts a key that an answer lacks as zero, as the sandbox means it."""
        def figures(grouping, period):
            return Definitions(oracle, grouping, period, missing_is_zero=True)
        period, before = self.periods.last(28), self.periods.last(28, before=28)
        company, = figures("Company", period).rows.values()
        earlier, = figures("Company", before).rows.values()
        assert len(self.page.tiles) == 8, self.page.tiles
        for name, told in self.page.tiles.items():
            expected = [shown(name, company[name]), moved(name, earlier[name], company[name])]
            if expected != told:
                yield "the page's tiles", name, expected, told
        for table, grouping in [("queues", "Queues"), ("agents", "Users")]:
            definitions, found = figures(grouping, period), self.page.tables[table]
            names = definitions.names & next(iter(found.values())).keys()
            assert len(names) >= 7, names
            labels = dict(oracle.rows("select key, name from entries"))
            expected = {labels[key]: row for (key, _), row in definitions.of(names).items()}
            for label in expected.keys() | found.keys():
                for name in names:
                    one, other = (side.get(label, {}).get(name) for side in (expected, found))
                    if one != other:
                        yield f"the page's {table}: {label}", name, one, other

    def count(self):
        """How many numbers were compared, and how many were absent; of no figure nothing but zero and absent."""
        values = [
            (answer.grouping, name, value)
            for answer in self.answers for figures in answer.found.values() for name, value in figures.items()
        ]
        silent = {(of, name) for of in GROUPINGS.values() for name in fitting(of)} - {
            (of, name) for of, name, value in values if value
        }
        assert not silent, f"nothing was compared of {silent}"
        return len(values), sum(value is None for _, _, value in values)


def a_second_more(oracle, folder, changed):
    """The same calls, but that one of the last week was talked a second longer, and another rang one longer."""
    shutil.copytree(folder, changed)
    first, end = (text(at.isoformat()) for at in Periods(oracle).last(7))
    for segment in ("live_talk", "ringing"):
        oracle.db.execute(f"""
            update segments set seconds = seconds + 1 where (call_id, leg, start) = (
                select (s.call_id, s.leg, s.start) from segments s
                join legs l using (call_id, leg) join calls c using (call_id)
                join portions p on p.call_id = s.call_id and p.grouping = 'Queues'
                join portions q on q.call_id = s.call_id and q.grouping = 'Company'
                where s.segment = '{segment}' and l.queue is not null and p.key = l.queue and l.response = 'answered'
                  and p.response = 'answered' and p.direction = 'inbound' and q.response = 'answered'
                  and q.direction = 'inbound' and c.start >= timestamptz {first} and c.start < timestamptz {end}
                order by s.call_id, s.leg, s.start limit 1)""")
    oracle.db.execute(f"copy segments to {text(str(changed / 'segments.parquet'))} (format parquet)")
    return Oracle(changed)


def known_figures(callperf):
    """All that the program says it has."""
    words = subprocess.run([callperf, "words"], check=True, capture_output=True, text=True).stdout
    block = words.split("\n--kpis", 1)[1].split("\n\n", 1)[0]
    return {line.split()[0].replace("-", "_") for line in block.splitlines()[1:]}


def main():
    callperf, scratch = sys.argv[1], pathlib.Path(sys.argv[2])
    known = known_figures(callperf)
    assert known == FIGURES.keys(), f"no definition here, or no such figure there: {known ^ FIGURES.keys()}"
    folder = scratch / "demo"
    dump = [callperf, "sandbox", "dump", "--now", NOW, "--format", "parquet", "--out", str(folder)]
    subprocess.run(dump, check=True, stderr=subprocess.DEVNULL)
    oracle, env = Oracle(folder), scratch / "figures.env"
    with open(env, "w", encoding="utf-8") as out:
        serve = [callperf, "sandbox", "--now", NOW, "--limits", "off"]
        sandbox = subprocess.Popen(serve, stdout=out, stderr=subprocess.DEVNULL)
    try:
        while env.read_text(encoding="utf-8").count("\n") < 4:
            assert sandbox.poll() is None, "the sandbox has ended"
            time.sleep(0.1)
        program = Shown(callperf, scratch, oracle)
    finally:
        sandbox.terminate()
        sandbox.wait()
    different = list(program.differences(oracle))
    for told, name, one, other in different[:20]:
        print(f"DIFFERENT: {told}: {name}: the definitions say {str(one)[:200]}, the program {str(other)[:200]}")
    numbers, absent = program.count()
    noticed = list(program.differences(a_second_more(oracle, folder, scratch / "changed")))
    names = sorted({name for _, name, _, _ in noticed})
    print(
        f"figures: {len(FIGURES)} of them, {len(program.answers)} answers and the demo's page, {numbers} numbers,"
        f" {absent} of which are absent; {len(different)} different"
    )
    print(f"figures: had two calls a second more, {len(noticed)} would be: {', '.join(names)}")
    expected = ["average_handle_time", "average_speed_of_answer", "average_talk_time", "occupancy"]
    if different or names != expected:
        sys.exit(1)


if __name__ == "__main__":
    main()

"""The documented query of a history, and what a history answers, by DuckDB.

    history.py CALLPERF SCRATCH

The history isn't in UTC, and one of its queues was renamed while it was kept. The query is taken
from `crates/callperf-cli/docs/history.md`. Key figures of 28 days are computed from the rows of the tables by their documented
definitions, and must be those of `callperf report`: whole numbers exactly, others within 1e-9. Exits
with 1 if any differs.
"""

import csv
import os
import pathlib
import re
import shutil
import subprocess
import sys

import duckdb

NOW, ZONE = "2026-11-10T12:00:00Z", "America/New_York"
FIRST, LAST = "2026-10-13", "2026-11-09"
OLD, NEW = "Sales", "Sales West"

callperf, scratch = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
readme = pathlib.Path(__file__).parents[2] / "crates/callperf-cli/docs/history.md"
history = scratch / "history"


def served(data, now, *commands):
    """Runs commands against a sandbox of these calls; returns what they print."""
    command = [callperf, "sandbox", "--limits", "off", "--data", data, "--now", now]
    sandbox = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        lines = [sandbox.stdout.readline().strip() for _ in range(4)]
        environment = os.environ | dict(line.split("=", 1) for line in lines)
        run = lambda args: subprocess.run(
            [callperf, *args, "--quiet"], env=environment, check=True, capture_output=True, text=True
        )
        return [run(args).stdout for args in commands]
    finally:
        sandbox.kill()
        sandbox.wait()


def sync(*args):
    return ["sync", "--out", history, "--time-zone", ZONE, *args]


def report(grouping, figures):
    period = ["--from", FIRST, "--to", LAST, "--time-zone", ZONE, "--now", NOW]
    return ["report", "--group-by", grouping, *period, "--kpis", figures, "--format", "csv"]


before, after = scratch / "before", scratch / "after"
subprocess.run(
    [callperf, "sandbox", "dump", "--seed", "7", "--now", "2026-11-10T00:00:00Z"]
    + ["--format", "csv", "--out", before, "--quiet"],
    check=True,
)
shutil.copytree(before, after)
extensions = (after / "extensions.csv").read_text()
renamed = re.sub(rf"(?m)^(\d+,queue,\d+,){OLD},", rf"\g<1>{NEW},", extensions)
assert renamed != extensions
(after / "extensions.csv").write_text(renamed)

FIGURES = {
    "offered": "inbound_calls",
    "answered": "inbound_answered",
    "answer_rate": "inbound_answered / inbound_calls",
    "abandonment_rate": "inbound_abandoned / inbound_calls",
    "abandonment_rate_before_answer": "abandoned_calls / inbound_calls",
    "voicemail_rate": "inbound_voicemail / inbound_calls",
    "missed_rate": "inbound_missed / inbound_calls",
    "average_speed_of_answer": "answered_ringing / answered_calls",
    "average_time_to_abandon": "abandoned_seconds / abandoned_calls",
    "average_handle_time": "(inbound_talk + inbound_hold) / inbound_answered",
    "average_talk_time": "inbound_talk / inbound_answered",
    "average_hold_time": "inbound_hold / inbound_held",
    "hold_rate": "inbound_held / inbound_answered",
    "transfer_rate": "(inbound_blind + inbound_warm + inbound_dtmf) / inbound_answered",
}
INPUTS = {
    "inbound_calls": ("inbound", "calls", "total", None),
    "inbound_answered": ("inbound", "calls", "by_response", "answered"),
    "inbound_abandoned": ("inbound", "calls", "by_result", "abandoned"),
    "inbound_voicemail": ("inbound", "calls", "by_result", "voicemail"),
    "inbound_missed": ("inbound", "calls", "by_result", "missed"),
    "inbound_talk": ("inbound", "time_spent", "by_segment", "liveTalk"),
    "inbound_hold": ("inbound", "time_spent", "by_segment", "hold"),
    "inbound_held": ("inbound", "calls", "by_segment", "hold"),
    "inbound_blind": ("inbound", "calls", "by_action", "blindTransfer"),
    "inbound_warm": ("inbound", "calls", "by_action", "warmTransfer"),
    "inbound_dtmf": ("inbound", "calls", "by_action", "dtmfTransfer"),
    "answered_calls": ("answered", "calls", "total", None),
    "answered_ringing": ("answered", "time_spent", "by_segment", "ringing"),
    "abandoned_calls": ("abandoned_unanswered", "calls", "total", None),
    "abandoned_seconds": ("abandoned_unanswered", "time_spent", "total", None),
}


def quoted(text):
    return "NULL" if text is None else f"'{text}'"


def by_rows(grouping):
    """The figures of each key, from the rows of the table of figures."""
    inputs = ", ".join(
        f"coalesce(sum(value) FILTER (scope = '{scope}' AND metric = '{metric}' AND breakdown = '{breakdown}'"
        f" AND word IS NOT DISTINCT FROM {quoted(word)}), 0) AS {name}"
        for name, (scope, metric, breakdown, word) in INPUTS.items()
    )
    figures = ", ".join(f"{formula} AS {name}" for name, formula in FIGURES.items())
    table = f"read_parquet('{history}/figures/*/*/*/*.parquet', hive_partitioning = true)"
    rows = duckdb.sql(
        f"""SELECT key, {figures} FROM (
            SELECT key, {inputs} FROM {table}
            WHERE "grouping" = '{grouping}' AND date BETWEEN '{FIRST}' AND '{LAST}' GROUP BY key)"""
    )
    return {row[0]: dict(zip(FIGURES, row[1:])) for row in rows.fetchall()}


asked = ",".join(name.replace("_", "-") for name in FIGURES)
groupings = {"Queues": "queues", "Users": "users", "Company": "company"}
reports = [report(flag, asked) for flag in groupings.values()]
timelines = [["timeline", *command[1:]] for command in reports]
kept = ["--from", FIRST, "--hourly", "none", "--figures", "company,queues,users"]
earlier = "2026-11-08T12:00:00Z"
served(before, earlier, sync(*kept, "--now", earlier))
_, calls, *printed = served(
    after,
    NOW,
    sync("--now", NOW),
    ["report", "--group-by", "queues", "--from", FIRST, "--to", LAST, "--time-zone", ZONE, "--now", NOW]
    + ["--calls", "all,by-result", "--format", "csv"],
    *reports,
    *timelines,
)
printed, days = printed[: len(groupings)], printed[len(groupings) :]

failed = 0


def differs(text):
    global failed
    failed += 1
    print(f"history: {text}")


equal = 0
for (grouping, flag), text in zip(groupings.items(), printed):
    own = by_rows(grouping)
    offline = subprocess.run(
        [callperf, *report(flag, asked), "--history", history, "--quiet"],
        check=True, capture_output=True, text=True,
    ).stdout
    if offline != text:
        differs(f"{grouping}: --history prints another report")
    rows = list(csv.DictReader(text.splitlines()))
    for row in rows:
        for name in FIGURES:
            said, computed = row[f"kpis.{name}"], own.get(row["key"], {}).get(name)
            if said == "":
                # Absent: a share of nothing, or a key that a narrower answer lacks.
                continue
            is_same = computed is not None and abs(float(said) - computed) <= 1e-9 * max(1, abs(computed))
            if name in ("offered", "answered"):
                is_same = computed == float(said)
            if is_same:
                equal += 1
            else:
                differs(f"{grouping} {row['key']}: {name} is {said}, and {computed} by the rows")

# The views, day by day.
made = subprocess.run(
    [callperf, "history", "views", history], check=True, capture_output=True, text=True
).stdout
views = duckdb.connect()
views.execute(made)
computed = {
    (grouping, key, str(day)): figures
    for grouping, key, day, *figures in views.sql(
        f'SELECT "grouping", key, day, {", ".join(FIGURES)} FROM callperf_by_day'
    ).fetchall()
}
by_day = 0
for (grouping, flag), text in zip(groupings.items(), days):
    for row in csv.DictReader(text.splitlines()):
        for place, name in enumerate(FIGURES):
            said = row[f"kpis.{name}"]
            if said == "":
                continue
            own = computed.get((grouping, row["key"], row["time"][:10]), [0] * len(FIGURES))[place]
            if own is not None and abs(float(said) - own) <= 1e-9 * max(1, abs(own)):
                by_day += 1
            else:
                differs(f"{grouping} {row['key']} {row['time']}: {name} is {said}, and {own} in the view")
named = views.sql("SELECT count(*) FROM callperf_names WHERE name = 'Sales'").fetchall()
assert named == [(0,)], "a view has the newest name"

example = re.search(r"```sql\n(-- DuckDB\n.*?)```", readme.read_text(), re.DOTALL)[1]
os.chdir(scratch)
read = sorted(duckdb.sql(example).fetchall())
expected = sorted(
    (row["name"], float(row["calls.total"]), float(row["calls.by_result.abandoned"]))
    for row in csv.DictReader(calls.splitlines())
)
if read != expected or NEW not in [name for name, *_ in read]:
    differs(f"the documented query: {read}, and {expected} as reported")
names = duckdb.sql("SELECT DISTINCT name FROM read_parquet('history/daily/grouping=Queues/*/*.parquet')")
assert {(OLD,), (NEW,)} <= set(names.fetchall()), "the queue was renamed"
print(f"history: {equal} figures are equal, and {by_day} of single days in the views; the documented query gives {len(read)} queues as reported")
if failed or equal < 300 or by_day < 3000:
    sys.exit(1)

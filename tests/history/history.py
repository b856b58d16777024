"""Kills `callperf sync`, finishes it, and reads its files with DuckDB."""

import collections
import csv
import datetime
import filecmp
import json
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

import duckdb

callperf, scratch, kills = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
today = datetime.datetime.now(datetime.timezone.utc).date()
days = [today - datetime.timedelta(days=back) for back in range(9, 0, -1)]
credentials = ["--credentials", str(scratch / "sandbox.env")]


def sync(folder):
    command = [callperf, "sync", "--out", str(folder), "--from", str(days[0]), "--quiet"]
    return command + ["--days-per-request", "2", *credentials]


def files(folder):
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != "sync.lock")
    return sorted(path.relative_to(folder) for path in found)


def same_bytes(one, other):
    assert files(one) == files(other), "other files"
    for name in files(one):
        assert filecmp.cmp(one / name, other / name, shallow=False), name


def rows(folder, table):
    return f"read_parquet('{folder}/{table}/**/*.parquet', hive_partitioning = true)"


def value(query):
    return duckdb.sql(query).fetchall()[0][0]


def listed(folder):
    """How many days the manifest lists."""
    manifest = folder / "manifest.json"
    if not manifest.exists():
        return 0
    tables = json.loads(manifest.read_text())["tables"].values()
    return sum(len(series["days"]) for table in tables for series in table.values())


def moment(folder, before, started):
    """What a run that began then was killed in, by what it left."""
    manifest = folder / "manifest.json"
    told = manifest.stat().st_mtime if manifest.exists() else 0
    written = {folder / name: (folder / name).stat().st_mtime for name in files(folder)}
    if any(path.name.startswith(".") and at >= started for path, at in written.items()):
        return "while a file was written"
    if any(path.suffix == ".parquet" and at > max(told, started) for path, at in written.items()):
        return "between files and manifest"
    return "after some days were whole" if listed(folder) > before else "before a day was whole"


begun = time.monotonic()


def say(text):
    print(f"{time.monotonic() - begun:6.1f} s  {text}", flush=True)


undisturbed, killed = scratch / "undisturbed", scratch / "killed"
subprocess.run(sync(undisturbed), check=True)
whole = time.monotonic() - begun
say(f"an undisturbed run: {len(files(undisturbed))} files, {listed(undisturbed)} days of a grouping")

seed = random.randrange(2**32)
random.seed(seed)
hits = collections.Counter()
finished = compared = 0
while hits.total() < kills:
    before, started = listed(killed), time.time()
    process = subprocess.Popen(sync(killed))
    try:
        process.wait(random.uniform(0, 0.7 * whole))
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        hits[moment(killed, before, started)] += 1
        if hits.total() % 10 == 0:
            say(f"{hits.total()} kills")
        continue
    assert process.returncode == 0
    same_bytes(undisturbed, killed)
    compared += len(files(killed))
    shutil.rmtree(killed)
    finished += 1
subprocess.run(sync(killed), check=True)
same_bytes(undisturbed, killed)
compared += len(files(killed))
say(
    f"{hits.total()} kills (seed {seed}): {', '.join(f'{count} {when}' for when, count in sorted(hits.items()))};"
    f" {finished + 1} runs came to their end, and their {compared} files were the same to the last byte"
)

for table in ["hourly", "daily", "figures"]:
    one, other = rows(undisturbed, table), rows(killed, table)
    for left, right in [(one, other), (other, one)]:
        difference = value(f"SELECT count(*) FROM (FROM {left} EXCEPT ALL FROM {right})")
        assert difference == 0, (table, difference)
    count = value(f"SELECT count(*) FROM {one}")
    scope = "scope, " if table == "figures" else ""
    distinct = value(
        f"""SELECT count(*) FROM (
            SELECT DISTINCT {scope}"grouping", key, time, metric, breakdown, word FROM {one})"""
    )
    assert count == distinct > 0, (count, distinct)
    say(f"{table}: {count} rows, the same in both, none twice")

added = f"""
    SELECT "grouping", date, key, metric, breakdown, word, sum(value) AS value
    FROM {{}} GROUP BY ALL HAVING sum(value) <> 0"""
# Sites have no hours.
days_with_hours = f"""(FROM {rows(killed, "daily")} WHERE "grouping" <> 'Sites')"""
hours, whole_days = added.format(rows(killed, "hourly")), added.format(days_with_hours)
for left, right in [(hours, whole_days), (whole_days, hours)]:
    assert value(f"SELECT count(*) FROM ({left} EXCEPT ALL {right})") == 0
say("hours add up to days")

report = subprocess.run(
    [callperf, "report", "--group-by", "queues", "--from", str(days[0]), "--to", str(days[-1])]
    + ["--calls", "all,by-result", "--format", "csv", *credentials],
    check=True,
    capture_output=True,
    text=True,
)
# The documented query.
read = duckdb.sql(
    f"""
    SELECT max_by(name, date) AS name, sum(value) FILTER (breakdown = 'total') AS calls,
        sum(value) FILTER (word = 'abandoned') AS abandoned
    FROM read_parquet('{killed}/daily/*/*/part-0.parquet', hive_partitioning = true)
    WHERE "grouping" = 'Queues' AND metric = 'calls'
    GROUP BY key ORDER BY name"""
).fetchall()
reported = sorted(
    (row["name"], float(row["calls.total"]), float(row["calls.by_result.abandoned"]))
    for row in csv.DictReader(report.stdout.splitlines())
)
assert read == reported and len(read) > 1, (read, reported)
for name, calls, abandoned in read:
    say(f"{name}: {calls:.0f} calls, {abandoned:.0f} abandoned, as reported")

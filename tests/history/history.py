"""Kills `callperf sync`, finishes it, and reads its files with DuckDB."""

import csv
import datetime
import filecmp
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
days = [today - datetime.timedelta(days=back) for back in range(20, 0, -1)]
credentials = ["--credentials", str(scratch / "sandbox.env")]


def sync(folder):
    command = [callperf, "sync", "--out", str(folder), "--from", str(days[0]), "--quiet"]
    return command + ["--days-per-request", "3", *credentials]


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


undisturbed, killed = scratch / "undisturbed", scratch / "killed"
begun = time.monotonic()
subprocess.run(sync(undisturbed), check=True)
whole = time.monotonic() - begun

seed = random.randrange(2**32)
random.seed(seed)
done = finished = 0
while done < kills:
    process = subprocess.Popen(sync(killed))
    try:
        process.wait(random.uniform(0, 0.7 * whole))
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        done += 1
        continue
    assert process.returncode == 0
    same_bytes(undisturbed, killed)
    shutil.rmtree(killed)
    finished += 1
subprocess.run(sync(killed), check=True)
same_bytes(undisturbed, killed)
print(f"{done} kills (seed {seed}), {finished} runs that ended in between: the same bytes")

for table in ["hourly", "daily"]:
    one, other = rows(undisturbed, table), rows(killed, table)
    for left, right in [(one, other), (other, one)]:
        difference = value(f"SELECT count(*) FROM (FROM {left} EXCEPT ALL FROM {right})")
        assert difference == 0, (table, difference)
    count = value(f"SELECT count(*) FROM {one}")
    distinct = value(
        f"""SELECT count(*) FROM (
            SELECT DISTINCT "grouping", key, time, metric, breakdown, word FROM {one})"""
    )
    assert count == distinct > 0, (count, distinct)
    print(f"{table}: {count} rows, the same in both, none twice")

added = f"""
    SELECT "grouping", date, key, metric, breakdown, word, sum(value) AS value
    FROM {{}} GROUP BY ALL HAVING sum(value) <> 0"""
hours, whole_days = added.format(rows(killed, "hourly")), added.format(rows(killed, "daily"))
for left, right in [(hours, whole_days), (whole_days, hours)]:
    assert value(f"SELECT count(*) FROM ({left} EXCEPT ALL {right})") == 0
print("hours add up to days")

report = subprocess.run(
    [callperf, "report", "--group-by", "queues", "--from", str(days[0]), "--to", str(days[-1])]
    + ["--calls", "all,by-result", "--format", "csv", *credentials],
    check=True,
    capture_output=True,
    text=True,
)
# The README's query.
read = duckdb.sql(
    f"""
    SELECT name, sum(value) FILTER (breakdown = 'total') AS calls,
        sum(value) FILTER (word = 'abandoned') AS abandoned
    FROM read_parquet('{killed}/daily/*/*/*.parquet', hive_partitioning = true)
    WHERE "grouping" = 'Queues' AND metric = 'calls'
    GROUP BY name ORDER BY name"""
).fetchall()
reported = sorted(
    (row["name"], float(row["calls.total"]), float(row["calls.by_result.abandoned"]))
    for row in csv.DictReader(report.stdout.splitlines())
)
assert read == reported and len(read) > 1, (read, reported)
for name, calls, abandoned in read:
    print(f"{name}: {calls:.0f} calls, {abandoned:.0f} abandoned, as reported")

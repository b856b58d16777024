"""Runs the examples of the documents on the history in the working directory.

    readme.py CALLPERF DOCUMENT
"""

import collections
import csv
import datetime
import importlib.util
import json
import pathlib
import re
import subprocess
import sys
import zoneinfo

import duckdb

callperf, section = sys.argv[1], pathlib.Path(sys.argv[2]).read_text()
PERIOD = ["--from", "2026-11-05", "--to", "2026-11-23", "--now", "2026-11-24T12:00:00Z"]
sql, views_sql = re.findall(r"```sql\n(.*?)```", section, re.DOTALL)
(python,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
pandas_code, spark_code = python.split("# Spark\n")


def run(*arguments):
    command = [callperf, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def report(*arguments):
    text = run(*arguments, *PERIOD, "--history", "history", "--format", "csv", "--quiet")
    return list(csv.DictReader(text.splitlines()))


def is_there(module):
    there = importlib.util.find_spec(module) is not None
    if not there:
        print(f"{module} isn't installed, and is left out")
    return there


calls = report("report", "--group-by", "queues", "--calls", "all,by-result")
reported = sorted(
    (row["name"], float(row["calls.total"]), float(row["calls.by_result.abandoned"])) for row in calls
)
names = [name for name, _, _ in reported]
assert "Help desk" in names and "Support" not in names, names
assert duckdb.sql(sql).fetchall() == reported, (duckdb.sql(sql).fetchall(), reported)
print(f"DuckDB: {len(reported)} queues, the renamed one once, as reported")

duckdb.execute(run("history", "views", "history"))
queues = "SELECT name, since FROM callperf_directory WHERE kind = 'Queues' AND member_of IS NULL"
since = dict(duckdb.sql(queues).fetchall())
assert set(names) <= set(since) and "Support" not in since, since
assert since["Help desk"] > since["Sales"], "it was renamed after the first sync"
members = dict(duckdb.sql("SELECT queue_name, count(*) FROM callperf_members GROUP BY ALL").fetchall())
assert members["Help desk"] > 1, members
print(f"DuckDB: {len(since)} queues in the directory, {sum(members.values())} memberships")
figures = report("report", "--group-by", "queues", "--kpis", "offered,answer-rate,average-speed-of-answer")
FIGURES = ["offered", "answer_rate", "average_speed_of_answer"]
expected = sorted((row["name"], *(float(row[f"kpis.{name}"]) for name in FIGURES)) for row in figures)
found = [row[1:] for row in duckdb.sql(views_sql).fetchall()]
assert len(found) == len(expected)
for one, other in zip(found, expected):
    close = all(abs(left - right) < 1e-9 for left, right in zip(one[1:], other[1:]))
    assert one[0] == other[0] and close, (one, other)
print(f"views: {len(found)} queues' figures, as reported")

zone = zoneinfo.ZoneInfo("America/New_York")
timeline = ["timeline", "--group-by", "queues", "--calls", "all", "--interval", "hour", "--quiet"]
hours = json.loads(run(*timeline, *PERIOD, "--history", "history", "--format", "json"))
by_hour = collections.Counter()
for series in hours["records"]:
    for point in series["points"]:
        local = datetime.datetime.fromisoformat(point["time"]).astimezone(zone)
        by_hour[local.hour] += point["calls"]["total"]["value"]

if is_there("pandas") and is_there("pyarrow"):
    import pandas

    scope = {"pandas": pandas}
    exec(pandas_code, scope)
    busy = scope["busy"]
    assert {hour: value for hour, value in busy.items()} == {h: v for h, v in by_hour.items() if v}
    print(f"pandas: the busiest hour is {busy.idxmax()}, as the timeline says")

if is_there("polars"):
    import polars

    daily = polars.scan_parquet("history/daily/*/*/part-0.parquet", hive_partitioning=True)
    rows = daily.filter(
        (polars.col("grouping") == "Queues")
        & (polars.col("metric") == "calls")
        & (polars.col("breakdown") == "total")
    )
    sums = rows.group_by("key").agg(polars.col("value").sum()).collect()
    assert sorted(sums["value"]) == sorted(count for _, count, _ in reported)
    print(f"polars: {len(sums)} queues, as reported")

if is_there("pyspark"):
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[1]").getOrCreate()
    # The document's counts users, of which this history has none.
    exec(spark_code.replace("Users", "Queues").replace("'missed'", "'abandoned'"), {"spark": spark})
    rows = spark.read.parquet("history/daily").where(
        "grouping = 'Queues' AND metric = 'calls' AND word = 'abandoned'"
    )
    sums = [row["total"] for row in rows.groupBy("key").agg({"value": "sum"}).toDF("key", "total").collect()]
    assert sorted(sums) == sorted(abandoned for _, _, abandoned in reported)
    print(f"Spark: {len(sums)} queues, as reported")
    statements = run("history", "views", str(pathlib.Path("history").resolve()), "--engine", "spark")
    for statement in statements.split(";\n"):
        if "CREATE" in statement:
            spark.sql(statement)
    figures = [tuple(row)[1:] for row in spark.sql(views_sql.replace('"grouping"', "`grouping`")).collect()]
    assert [row[0] for row in figures] == [row[0] for row in expected], figures
    for one, other in zip(figures, expected):
        assert all(abs(left - right) < 1e-9 for left, right in zip(one[1:], other[1:])), (one, other)
    assert spark.sql("SELECT * FROM callperf_members").count() == sum(members.values())
    print(f"Spark's views: {len(figures)} queues' figures, as reported")

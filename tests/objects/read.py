"""Reads a history with other programs, and compares each with `callperf report`."""

import csv
import io
import json
import os
import pathlib
import subprocess
import sys

DAYS = ["--from", "2026-11-02", "--to", "2026-11-15", "--time-zone", "America/New_York"]


def store(**more):
    import pyarrow.fs

    return pyarrow.fs.S3FileSystem(
        endpoint_override=os.environ["AWS_ENDPOINT_URL"].removeprefix("http://"),
        scheme="http",
        region=os.environ["AWS_REGION"],
        **more,
    )


def make_bucket(name):
    store(allow_bucket_creation=True).create_dir(name)


def report(callperf, place):
    """Offered and answered calls of each queue."""
    arguments = ["report", "--group-by", "queues", "--kpis", "offered,answered", *DAYS]
    arguments += ["--format", "csv", "--quiet", "--now", "2026-11-24T12:00:00Z", "--history", str(place)]
    text = subprocess.run([callperf, *arguments], check=True, capture_output=True, text=True).stdout
    rows = csv.DictReader(io.StringIO(text))
    return {row["key"]: (float(row["kpis.offered"]), float(row["kpis.answered"])) for row in rows}


def files(callperf, place):
    text = subprocess.run([callperf, "history", "files", str(place)], check=True, capture_output=True, text=True)
    found = json.loads(text.stdout)
    return [
        file["path"]
        for file in found
        if file["table"] == "figures" and file["grouping"] == "Queues" and file["rows"] > 0
        and "2026-11-02" <= file["date"] <= "2026-11-15" and file["scope"] in ("inbound", "answered")
    ]


def by_pyarrow(paths):
    import pyarrow.parquet

    sums, place = {}, store()
    for path in paths:
        table = pyarrow.parquet.read_table(path.removeprefix("s3://"), filesystem=place, partitioning=None)
        add(sums, path, table.to_pylist())
    return sums


def by_polars(paths, is_store):
    import polars

    options = None
    if is_store:
        options = {
            "aws_endpoint_url": os.environ["AWS_ENDPOINT_URL"],
            "aws_region": os.environ["AWS_REGION"],
            "aws_access_key_id": "testing",
            "aws_secret_access_key": "testing",
            "aws_allow_http": "true",
        }
    sums = {}
    for path in paths:
        frame = polars.scan_parquet(path, storage_options=options, hive_partitioning=False).collect()
        add(sums, path, frame.to_dicts())
    return sums


def by_duckdb(callperf, folder, scratch):
    """By the snippet that `history files` prints."""
    import duckdb

    snippet = subprocess.run(
        [callperf, "history", "files", str(folder), "--format", "duckdb"], check=True, capture_output=True, text=True
    ).stdout
    con = duckdb.connect()
    con.execute(snippet)
    rows = con.execute(
        """SELECT key, sum(value) FILTER (scope = 'inbound'), sum(value) FILTER (scope = 'answered')
        FROM callperf_figures WHERE "grouping" = 'Queues' AND metric = 'calls' AND breakdown = 'total'
        AND CAST(date AS DATE) BETWEEN DATE '2026-11-02' AND DATE '2026-11-15' GROUP BY key"""
    ).fetchall()
    return {key: (offered or 0.0, answered or 0.0) for key, offered, answered in rows}


def by_spark(callperf, folder):
    """By the snippet that `history files` prints."""
    from pyspark.sql import SparkSession
    from pyspark.sql.functions import expr

    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    snippet = subprocess.run(
        [callperf, "history", "files", str(folder), "--format", "spark"], check=True, capture_output=True, text=True
    ).stdout
    names = {"spark": spark}
    exec(snippet, names)
    rows = (
        names["figures"]
        .where("`grouping` = 'Queues' AND metric = 'calls' AND breakdown = 'total'")
        .where("date BETWEEN '2026-11-02' AND '2026-11-15'")
        .groupBy("key")
        .agg(
            expr("sum(value) FILTER (WHERE scope = 'inbound')"), expr("sum(value) FILTER (WHERE scope = 'answered')")
        )
        .collect()
    )
    return {row[0]: (row[1] or 0.0, row[2] or 0.0) for row in rows}


def add(sums, path, rows):
    scope = 0 if "scope=inbound" in path else 1
    for row in rows:
        if row["metric"] == "calls" and row["breakdown"] == "total":
            sums.setdefault(row["key"], [0.0, 0.0])[scope] += row["value"]


def compare(callperf, place, folder, scratch):
    expected = report(callperf, folder)
    assert len(expected) > 2, expected
    found = {"report": report(callperf, place)}
    if place.startswith("s3://"):
        found["pyarrow"] = by_pyarrow(files(callperf, place))
        found["polars"] = by_polars(files(callperf, place), True)
    found["polars, folder"] = by_polars(files(callperf, folder), False)
    found["DuckDB, folder"] = by_duckdb(callperf, folder, scratch)
    try:
        found["Spark, folder"] = by_spark(callperf, folder)
    except ImportError:
        print("Spark isn't installed")
    for name, sums in found.items():
        sums = {key: tuple(numbers) for key, numbers in sums.items()}
        assert sums == expected, f"{name}: {sums}, not {expected}"
        print(f"{name}: {2 * len(expected)} numbers agree")


if __name__ == "__main__":
    if sys.argv[1] == "make-bucket":
        make_bucket(sys.argv[2])
    else:
        compare(sys.argv[2], sys.argv[3], pathlib.Path(sys.argv[4]), pathlib.Path(sys.argv[5]))

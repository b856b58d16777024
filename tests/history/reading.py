"""Makes a history of a day one of many days, and says what a report of a month takes.

    reading.py CALLPERF HISTORY DAYS

Each day has the file of the first one, by a link: a report over a period doesn't look at the
times of the rows.
"""

import datetime
import json
import os
import pathlib
import subprocess
import sys
import time

callperf, history, count = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
LAST = datetime.date(2026, 11, 30)
AIM_SECONDS, AIM_MEMORY = 2, 200

days = [LAST - datetime.timedelta(days=back) for back in reversed(range(count))]
place = history / "manifest.json"
manifest = json.loads(place.read_text())
for table, kept in manifest["tables"].items():
    for series in kept.values():
        series["first"] = str(days[0])
        series["days"] = {str(day): series["days"][str(LAST)] for day in days}
place.write_text(json.dumps(manifest, indent=2))
for file in history.rglob(f"date={LAST}/part-0.parquet"):
    for day in days[:-1]:
        partition = file.parent.parent / f"date={day}"
        partition.mkdir()
        os.link(file, partition / file.name)


def measured(args):
    """What a report prints, and how many seconds, of the processor, and MB it took."""
    command = [callperf, "report", *args, "--history", str(history), "--now", "2026-12-01T12:00:00Z"]
    begun = time.monotonic()
    process = subprocess.Popen([*command, "--format", "json", "--quiet"], stdout=subprocess.PIPE)
    records = json.load(process.stdout)["records"]
    _, status, usage = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, args
    processor = usage.ru_utime + usage.ru_stime
    return records, time.monotonic() - begun, processor, usage.ru_maxrss / 1000


size = sum(file.stat().st_size for file in history.rglob(f"date={LAST}/part-0.parquet"))
print(f"{count} days, each of {size / 1e6:.1f} MB")
figures = ["--group-by", "users", "--kpis", "offered,answered,answer-rate,average-handle-time"]
offered = lambda records: sum(record["kpis"].get("offered", {}).get("value", 0) for record in records)
day, *_ = measured([*figures, "--from", str(LAST), "--to", str(LAST)])
missed = []
for name, args in [("key figures", figures), ("`report agents`", ["agents"])]:
    runs = [measured([*args, "--month", "2026-11"]) for _ in range(3)]
    month, seconds, processor, _ = min(runs, key=lambda run: run[1])
    memory = max(run[3] for run in runs)
    assert len(month) == len(day), name
    assert args != figures or offered(month) == 30 * offered(day) > 0
    took = f"{seconds:.2f} s ({processor:.2f} s of the processor), {memory:.0f} MB at most"
    print(f"{name} of a month, {len(month)} users: {took}")
    if seconds > AIM_SECONDS or memory > AIM_MEMORY:
        missed.append(name)
if missed:
    sys.exit(f"missed the aims of {AIM_SECONDS} s and {AIM_MEMORY} MB: {', '.join(missed)}")

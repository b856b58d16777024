"""Syncs a large company's hours within a scaled quota, and says how near the aims it is.

    scale.py CALLPERF SCRATCH DAYS QUOTA
"""

import collections
import datetime
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.request

callperf, scratch, days = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
limit, window = (int(part.rstrip("s")) for part in sys.argv[4].split("/"))
credentials = scratch / "sandbox.env"
server = dict(line.split("=", 1) for line in credentials.read_text().splitlines())["RC_SERVER_URL"]
AIM_TIME, AIM_MEMORY = 1.05, 150

seen, last = collections.Counter(), 0


def look():
    """Counts the statuses of the reports' requests; the sandbox keeps the last thousand."""
    global last
    with urllib.request.urlopen(f"{server}/sandbox/requests?after={last}") as response:
        for request in json.load(response):
            last = max(last, request["number"])
            if request["path"].endswith("/fetch"):
                seen[request["status"]] += 1


first = datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=days)
command = [callperf, "sync", "--out", str(scratch / "history"), "--from", str(first)]
command += ["--hourly", "users", "--daily", "none", "--credentials", str(credentials)]
begun = time.monotonic()
process = subprocess.Popen(command)
while True:
    ended, status, usage = os.wait4(process.pid, os.WNOHANG)
    if ended:
        break
    look()
    time.sleep(0.25)
seconds = time.monotonic() - begun
look()
assert os.waitstatus_to_exitcode(status) == 0, "the sync failed"
subprocess.run([callperf, "sync", "--out", str(scratch / "history"), "--check"], check=True)

requests = seen.total()
bound = -(-requests // limit) * window
memory = usage.ru_maxrss / 1000
processor = usage.ru_utime + usage.ru_stime
print(f"requests: {requests}, of which {seen[429]} were refused for the quota (429)")
print(f"time: {seconds:.0f} s; the quota of {limit} in {window} s allows {bound} s: ratio {seconds / bound:.3f}, aim {AIM_TIME}")
print(f"memory: {memory:.0f} MB at most, aim {AIM_MEMORY} MB; {processor:.0f} s of the processor")
missed = [
    name
    for name, is_missed in [
        ("time", seconds > AIM_TIME * bound),
        ("the quota", seen[429] > 0 or set(seen) != {200}),
        ("memory", memory >= AIM_MEMORY),
    ]
    if is_missed
]
if missed:
    sys.exit(f"missed: {', '.join(missed)}")

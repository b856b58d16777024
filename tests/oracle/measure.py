"""How long an aggregation by user with every metric takes, for `cargo xtask bench`.

measure.py FOLDER TIMES prints the median of the milliseconds that the sandbox
takes, and DuckDB on one thread, which is what the sandbox has for a request.
"""

import base64
import json
import os
import statistics
import sys
import time
import urllib.parse
import urllib.request

from answer import COUNTERS, TIMERS, Metric, Oracle

oracle = Oracle(sys.argv[1])
oracle.db.execute("set threads = 1")
(first, last), = oracle.rows("""
    select strftime(timezone('UTC', calls_from), '%Y-%m-%dT%H:%M:%SZ'),
           strftime(timezone('UTC', calls_to - interval 1 second), '%Y-%m-%dT%H:%M:%SZ') from account""")
how = {"aggregationType": "Sum"}
of_queues = ("callsByQueueSla", "callsDurationByQueueSla")
body = {
    "grouping": {"groupBy": "Users"},
    "timeSettings": {"timeZone": "UTC", "timeRange": {"timeFrom": first, "timeTo": last}},
    "responseOptions": {
        "counters": {option: how for option in COUNTERS if option not in of_queues},
        "timers": {option: how for option in TIMERS if option not in of_queues},
    },
}
server = os.environ["RC_SERVER_URL"]


def post(path, data, headers):
    request = urllib.request.Request(server + path, data, headers)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def login():
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": os.environ["RC_USER_JWT"]}
    pair = f"{os.environ['RC_APP_CLIENT_ID']}:{os.environ['RC_APP_CLIENT_SECRET']}"
    headers = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    return post("/restapi/oauth/token", urllib.parse.urlencode(form).encode(), headers)["access_token"]


headers = {"Authorization": f"Bearer {login()}", "Content-Type": "application/json"}
path = "/analytics/calls/v1/accounts/~/aggregation/fetch?page=1&perPage=200"


def from_sandbox():
    return post(path, json.dumps(body).encode(), headers)["data"]["records"]


asked = [
    Metric(side, option, *known[option], how)
    for side, known in [("counters", COUNTERS), ("timers", TIMERS)]
    for option in body["responseOptions"][side]
]
columns = ", ".join(expr for metric in asked for expr in metric.exprs())
condition = oracle.condition("Users", None, body["timeSettings"], {}, [])


def from_duckdb():
    return oracle.rows(f"select key, {columns} from portions where {condition} group by key order by key")


def milliseconds(ask):
    begun = time.perf_counter()
    ask()
    return (time.perf_counter() - begun) * 1000


# The first number is that of all calls.
ours = [(record["key"], record["counters"]["allCalls"]["values"]) for record in from_sandbox()]
assert ours == [(row[0], row[1]) for row in from_duckdb()], "they don't answer the same"
turns = [(milliseconds(from_sandbox), milliseconds(from_duckdb)) for _ in range(int(sys.argv[2]))]
print(json.dumps({name: statistics.median(turn[at] for turn in turns) for at, name in enumerate(["sandbox", "duckdb"])}))

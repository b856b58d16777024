"""How long an aggregation by user with every metric takes, for `cargo xtask bench`.

measure.py FOLDER TIMES prints the median of the milliseconds that the sandbox
takes over HTTP, and DuckDB on one thread, which is what the sandbox has for a
request. Before the clock starts DuckDB has what the sandbox has when it is loaded:
one row for each user and call, in the order in which the calls started, with what
it counts under as small numbers. Then it is one pass of sums. Of the ways to write
it that was the fastest: conditions in `filter` took five times as long, grouping by
user and words first as long. All numbers must be the same.
"""

import base64
import json
import os
import statistics
import sys
import time
import urllib.parse
import urllib.request

from answer import ACTION, COUNTERS, OF_QUEUES, SEGMENT, TIMERS, Metric, Oracle

oracle = Oracle(sys.argv[1])
(first, last), = oracle.rows("""
    select strftime(timezone('UTC', calls_from), '%Y-%m-%dT%H:%M:%SZ'),
           strftime(timezone('UTC', calls_to - interval 1 second), '%Y-%m-%dT%H:%M:%SZ') from account""")
how = {"aggregationType": "Sum"}
body = {
    "grouping": {"groupBy": "Users"},
    "timeSettings": {"timeZone": "UTC", "timeRange": {"timeFrom": first, "timeTo": last}},
    "responseOptions": {
        "counters": {option: how for option in COUNTERS if option not in OF_QUEUES},
        "timers": {option: how for option in TIMERS if option not in OF_QUEUES},
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
condition = oracle.condition("Users", None, body["timeSettings"], {}, [])
# The table has one grouping.
condition = condition.replace("(grouping = 'Users') and ", "")


def column(metric, word):
    return f'"{metric.name} {word}"'


def stored():
    """The columns that the sums are over, and how they are worked out before the clock starts."""
    columns = {"length": "length::uinteger", "opportunities": "opportunities::utinyint"}
    for metric in asked:
        for word, by in (metric.words or {}).items():
            if by in ACTION.values():
                columns[column(metric, word)] = f"{by}::utinyint"
            elif by in SEGMENT.values():
                columns[by] = f"{by}::usmallint"
                columns[column(metric, word)] = f"({by} > 0)::utinyint"
            else:
                columns[column(metric, word)] = f"coalesce({by}, false)::utinyint"
    return columns


def amounts(metric):
    """One for each word, or one for all."""
    is_time = metric.side == "timers"
    if metric.words is None:
        yield "sum(opportunities)" if metric.name == "queueOpportunities" else "sum(length)" if is_time else "count(*)"
        return
    for word, by in metric.words.items():
        flag = column(metric, word)
        if not is_time:
            yield f"sum({flag})"
        elif by in SEGMENT.values():
            yield f"sum({by})"
        else:
            yield f"sum({flag} * length)"


oracle.db.execute(
    "create table users as select key, start, "
    + ", ".join(f"{expr} as {name}" for name, expr in stored().items())
    + " from portions where grouping = 'Users' order by start"
)
oracle.db.execute("set threads = 1")
query = (
    "select key, "
    + ", ".join(expr for metric in asked for expr in amounts(metric))
    + f" from users where {condition} group by key order by key"
)


def from_duckdb():
    return oracle.rows(query)


def told(key, *numbers):
    """A row as the record that it should be, without the names."""
    record = {"key": key}
    Oracle.put(record, asked, numbers)
    return record


def milliseconds(ask):
    begun = time.perf_counter()
    ask()
    return (time.perf_counter() - begun) * 1000


def without_info(record):
    return {name: value for name, value in record.items() if name != "info"}


ours, theirs = [without_info(record) for record in from_sandbox()], [told(*row) for row in from_duckdb()]
assert ours and ours == theirs, "they don't answer the same"
turns = [(milliseconds(from_sandbox), milliseconds(from_duckdb)) for _ in range(int(sys.argv[2]))]
print(json.dumps({name: statistics.median(turn[at] for turn in turns) for at, name in enumerate(["sandbox", "duckdb"])}))

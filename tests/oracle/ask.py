"""Asks a sandbox and the oracle the same, and compares to the last digit.

    ask.py FOLDER KIND [ABANDONED_SLA]

The sandbox is the one of the variables that `callperf sandbox` prints, the folder
is what it serves. KIND is `invented` or `random`. With ABANDONED_SLA, which the sandbox
assumes instead of `out`, only what has to do with a queue's SLA is asked. Exits with 1 if
any answer differs.
"""

import base64
import itertools
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

import beta
from answer import Oracle
from questions import Sample, questions

PERIODS = {
    "invented": {
        "zone": "America/New_York",
        "whole": ("2024-10-13T00:00:00Z", "2025-04-15T00:00:00Z"),
    },
    "random": {
        "zone": "Europe/London",
        "whole": ("2024-10-14T00:00:00Z", "2025-04-15T00:00:00Z"),
    },
}
for of in PERIODS.values():
    of.update(
        short=[
            # Both ends are in the period; so is nothing of an empty one.
            ("2025-01-14T09:00:00-05:00", "2025-01-14T17:59:59-05:00"),
            ("2025-01-14T14:00:00.001Z", "2025-01-14T22:59:59.999Z"),
            ("2025-01-15T03:12:45Z", "2025-01-15T03:12:45Z"),
        ],
        part=("2025-03-03T07:40:00Z", "2025-03-14T18:20:00Z"),
        day=("2025-03-04T05:00:00Z", "2025-03-05T04:59:59Z"),
        days=[
            ("all", of["zone"], *of["whole"]),
            ("the 25-hour day of New York", "America/New_York", "2024-11-02T12:00:00Z", "2024-11-04T11:59:59Z"),
            ("the 23-hour day of New York", "America/New_York", "2025-03-08T12:00:00Z", "2025-03-10T11:59:59Z"),
            ("the 25-hour day of London", "Europe/London", "2024-10-26T23:00:00Z", "2024-10-27T23:59:59Z"),
            ("the 23-hour day of London", "Europe/London", "2025-03-30T00:00:00Z", "2025-03-30T22:59:59Z"),
            ("the day without midnight of Havana", "America/Havana", "2025-03-08T05:00:00Z", "2025-03-10T03:59:59Z"),
            ("half hours of Kolkata", "Asia/Kolkata", "2025-03-29T18:30:00Z", "2025-03-31T18:29:59Z"),
            ("the day of Lord Howe that is half an hour longer", "Australia/Lord_Howe",
             "2025-04-05T12:00:00Z", "2025-04-06T13:59:59Z"),
            ("quarters of Kathmandu", "Asia/Kathmandu", "2025-04-05T10:00:00Z", "2025-04-07T10:00:00Z"),
        ],
    )


class Sandbox:
    def __init__(self):
        self.url = os.environ["RC_SERVER_URL"]
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": os.environ["RC_USER_JWT"]}
        app = f"{os.environ['RC_APP_CLIENT_ID']}:{os.environ['RC_APP_CLIENT_SECRET']}".encode()
        headers = {"Authorization": "Basic " + base64.b64encode(app).decode()}
        answer = self.post("/restapi/oauth/token", urllib.parse.urlencode(form).encode(), headers)
        self.headers = {"Authorization": "Bearer " + answer["access_token"], "Content-Type": "application/json"}

    def post(self, path, data, headers):
        request = urllib.request.Request(self.url + path, data, headers, method="POST")
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    def records(self, body, interval, per_page):
        """All pages."""
        path = "/analytics/calls/v1/accounts/~/"
        path += "aggregation/fetch?" if interval is None else f"timeline/fetch?interval={interval}&"
        path += f"perPage={per_page}"
        records, page = [], 1
        while True:
            answer = self.post(f"{path}&page={page}", json.dumps(body).encode(), self.headers)
            records += answer["data"]["records"]
            paging = answer["paging"]
            if page >= paging["totalPages"]:
                assert paging["totalElements"] == len(records), paging
                return answer["data"]["groupedBy"], records
            page += 1

    def beta_records(self, body, per_page):
        """All pages; the beta has the records by their keys."""
        path = f"/restapi/v1.0/account/~/analytics/performance/calls/aggregate?perPage={per_page}"
        records, page = {}, 1
        while True:
            answer = self.post(f"{path}&page={page}", json.dumps(body).encode(), self.headers)
            records.update(answer["data"])
            if page >= answer["paging"]["totalPages"]:
                assert answer["paging"]["totalElements"] == len(records), answer["paging"]
                return records
            page += 1


def differences(expected, found, path=""):
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in expected.keys() | found.keys():
            yield from differences(expected.get(name), found.get(name), f"{path}.{name}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for i, (one, other) in enumerate(zip(expected, found)):
            yield from differences(one, other, f"{path}[{i}]")
    elif expected != found:
        yield f"{path}: the definitions say {json.dumps(expected)[:200]}, the sandbox {json.dumps(found)[:200]}"


def count(found):
    """How many numbers there are."""
    if isinstance(found, dict):
        return sum(map(count, found.values()))
    return sum(map(count, found)) if isinstance(found, list) else int(isinstance(found, (int, float)))


def main():
    folder, kind, *abandoned_sla = sys.argv[1:]
    oracle, sandbox = Oracle(folder, *abandoned_sla), Sandbox()
    sample, periods = Sample(oracle), PERIODS[kind]
    # Name, body, and how either side answers it, some with many pages.
    asked = [
        (
            name,
            body,
            lambda body=body, interval=interval: list(oracle.answer(body, interval)),
            lambda body=body, interval=interval, page=page: list(sandbox.records(body, interval, page)),
        )
        for (name, body, interval), page in zip(questions(sample, periods), itertools.cycle([3] + 7 * [20]))
    ] + [
        (
            name,
            body,
            lambda body=body: [None, beta.answer(oracle, body)],
            lambda body=body, page=page: [None, sandbox.beta_records(body, page)],
        )
        for (name, body), page in zip(beta.questions(sample, periods), itertools.cycle([3] + 7 * [100]))
    ]
    if abandoned_sla:
        in_sla = "select count(*) from slas where sla = 'in'"
        assert oracle.rows(in_sla) != Oracle(folder).rows(in_sla), "the assumption makes no difference"
        asked = [question for question in asked if "queuesla" in json.dumps(question[1]).lower()]
        kind += f", abandoned-sla={abandoned_sla[0]}"
    same, different, empty, records, numbers = 0, 0, 0, 0, 0
    for name, body, ask_oracle, ask_sandbox in asked:
        expected = ask_oracle()
        try:
            found = ask_sandbox()
        except urllib.error.HTTPError as error:
            found = [error.code, json.loads(error.read())]
        told = list(differences(expected, found))
        records += len(expected[1])
        empty += not expected[1]
        if told:
            different += 1
            print(f"DIFFERENT: {name}", *told[:5], f"… {len(told)} in all", sep="\n  ")
            print(" ", json.dumps(body)[:600])
        else:
            same += 1
            numbers += count(expected[1])
    print(
        f"{kind}: {len(asked)} questions, {same} the same, {different} different;"
        f" {records} records; {numbers} numbers agree; {empty} answers were empty"
    )
    if different or empty > len(asked) // 10:
        sys.exit(1)


if __name__ == "__main__":
    main()

"""PyPI's ringcentral logs in with a JWT and reads an aggregation."""

import datetime
import json
import os
import pathlib

from ringcentral import SDK


def question():
    today = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    text = pathlib.Path(__file__).with_name("question.json").read_text()
    iso = lambda instant: instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    text = text.replace("FROM", iso(today - datetime.timedelta(days=7)))
    return json.loads(text.replace("TO", iso(today - datetime.timedelta(milliseconds=1))))


def number(value):
    return int(value) if value == int(value) else value


sdk = SDK(os.environ["RC_APP_CLIENT_ID"], os.environ["RC_APP_CLIENT_SECRET"], os.environ["RC_SERVER_URL"])
platform = sdk.platform()
platform.login(jwt=os.environ["RC_USER_JWT"])
response = platform.post("/analytics/calls/v1/accounts/~/aggregation/fetch?page=1&perPage=200", question())
for record in json.loads(response.text())["data"]["records"]:
    counters, timers = record["counters"], record["timers"]
    print(
        record["info"]["name"],
        number(counters["allCalls"]["values"]),
        number(counters["callsByResult"]["values"]["abandoned"]),
        number(timers["allCalls"]["values"]),
    )

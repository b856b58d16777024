"""PyPI's ringcentral logs in with a JWT and reads an aggregation."""

import json
import os

from question import question
from ringcentral import SDK


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

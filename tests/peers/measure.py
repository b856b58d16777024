"""How long PyPI's ringcentral takes, for `cargo xtask bench`.

measure.py request NUMBER prints the milliseconds of each request,
measure.py timeline PAGES prints pages, seconds and refusals.
"""

import json
import os
import sys
import time

from question import question
from ringcentral import SDK
from ringcentral.http.api_exception import ApiException

CALLS = "/analytics/calls/v1/accounts/~"

sdk = SDK(os.environ["RC_APP_CLIENT_ID"], os.environ["RC_APP_CLIENT_SECRET"], os.environ["RC_SERVER_URL"])
platform = sdk.platform()
platform.login(jwt=os.environ["RC_USER_JWT"])


def requests(number):
    milliseconds = []
    for _ in range(number):
        begun = time.perf_counter()
        response = platform.post(f"{CALLS}/aggregation/fetch?page=1&perPage=200", question())
        assert json.loads(response.text())["data"]["records"]
        milliseconds.append((time.perf_counter() - begun) * 1000)
    return milliseconds


def timeline(pages):
    """As it comes: nothing waits before a refusal or after one, and the first ends it."""
    body = question()
    body["grouping"] = {"groupBy": "Users"}
    del body["callFilters"]
    body["responseOptions"] = {"counters": {"allCalls": True}}
    begun, page, refused = time.perf_counter(), 0, 0
    while page < pages and not refused:
        try:
            platform.post(f"{CALLS}/timeline/fetch?interval=Day&page={page + 1}&perPage=20", body)
            page += 1
        except ApiException as error:
            if error.api_response().response().status_code != 429:
                raise
            refused += 1
    return {"pages": page, "seconds": time.perf_counter() - begun, "refused": refused}


what, number = sys.argv[1], int(sys.argv[2])
print(json.dumps({"request": requests, "timeline": timeline}[what](number)))

"""What schemathesis is told beyond the documents.

KIND=invalid leaves the documents as they are, so that most requests are wrong in
some way; KIND=valid narrows them to values that mean something, so that most are
answered. Either way nothing may be accepted that the rules of the API forbid.
"""

import datetime
import os

import schemathesis

NOW = datetime.datetime(2025, 6, 2, tzinfo=datetime.timezone.utc)
LOOKBACK = datetime.timedelta(days=184)
KIND = os.environ["KIND"]
API, DATE = os.environ["REVISION"].split("@")

TIMES = {
    "timeFrom": ["2024-12-01T00:00:00Z", "2025-05-01T00:00:00Z", "2025-05-31T22:00:00-05:00"],
    "timeTo": ["2025-05-31T23:59:59Z", "2025-06-01T00:00:00.5+02:00", "2025-05-01T00:00:00Z"],
}
WORDS = {
    "timeZone": ["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"],
    "from": ["00:00", "09:00", "22:00"],
    "to": ["00:00", "17:59", "23:59"],
}


def each_schema(node, change):
    if isinstance(node, dict):
        if "properties" in node:
            change(node)
        for child in node.values():
            each_schema(child, change)
    elif isinstance(node, list):
        for child in node:
            each_schema(child, change)


def tolerate(schema):
    """What the sandbox takes although the document doesn't say so: its crate's documentation has the reasons."""
    required = schema.get("required", [])
    # The guide says what it means to leave it out.
    if "grouping" in required:
        required.remove("grouping")
    for name, member in schema["properties"].items():
        # A null is as if left out.
        if name not in required:
            reference = member.pop("$ref", None)
            if reference:
                member["allOf"] = [{"$ref": reference}]
            member["nullable"] = True
            if "enum" in member:
                member["enum"] = [*member["enum"], None]


def narrow(schema):
    for name, member in schema["properties"].items():
        words = TIMES.get(name) or WORDS.get(name)
        if words and member.get("type") == "string" and "enum" not in member:
            member.pop("format", None)
            member["enum"] = words


@schemathesis.hook
def before_load_schema(context, schema):
    for name in list(schema["components"]["schemas"]):
        is_answer = "Response" in name and "Option" not in name and "Filter" not in name
        if not is_answer:
            each_schema(schema["components"]["schemas"][name], tolerate)
            if KIND == "valid":
                each_schema(schema["components"]["schemas"][name], narrow)


def broken_rules(body):
    """The rules that the vendor states, read again from its documents, for whatever was accepted."""
    grouping = body.get("grouping") or {}
    by, members = grouping.get("groupBy"), grouping.get("groupByMembers")
    keys = grouping.get("keys") or grouping.get("ids") or []
    is_beta = API == "beta"
    if by and members:
        yield "groupBy and groupByMembers"
    if by in ("Company", "WholeCompany") and keys and not is_beta:
        yield "the company has keys"
    settings = body.get("timeSettings") or {}
    times = settings.get("timeRange") or body.get("timeRange") or {}
    first, last = (datetime.datetime.fromisoformat(times[name].upper()) for name in ("timeFrom", "timeTo"))
    # Before, the document had no such rule.
    if first > last and DATE >= "2021-08-12":
        yield "timeFrom is after timeTo"
    if first < NOW - LOOKBACK:
        yield "timeFrom is more than 184 days ago"
    if last > NOW:
        yield "timeTo is in the future"
    options = body.get("responseOptions")
    if not isinstance(options, dict):
        yield "no responseOptions"
        return
    for kind in ("counters", "timers"):
        for name, option in (options.get(kind) or {}).items():
            if name.endswith(("QueueSla", "QueueHours")) and by != "Queues" and option:
                yield f"{name} without queues"
            if not isinstance(option, dict) or is_beta:
                continue
            how, interval = option.get("aggregationType"), option.get("aggregationInterval")
            if name == "queueOpportunities":
                if how != "Sum" or interval:
                    yield f"{name} is only summed"
                if by != "Users" and not members:
                    yield f"{name} without users"
            elif how in ("Sum", "Percent") and interval:
                yield f"{how} of {name} by {interval}"
            elif how in ("Min", "Max", "Average") and not interval and kind == "counters":
                yield f"{how} of {name} without interval"
    filters = body.get("callFilters") or {}
    for name in ("queueSla", "queueHours"):
        if filters.get(name) and by != "Queues" and not is_beta:
            yield f"a filter by {name} without queues"


@schemathesis.check
def nothing_forbidden_is_accepted(context, response, case):
    if response.status_code != 200 or not isinstance(case.body, dict):
        return
    broken = list(broken_rules(case.body))
    assert not broken, f"accepted: {broken}"
    if "timeline" in case.path:
        interval = (case.query or {}).get("interval")
        assert interval in ("Hour", "Day", "Week", "Month"), f"accepted: interval {interval}"

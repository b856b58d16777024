"""The same for the private beta of 2021-08-12: its names, and its questions."""

from answer import ACTION, DIRECTION, HOURS, ORIGIN, RESPONSE, RESULT, SEGMENT, SLA, TYPE, Metric, capital_to_lower

SEGMENTS = {
    "ringing": SEGMENT["ringing"],
    "liveTalk": SEGMENT["liveTalk"],
    "holds": SEGMENT["hold"],
    "parks": SEGMENT["park"],
    "transfers": SEGMENT["transfer"],
    "ivrPrompts": SEGMENT["ivrPrompt"],
    "voiceMailing": SEGMENT["voicemail"],
    "vmGreetings": SEGMENT["vmGreeting"],
}
# Response types hold today's types of received calls and two of its results,
# results hold the response "connected".
RESPONSE_TYPES = {
    "inboundDirect": TYPE["direct"],
    "parkRetrieval": TYPE["parkRetrieval"],
    "queueCalls": TYPE["fromQueue"],
    "transferredCalls": TYPE["transferred"],
    "missed": RESULT["missed"],
    "accepted": RESULT["accepted"],
}
RESULTS = {
    "completed": RESULT["completed"],
    "abandoned": RESULT["abandoned"],
    "voiceMail": RESULT["voicemail"],
    "connected": RESPONSE["connected"],
}
RESPONSES = {"answered": RESPONSE["answered"], "notAnswered": RESPONSE["notAnswered"]}
ACTIONS = {
    "parksOn": ACTION["parkOn"],
    "parksOff": ACTION["parkOff"],
    "holdsOn": ACTION["holdOn"],
    "holdsOff": ACTION["holdOff"],
    "blindTransfer": ACTION["blindTransfer"],
    "warmTransfer": ACTION["warmTransfer"],
    "dtmftTransfer": ACTION["dtmfTransfer"],
}


def seconds(words, suffix="CallsSeconds"):
    """The timers' names for the words."""
    return {word + suffix: by for word, by in words.items()}


COUNTERS = {
    "allCalls": ("totalCalls", None),
    "callsByDirection": ("callsByDirection", DIRECTION),
    "callsByOrigin": ("callsByOrigin", ORIGIN),
    "callsByResponse": ("callsByResponse", RESPONSES),
    "callsByResponseType": ("callsByResponseType", RESPONSE_TYPES),
    "callsBySegment": ("callsBySegments", SEGMENTS),
    "callsByResult": ("callsByResult", RESULTS),
    "callsByActions": ("callsActionsCount", ACTIONS),
    "callsByCompanyHours": ("callsByCompanyHours", HOURS),
    "callsByQueueSla": ("callsByQueueSla", SLA),
}
TIMERS = {
    "totalCallLength": ("callsDurationSeconds", None),
    "timeSpentByCallSegments": ("callSegmentLengthSeconds", SEGMENTS),
    "callLengthByDirection": ("callsByDirection", seconds(DIRECTION)),
    "callLengthByOrigin": ("callsByOrigin", seconds(ORIGIN)),
    "callLengthByResponse": ("callsByResponse", seconds(RESPONSES)),
    "callLengthByResult": ("callsByResult", seconds(RESULTS)),
    "callLengthByResponseType": ("callsByResponseType", {
        "inboundDirectSeconds": RESPONSE_TYPES["inboundDirect"],
        "parkRetrievalsSeconds": RESPONSE_TYPES["parkRetrieval"],
        "queueCallsSeconds": RESPONSE_TYPES["queueCalls"],
        "transferredCallsSeconds": RESPONSE_TYPES["transferredCalls"],
        "missedCallsSeconds": RESPONSE_TYPES["missed"],
        "acceptedCallsSeconds": RESPONSE_TYPES["accepted"],
    }),
    "callsLengthByCompanyHours": ("callsByCompanyHours", seconds(HOURS, "Seconds")),
    "callsLengthByQueueSla": ("callsByQueueSla", SLA),
}

FILTERS = {
    "direction": DIRECTION,
    "origin": ORIGIN,
    "callResponse": RESPONSES,
    "companyHours": HOURS,
    "queueSla": {"inSla": SLA["inSla"], "outSla": SLA["outOfSla"]},
    "callResponseType": {
        "inboundDirect": TYPE["direct"],
        "parkRetrievals": TYPE["parkRetrieval"],
        "queueCalls": TYPE["fromQueue"],
        "transferred": TYPE["transferred"],
        "missed": RESULT["missed"],
        "accepted": RESULT["accepted"],
    },
    "callResult": RESULTS,
}
MEMBERS = {"DepartmentMembers": "Department", "UserGroupMembers": "UserGroup", "QueueAgents": "Queue", "SiteMembers": "Site"}


class BetaMetric(Metric):
    def told(self, numbers):
        if self.kind == "Average":
            of, count = numbers
            # To the nearest second, a half up.
            return (2 * of + count) // (2 * count) if count else 0
        return super().told(numbers)

    def value(self, numbers):
        return super().value(numbers)["values"]


def answer(oracle, body):
    grouping = dict(body.get("grouping") or {"groupBy": "Company"})
    grouping["keys"] = grouping.pop("ids", [])
    if grouping["groupBy"] in MEMBERS:
        grouping["groupByMembers"] = MEMBERS[grouping.pop("groupBy")]
    # Filters that today's API spells in another way, and those that it has not.
    given = body.get("additionalFilters") or {}
    lengths = {"minValueSeconds": "minSeconds", "maxValueSeconds": "maxSeconds"}
    translated = {
        "extensionFilters": {"fromIds": given.get("callerExtensionIds"), "toIds": given.get("calledExtensionIds")},
        "calledNumbers": given.get("calledNumbers"),
        "callActions": [asked["callAction"] for asked in given.get("callActions", [])],
        "callSegments": [
            {"segment": "Voicemail" if asked["callSegment"] == "VoiceMailing" else asked["callSegment"]}
            for asked in given.get("callSegments", [])
        ],
        **{
            name: {lengths[bound]: value for bound, value in given.get(name, {}).items()}
            for name in ("callDuration", "timeSpent")
        },
    }
    conditions = []
    for name, words in FILTERS.items():
        asked = given.get(name) or []
        asked = [asked] if isinstance(asked, str) else asked
        if asked:
            conditions.append(f"coalesce({' or '.join(words[capital_to_lower(word)] for word in asked)}, false)")
    settings = {"timeZone": "UTC", "timeRange": body["timeRange"]}
    with oracle.before():
        _, order = oracle.find(grouping, settings, translated, conditions)
    asked = [
        BetaMetric(side, option, *known[option], how)
        for side, known in [("counters", COUNTERS), ("timers", TIMERS)]
        for option, how in body["responseOptions"].get(side, {}).items()
    ]
    rows = oracle.per_key(asked)
    records = {key: {} for key in order}
    for key in order:
        oracle.put(records[key], asked, rows.get(key))
    return records


def body(group_by, when, filters=None, timer="Sum", ids=None):
    is_queues = group_by == "Queues"
    names = {
        side: [name for name in known if is_queues or not name.endswith("QueueSla")]
        for side, known in [("counters", COUNTERS), ("timers", TIMERS)]
    }
    asked = {
        "timeRange": {"timeFrom": when[0], "timeTo": when[1]},
        "responseOptions": {
            "counters": {name: {"aggregationType": "Sum"} for name in names["counters"]},
            "timers": {name: {"aggregationType": timer} for name in names["timers"]},
        },
    }
    if group_by is not None:
        asked["grouping"] = {"groupBy": group_by, **({"ids": ids} if ids else {})}
    return {**asked, "additionalFilters": filters} if filters else asked


def questions(sample, periods):
    whole = periods["whole"]
    groupings = [None, "CompanyNumbers", "Users", "Queues", "IVRs", "UserGroups", "Sites", "Departments"]
    for group_by in groupings:
        yield f"the beta's sums by {group_by}", body(group_by, whole)
        for kind in ["Average", "Min", "Max"]:
            yield f"the beta's {kind} by {group_by}", body(group_by, whole, timer=kind)
    members = {
        "DepartmentMembers": sample.departments,
        "UserGroupMembers": sample.groups,
        "QueueAgents": sample.queues,
        "SiteMembers": sample.sites,
    }
    for group_by, ids in members.items():
        yield f"the beta's {group_by}", body(group_by, whole, ids=ids[:2])
    for filters in [
        {"direction": "Inbound", "origin": "External"},
        {"callResponse": "NotAnswered"},
        {"callResponseType": ["InboundDirect", "QueueCalls"]},
        {"callResponseType": ["ParkRetrievals", "Transferred", "Missed", "Accepted"]},
        {"callResult": ["Completed", "Abandoned"]},
        {"callResult": ["VoiceMail", "Connected"]},
        {"callSegments": [{"callSegment": "Hold"}, {"callSegment": "VoiceMailing"}]},
        {"callActions": [{"callAction": "HoldOn"}, {"callAction": "DTMFTransfer"}]},
        {"companyHours": "AfterHours"},
        {"callDuration": {"minValueSeconds": 30, "maxValueSeconds": 90}},
        {"timeSpent": {"minValueSeconds": 10}},
        {"calledNumbers": sample.numbers[:3]},
        {"callerExtensionIds": sample.peers},
        {"calledExtensionIds": sample.peers},
    ]:
        yield f"the beta's users filtered by {filters}", body("Users", whole, filters)
    yield "the beta's queues by SLA", body("Queues", whole, {"queueSla": "OutSla"})

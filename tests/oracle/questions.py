"""The questions: bodies of requests, and the interval of timelines."""

GROUPINGS = ["Company", "CompanyNumbers", "Users", "Queues", "IVRs", "IVAs", "SharedLines", "UserGroups", "Sites", "Departments"]
COUNTERS = [
    "allCalls", "callsByDirection", "callsByOrigin", "callsByResponse", "callsSegments", "callsByResult",
    "callsByCompanyHours", "callsByActions", "callsByType", "callsByEndingParty",
]
TIMERS = [
    "allCallsDuration", "callsDurationByDirection", "callsDurationByOrigin", "callsDurationByResponse",
    "callsSegmentsDuration", "callsDurationByResult", "callsDurationByCompanyHours", "callsDurationByType",
    "callsDurationByEndingParty",
]


def settings(zone, first, last, days=None, hours=None):
    advanced = {}
    if days:
        advanced["includeDays"] = days
    if hours:
        advanced["includeHours"] = [{"from": start, "to": end} for start, end in hours]
    asked = {"timeZone": zone, "timeRange": {"timeFrom": first, "timeTo": last}}
    return {**asked, "advancedTimeSettings": advanced} if advanced else asked


def options(grouping, counter=None, timer=None):
    """All that the grouping allows, each with the aggregation."""
    by = grouping.get("groupBy")
    counters, timers = list(COUNTERS), list(TIMERS)
    if by == "Queues":
        counters += ["callsByQueueSla", "callsByQueueHours"]
        timers += ["callsDurationByQueueSla", "callsDurationByQueueHours"]
    asked = {}
    if counter is not None:
        asked["counters"] = {name: counter for name in counters}
        if counter in (True, SUM) and (by == "Users" or "groupByMembers" in grouping):
            asked["counters"]["queueOpportunities"] = counter
    if timer is not None:
        asked["timers"] = {name: timer for name in timers}
    return asked


SUM = {"aggregationType": "Sum"}


def body(grouping, when, filters=None, counter=SUM, timer=SUM):
    asked = {"grouping": grouping, "timeSettings": when, "responseOptions": options(grouping, counter, timer)}
    return {**asked, "callFilters": filters} if filters else asked


class Sample:
    """Keys of the data that questions are about."""

    def __init__(self, oracle):
        def keys(kind):
            return [key for key, in oracle.rows(f"select id from extensions where kind = '{kind}' order by id")]

        self.users, self.queues, self.sites = keys("user"), keys("queue"), keys("site")
        self.departments, self.groups, self.lines = keys("department"), keys("user_group"), keys("shared_line")
        self.ivas = keys("iva")
        self.numbers = [key for key, in oracle.rows("select number from numbers order by number")]
        self.peers = [key for key, in oracle.rows(
            "select peer from legs where peer is not null group by peer order by count(*) desc, peer limit 6")]


def questions(sample, periods):
    """Pairs of a name, a body and an interval; no interval for aggregations."""
    zone, whole = periods["zone"], periods["whole"]
    every = settings(zone, *whole)
    asked = []

    def add(name, body, interval=None):
        asked.append((name, body, interval))

    for grouping in GROUPINGS:
        add(f"sums by {grouping}", body({"groupBy": grouping}, every))
    add("no grouping is the company", {key: value for key, value in body({}, every).items() if key != "grouping"})
    members = {"Department": sample.departments, "UserGroup": sample.groups, "Queue": sample.queues, "Site": sample.sites}
    for kind, keys in members.items():
        add(f"members of every {kind}", body({"groupByMembers": kind}, every))
        add(f"members of one {kind}", body({"groupByMembers": kind, "keys": keys[:1]}, every))
    add("named users", body({"groupBy": "Users", "keys": sample.users[3:6] + ["0"]}, every))
    add("named virtual agents", body({"groupBy": "IVAs", "keys": sample.ivas[:1]}, every))
    add("named numbers", body({"groupBy": "CompanyNumbers", "keys": sample.numbers[-2:]}, every))

    users, queues, company = ({"groupBy": kind} for kind in ("Users", "Queues", "Company"))
    filters = [
        {"directions": ["Inbound"]},
        {"directions": ["Outbound"]},
        {"origins": ["Internal"]},
        {"origins": ["External"]},
        {"callResponses": ["Answered"]},
        {"callResponses": ["NotAnswered", "NotConnected"]},
        {"callResponses": ["Connected"]},
        {"callResults": ["Completed"]},
        {"callResults": ["Abandoned", "Missed"]},
        {"callResults": ["Voicemail", "Accepted", "Unknown"]},
        {"callResults": ["Transferred"]},
        {"callResults": ["PickedUp", "AnsweredElsewhere"]},
        {"callResults": ["Forwarded", "Completed"]},
        {"endingParties": ["Caller"]},
        {"endingParties": ["Callee", "System"]},
        {"callSegments": [{"segment": "Forwarding", "length": {"minSeconds": 3}}]},
        {"callTypes": ["QueueCallPickup"]},
        {"callTypes": ["Direct", "Transferred"]},
        {"callTypes": ["FromQueue"]},
        {"callTypes": ["ParkRetrieval", "Outbound", "Overflow"]},
        {"callActions": ["HoldOn", "HoldOff"]},
        {"callActions": ["ParkOn", "ParkOff", "BlindTransfer"]},
        {"callActions": ["WarmTransfer", "DTMFTransfer"]},
        {"companyHours": ["BusinessHours"]},
        {"companyHours": ["AfterHours"]},
        {"callDuration": {"minSeconds": 60, "maxSeconds": 180}},
        {"timeSpent": {"minSeconds": 30}},
        {"timeSpent": {"maxSeconds": 29}},
        {"calledNumbers": sample.numbers[:2]},
        {"queues": sample.queues[:2]},
        {"callSegments": [{"segment": "Hold"}]},
        {"callSegments": [{"segment": "LiveTalk", "length": {"minSeconds": 100, "maxSeconds": 200}}]},
        {"callSegments": [
            {"segment": "Ringing", "length": {"maxSeconds": 5}},
            {"segment": "Voicemail", "length": {"minSeconds": 20}},
        ]},
        {"callSegments": [{"segment": "IvrPrompt"}, {"segment": "Setup"}, {"segment": "VmGreeting"}]},
        {"callSegments": [{"segment": "Park"}, {"segment": "Transfer"}]},
        {"extensionFilters": {"fromIds": sample.peers}},
        {"extensionFilters": {"toIds": sample.peers}},
        {"directions": ["Inbound"], "callResults": ["Completed"], "callSegments": [{"segment": "Hold"}],
         "companyHours": ["BusinessHours"], "timeSpent": {"minSeconds": 60}, "queues": sample.queues},
        {"directions": [], "callResults": [], "queues": []},
    ]
    for chosen in filters:
        add(f"users filtered by {chosen}", body(users, every, chosen))
    for chosen in [
        {"queueSla": ["InSla"]},
        {"queueSla": ["OutSla"]},
        {"queueSla": ["InSla", "OutSla"], "callResults": ["Completed"]},
        {"extensionFilters": {"fromIds": sample.peers[:3]}},
        {"queues": sample.queues[1:2]},
        {"callTypes": ["FromQueue", "Overflow"]},
        {"callTypes": ["QueueCallPickup"]},
        {"queueHours": ["BusinessHours"]},
        {"queueHours": ["AfterHours"], "companyHours": ["BusinessHours"]},
        {"queueHours": ["BusinessHours", "AfterHours"], "endingParties": ["Caller", "System"]},
    ]:
        add(f"queues filtered by {chosen}", body(queues, every, chosen))
    for chosen in [
        {"directions": ["Inbound", "Outbound"]},
        {"callResponses": ["Answered"], "callActions": ["HoldOn"]},
        {"calledNumbers": sample.numbers},
        {"callDuration": {"maxSeconds": 20}},
    ]:
        add(f"the company filtered by {chosen}", body(company, every, chosen))
        add(f"sites filtered by {chosen}", body({"groupBy": "Sites"}, every, chosen))

    workdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    for name, days, hours in [
        ("workdays", workdays, None),
        ("weekends", ["Saturday", "Sunday"], None),
        ("office hours", None, [("09:00", "17:59")]),
        ("workdays in two halves", workdays, [("08:30", "11:59"), ("13:00", "16:29")]),
        ("nights", None, [("22:00", "05:59")]),
        ("nights of workdays", workdays, [("18:00", "08:59")]),
        ("one minute", None, [("10:15", "10:15")]),
        ("all hours", None, [("00:00", "23:59")]),
    ]:
        for other in [zone, "Asia/Kolkata"]:
            add(f"{name} in {other}", body(queues, settings(other, *whole, days, hours)))
    for first, last in periods["short"]:
        add(f"from {first} to {last}", body(users, settings(zone, first, last)))

    for name, other, first, last in periods["days"]:
        when = settings(other, first, last)
        for interval in ["Hour", "Day", "Week", "Month"]:
            if interval == "Hour" and first == whole[0]:
                continue
            add(f"{name} by {interval}", body(queues, when, counter=True, timer=True), interval)
    day = settings(zone, *periods["day"])
    for grouping in GROUPINGS:
        add(f"hours of a day by {grouping}", body({"groupBy": grouping}, day, counter=True, timer=True), "Hour")
    add("months of users", body(users, every, counter=True, timer=True), "Month")
    add("weeks of agents", body({"groupByMembers": "Queue", "keys": sample.queues[:2]}, every, counter=True, timer=True), "Week")
    add("days of workdays", body(company, settings(zone, *whole, workdays, [("09:00", "17:59")]), counter=True, timer=True), "Day")
    add("days of abandoned calls", body(queues, every, {"callResults": ["Abandoned"]}, counter=True, timer=True), "Day")
    add("false is not asked for", {**body(company, every), "responseOptions": {
        "counters": {"allCalls": True, "callsByOrigin": False}, "timers": {"allCallsDuration": False}}}, "Week")

    part = settings(zone, *periods["part"])
    for grouping in [company, users, queues, {"groupBy": "Departments"}, {"groupBy": "IVAs"}]:
        of = grouping["groupBy"]
        percent = {"aggregationType": "Percent"}
        add(f"percent by {of}", body(grouping, every, counter=percent, timer=percent))
        for kind in ["Average", "Min", "Max"]:
            add(f"{kind} per call by {of}", body(grouping, every, counter=SUM, timer={"aggregationType": kind}))
            for interval in ["Hour", "Day", "Week", "Month"]:
                how = {"aggregationType": kind, "aggregationInterval": interval}
                when = part if interval == "Hour" else every
                add(f"{kind} by {interval} by {of}", body(grouping, when, counter=how, timer=how))
    for kind in ["Average", "Min", "Max"]:
        for interval in ["Hour", "Day", "Week"]:
            how = {"aggregationType": kind, "aggregationInterval": interval}
            when = settings(zone, *periods["part"], workdays, [("09:00", "11:59"), ("14:00", "15:29")])
            chosen = {"directions": ["Inbound"], "callResults": ["Completed", "Abandoned"]}
            add(f"{kind} by {interval} of working hours", body(queues, when, chosen, counter=how, timer=how))
    percent = {"aggregationType": "Percent"}
    add("percent of inbound", body(queues, every, {"directions": ["Inbound"]}, counter=percent, timer=percent))
    return asked

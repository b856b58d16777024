"""What the service should answer, by SQL on a folder of data.

Written from the definitions and the sandbox's documentation, not from its code.
Names and rules of the API: its documents; what they leave open: the table of
assumptions in the documentation of callperf-sandbox.
"""

import contextlib
import pathlib

import duckdb

HERE = pathlib.Path(__file__).parent
TABLES = ["account", "hours", "extensions", "memberships", "numbers", "calls", "legs", "segments", "actions"]

# Words of requests and responses, as conditions on a portion. A counter or timer
# has its words in `values`; a filter has the same words with a capital letter.
DIRECTION = {"inbound": "direction = 'inbound'", "outbound": "direction = 'outbound'"}
ORIGIN = {"internal": "origin = 'internal'", "external": "origin = 'external'"}
RESPONSE = {
    "answered": "response = 'answered'",
    "notAnswered": "response = 'not_answered'",
    "connected": "response = 'connected'",
    "notConnected": "response = 'not_connected'",
}
RESULT = {
    **{word: f"result = '{word}'" for word in ["completed", "abandoned", "voicemail", "unknown", "missed", "accepted", "transferred"]},
    "pickedUp": "result = 'picked_up'",
    "forwarded": "result = 'forwarded'",
    "answeredElsewhere": "result = 'answered_elsewhere'",
}
TYPE = {
    "direct": "type = 'direct'",
    "fromQueue": "type = 'from_queue'",
    "parkRetrieval": "type = 'park_retrieval'",
    "transferred": "type = 'transferred'",
    "outbound": "type = 'outbound'",
    "overflow": "type = 'overflow'",
    "queueCallPickup": "type = 'queue_call_pickup'",
}
HOURS = {"businessHours": "company_hours = 'business'", "afterHours": "company_hours = 'after'"}
QUEUE_HOURS = {"businessHours": "queue_hours = 'business'", "afterHours": "queue_hours = 'after'"}
ENDING_PARTY = {word: f"ended_by = '{word}'" for word in ["caller", "callee", "system"]}
SLA = {"inSla": "sla = 'in'", "outOfSla": "sla = 'out'"}
SEGMENT = {
    "ringing": "seg_ringing",
    "liveTalk": "seg_live_talk",
    "hold": "seg_hold",
    "park": "seg_park",
    "transfer": "seg_transfer",
    "ivrPrompt": "seg_ivr_prompt",
    "voicemail": "seg_voicemail",
    "vmGreeting": "seg_vm_greeting",
    "setup": "seg_setup",
    "forwarding": "seg_forwarding",
}
ACTION = {
    "parkOn": "act_park_on",
    "parkOff": "act_park_off",
    "holdOn": "act_hold_on",
    "holdOff": "act_hold_off",
    "blindTransfer": "act_blind_transfer",
    "warmTransfer": "act_warm_transfer",
    "dtmfTransfer": "act_dtmf_transfer",
}

# Option in the request: its name in the response and its words.
COUNTERS = {
    "allCalls": ("allCalls", None),
    "callsByDirection": ("callsByDirection", DIRECTION),
    "callsByOrigin": ("callsByOrigin", ORIGIN),
    "callsByResponse": ("callsByResponse", RESPONSE),
    "callsSegments": ("callsSegments", SEGMENT),
    "callsByResult": ("callsByResult", RESULT),
    "callsByCompanyHours": ("callsByCompanyHours", HOURS),
    "callsByQueueSla": ("callsByQueueSla", SLA),
    "callsByActions": ("callsActions", ACTION),
    "callsByType": ("callsByType", TYPE),
    "queueOpportunities": ("queueOpportunities", None),
    "callsByEndingParty": ("callsByEndingParty", ENDING_PARTY),
    "callsByQueueHours": ("callsByQueueHours", QUEUE_HOURS),
}
TIMERS = {
    "allCallsDuration": ("allCalls", None),
    "callsDurationByDirection": ("callsByDirection", DIRECTION),
    "callsDurationByOrigin": ("callsByOrigin", ORIGIN),
    "callsDurationByResponse": ("callsByResponse", RESPONSE),
    "callsSegmentsDuration": ("callsSegments", SEGMENT),
    "callsDurationByResult": ("callsByResult", RESULT),
    "callsDurationByCompanyHours": ("callsByCompanyHours", HOURS),
    "callsDurationByQueueSla": ("callsByQueueSla", SLA),
    "callsDurationByType": ("callsByType", TYPE),
    "callsDurationByEndingParty": ("callsByEndingParty", ENDING_PARTY),
    "callsDurationByQueueHours": ("callsByQueueHours", QUEUE_HOURS),
}
OF_QUEUES = ["callsByQueueSla", "callsDurationByQueueSla", "callsByQueueHours", "callsDurationByQueueHours"]

FILTERS = {
    "directions": DIRECTION,
    "origins": ORIGIN,
    "callResponses": RESPONSE,
    "callResults": RESULT,
    "companyHours": HOURS,
    "queueSla": {"inSla": SLA["inSla"], "outSla": SLA["outOfSla"]},
    "callTypes": TYPE,
    "endingParties": ENDING_PARTY,
    "queueHours": QUEUE_HOURS,
    "callActions": {**{word: f"{column} > 0" for word, column in ACTION.items()}, "dTMFTransfer": "act_dtmf_transfer > 0"},
}

MEMBERS = {"Department": "department", "UserGroup": "user_group", "Queue": "queue", "Site": "site"}


def capital_to_lower(word):
    return word[0].lower() + word[1:]


def text(value):
    return "'" + value.replace("'", "''") + "'"


def texts(values):
    return "(" + ", ".join(text(value) for value in values) + ")"


class Oracle:
    def __init__(self, folder, abandoned_sla="out"):
        self.db = duckdb.connect()
        self.db.execute("set timezone = 'UTC'")
        self.db.execute(f"set variable abandoned_sla = {text(abandoned_sla)}")
        folder = pathlib.Path(folder)
        for table in TABLES:
            file = next(folder / f"{table}.{kind}" for kind in ("csv", "parquet") if (folder / f"{table}.{kind}").exists())
            if file.suffix == ".csv":
                # Ids and numbers are text, whatever they look like.
                typed = {
                    "calls": "call_id: 'bigint', start: 'timestamptz', seconds: 'bigint', origin: 'varchar', number: 'varchar', ended_by: 'varchar'",
                    "legs": "call_id: 'bigint', leg: 'bigint', extension: 'varchar', queue: 'varchar', peer: 'varchar', direction: 'varchar', response: 'varchar', type: 'varchar', result: 'varchar', start: 'bigint', seconds: 'bigint'",
                    "segments": "call_id: 'bigint', leg: 'bigint', segment: 'varchar', start: 'bigint', seconds: 'bigint'",
                    "actions": "call_id: 'bigint', leg: 'bigint', action: 'varchar', start: 'bigint'",
                    "extensions": "id: 'varchar', kind: 'varchar', extension_number: 'varchar', name: 'varchar', sla_seconds: 'bigint', sla_abandoned_seconds: 'bigint'",
                    "account": "schema_version: 'bigint', id: 'varchar', name: 'varchar', time_zone: 'varchar', calls_from: 'timestamptz', calls_to: 'timestamptz'",
                }.get(table)
                read = f"read_csv({text(str(file))}, header = true, " + (
                    f"columns = {{{typed}}})" if typed else "all_varchar = true)"
                )
            else:
                read = f"read_parquet({text(str(file))})"
            self.db.execute(f"create table {table} as select * from {read}")
        definitions = (HERE / "definitions.sql").read_text()
        self.db.execute(definitions)
        self.db.execute((HERE / "before.sql").read_text())
        with self.before():
            self.db.execute(definitions)

    @contextlib.contextmanager
    def before(self):
        """Looks at the tables in the words of the revisions before 2025-05-20."""
        self.db.execute("set search_path = 'before,main'")
        yield
        self.db.execute("set search_path = 'main'")

    def rows(self, sql):
        return self.db.execute(sql).fetchall()

    # What is asked for.

    def scope(self, grouping):
        """The grouping of the portions, the keys that are asked for (or nothing), and whether they are named."""
        keys = grouping.get("keys") or []
        if "groupBy" in grouping:
            of = grouping["groupBy"]
            if of == "Company":
                return of, [key for key, in self.rows("select id from account")], True
            return of, keys or None, bool(keys)
        kind = MEMBERS[grouping["groupByMembers"]]
        chosen = f"and g.id in {texts(keys)}" if keys else ""
        members = self.rows(f"""
            select distinct u.id from memberships m
            join extensions u on u.id = m.extension and u.kind = 'user'
            join extensions g on g.id = m.belongs_to and g.kind = '{kind}' {chosen}""")
        return "Users", [key for key, in members], False

    def condition(self, grouping, keys, settings, filters, others):
        zone = text(settings["timeZone"])
        given = settings["timeRange"]
        all_of = [
            f"grouping = '{grouping}'",
            f"start >= timestamptz {text(given['timeFrom'])}",
            f"start <= timestamptz {text(given['timeTo'])}",
        ]
        if keys is not None:
            all_of.append(f"key in {texts(keys)}" if keys else "false")
        all_of += self.included(settings, f"timezone({zone}, start)")
        all_of += others
        for name, words in FILTERS.items():
            asked = filters.get(name) or []
            if asked:
                any_of = " or ".join(words[capital_to_lower(word)] for word in asked)
                all_of.append(f"coalesce({any_of}, false)")
        if filters.get("callSegments"):
            any_of = []
            for asked in filters["callSegments"]:
                column = SEGMENT[capital_to_lower(asked["segment"])]
                any_of.append(" and ".join([f"{column} > 0", *bounds(column, asked.get("length", {}))]))
            all_of.append("(" + " or ".join(any_of) + ")")
        all_of += bounds("call_seconds", filters.get("callDuration", {}))
        all_of += bounds("length", filters.get("timeSpent", {}))
        if filters.get("calledNumbers"):
            all_of.append(f"coalesce(number in {texts(filters['calledNumbers'])}, false)")
        if filters.get("queues"):
            all_of.append(f"""call_id in (
                select call_id from leg_facts
                where (kind = 'queue' and extension in {texts(filters["queues"])})
                   or coalesce(queue in {texts(filters["queues"])}, false))""")
        for name, direction in [("fromIds", "inbound"), ("toIds", "outbound")]:
            ids = (filters.get("extensionFilters") or {}).get(name)
            if ids:
                all_of.append(f"""(call_id, key) in (
                    select (call_id, extension) from leg_facts
                    where direction = '{direction}' and peer in {texts(ids)})""")
        return " and ".join(f"({condition})" for condition in all_of)

    def included(self, settings, local):
        advanced = settings.get("advancedTimeSettings", {})
        all_of = []
        if advanced.get("includeDays"):
            all_of.append(f"dayname({local}) in {texts(advanced['includeDays'])}")
        if advanced.get("includeHours"):
            minute = f"(hour({local}) * 60 + minute({local}))"
            any_of = []
            for window in advanced["includeHours"]:
                first, last = (60 * int(end[:2]) + int(end[3:]) for end in (window["from"], window["to"]))
                joined = "and" if first <= last else "or"
                any_of.append(f"({minute} >= {first} {joined} {minute} <= {last})")
            all_of.append("(" + " or ".join(any_of) + ")")
        return all_of

    def make_buckets(self, name, interval, settings):
        """A table of all buckets that touch the period: start and end, and the start as it is written."""
        zone = text(settings["timeZone"])
        given = settings["timeRange"]
        first = f"date_trunc('second', timestamptz {text(given['timeFrom'])})"
        last = f"timestamptz {text(given['timeTo'])}"
        if interval == "Hour":
            # Where the local clock shows a full hour, or is moved.
            starts = f"""
                select t as starts from generate_series(
                    date_trunc('minute', {first}) - interval 3 hour, {last} + interval 3 hour, interval 1 minute) s(t)
                where minute(timezone({zone}, t)) = 0
                   or timezone({zone}, t) - timezone({zone}, t - interval 1 minute) <> interval 1 minute"""
        else:
            unit = interval.lower()
            starts = f"""
                select timezone({zone}, d) as starts from generate_series(
                    date_trunc('{unit}', timezone({zone}, {first})),
                    date_trunc('{unit}', timezone({zone}, {last})) + interval 1 {unit},
                    interval 1 {unit}) s(d)"""
        self.db.execute(f"""create or replace temp table {name} as
            with b as (select starts, lead(starts) over (order by starts) as ends from ({starts}))
            select starts, ends, timezone({zone}, starts) as local,
                   (epoch(timezone({zone}, starts)) - epoch(starts))::bigint as shift
            from b where starts <= {last} and ends > {first}""")

    # What comes back.

    def find(self, grouping, settings, filters, others=()):
        """Makes a table of the portions that match; gives their grouping and the keys that come back, in order."""
        grouping, keys, are_named = self.scope(grouping)
        condition = self.condition(grouping, keys, settings, filters, others)
        self.db.execute(f"create or replace temp table matches as select * from portions where {condition}")
        found = {key for key, in self.rows("select distinct key from matches")}
        if are_named:
            kinds = {"Users": "user", "Queues": "queue", "IVRs": "ivr", "IVAs": "iva", "SharedLines": "shared_line",
                     "UserGroups": "user_group", "Sites": "site", "Departments": "department",
                     "Company": "company", "CompanyNumbers": "number"}
            known = {key for key, in self.rows(f"select key from entries where kind = '{kinds[grouping]}'")}
            found |= set(keys) & known
        return grouping, sorted(found)

    def answer(self, body, interval=None):
        settings = body["timeSettings"]
        grouping, order = self.find(
            body.get("grouping") or {"groupBy": "Company"}, settings, body.get("callFilters") or {})
        records = {key: {"key": key, **self.info(key)} for key in order}
        asked = [
            Metric(side, option, *known[option], how)
            for side, known in [("counters", COUNTERS), ("timers", TIMERS)]
            for option, how in body["responseOptions"].get(side, {}).items()
            if how is not False
        ]
        if interval is not None:
            self.make_buckets("points", interval, settings)
            for key, points in self.timeline(asked, order).items():
                records[key]["points"] = points
            return grouping, [records[key] for key in order]
        for by in {metric.interval for metric in asked}:
            of_interval = [metric for metric in asked if metric.interval == by]
            if by is None:
                rows = self.per_key(of_interval)
            else:
                rows = self.per_interval(of_interval, by, settings, order)
            for key in order:
                self.put(records[key], of_interval, rows.get(key))
        return grouping, [records[key] for key in order]

    def info(self, key):
        (number, name), = self.rows(f"select extension_number, name from entries where key = {text(key)}")
        info = {"extensionNumber": number, "name": name}
        info = {field: value for field, value in info.items() if value is not None}
        return {"info": info} if info else {}

    def per_key(self, asked):
        columns = ", ".join(expr for metric in asked for expr in metric.exprs())
        return {key: row for key, *row in self.rows(f"select key, {columns} from matches group by key")}

    def per_interval(self, asked, interval, settings, order):
        """Sum, least, most and number over all intervals in which a call could have begun, expression by expression."""
        self.make_buckets("intervals", interval, settings)
        first, last = (f"timestamptz {text(settings['timeRange'][end])}" for end in ("timeFrom", "timeTo"))
        zone = text(settings["timeZone"])
        conditions = self.included(settings, f"timezone({zone}, t)") or ["true"]
        self.db.execute(f"""create or replace temp table possible as
            select distinct i.starts
            from generate_series(date_trunc('minute', {first}), {last}, interval 1 minute) s(t)
            asof join intervals i on greatest(t, {first}) >= i.starts
            where {" and ".join(conditions)}""")
        exprs = [expr for metric in asked for expr in metric.exprs()]
        columns = ", ".join(f"{expr} as v{i}" for i, expr in enumerate(exprs))
        folds = ", ".join(
            f"sum(coalesce(v{i}, 0)), min(coalesce(v{i}, 0)), max(coalesce(v{i}, 0)), count(*)" for i in range(len(exprs))
        )
        self.db.execute("create or replace temp table asked (key varchar)")
        if order:
            self.db.execute(f"insert into asked values {', '.join(f'({text(key)})' for key in order)}")
        return {key: row for key, *row in self.rows(f"""
            with sums as (
                select key, i.starts, {columns}
                from matches asof join intervals i on matches.start >= i.starts
                group by key, i.starts)
            select key, {folds}
            from asked cross join possible left join sums using (key, starts)
            group by key""")}

    def timeline(self, asked, order):
        columns = "".join(f", {expr}" for metric in asked for expr in metric.exprs())
        rows = {(key, starts): row for key, starts, *row in self.rows(f"""
            select key, p.starts {columns}
            from matches asof join points p on matches.start >= p.starts
            group by key, p.starts""")}
        times = self.rows("select starts, strftime(local, '%Y-%m-%dT%H:%M:%S'), shift from points order by starts")
        points = {key: [] for key in order}
        for key in order:
            for starts, local, shift in times:
                point = {"time": local + offset(shift)}
                self.put(point, asked, rows.get((key, starts)))
                points[key].append(point)
        return points

    @staticmethod
    def put(record, asked, row):
        """Writes a row's numbers into a record; no row means that there was no call."""
        at = 0
        for metric in asked:
            width = metric.width() * len(metric.words or [""])
            numbers = [0] * width if row is None else row[at : at + width]
            at += width
            record.setdefault(metric.side, {})[metric.name] = metric.value(numbers)


class Metric:
    """A counter or timer that is asked for: what to compute in SQL, and how to tell it."""

    def __init__(self, side, option, name, words, how):
        how = {"aggregationType": "Sum"} if how is True else how
        self.side, self.option, self.name, self.words = side, option, name, words
        self.kind, self.interval = how["aggregationType"], how.get("aggregationInterval")

    def exprs(self):
        for word, by in (self.words or {"": None}).items():
            if self.kind == "Percent":
                yield amount(self.side, self.option, by)
                yield amount(self.side, None, denominator(self.words, word))
            elif self.kind == "Sum" or self.interval:
                yield amount(self.side, self.option, by)
            else:
                # The seconds of each call that falls under the word.
                falls = "true" if by is None else f"{by} > 0" if by in SEGMENT.values() else by
                of = by if by in SEGMENT.values() else "length"
                fold = {"Average": "sum", "Min": "min", "Max": "max"}[self.kind]
                yield f"{fold}({of}) filter ({falls})"
                yield f"count(*) filter ({falls})"

    def width(self):
        """How many numbers a row has for each word."""
        return 1 if self.kind == "Sum" else 4 if self.interval else 2

    def told(self, numbers):
        if self.kind == "Sum":
            return numbers[0]
        if self.kind == "Percent":
            return 100 * numbers[0] / numbers[1] if numbers[1] else 0
        if self.interval:
            total, least, most, count = numbers
            return {"Average": total / count if count else 0, "Min": least, "Max": most}[self.kind]
        of, count = numbers
        return 0 if not count else of / count if self.kind == "Average" else of

    def value(self, numbers):
        width = self.width()
        told = [self.told(numbers[i : i + width]) for i in range(0, len(numbers), width)]
        unit = "Percent" if self.kind == "Percent" else "Instances" if self.side == "counters" else "Seconds"
        return {"valueType": unit, "values": told[0] if self.words is None else dict(zip(self.words, told))}


def amount(side, option, by):
    """How many calls, actions or seconds."""
    if option == "queueOpportunities":
        return "coalesce(sum(opportunities), 0)::bigint"
    if by in ACTION.values():
        return f"coalesce(sum({by}), 0)::bigint"
    if by in SEGMENT.values():
        return f"count(*) filter ({by} > 0)" if side == "counters" else f"coalesce(sum({by}), 0)::bigint"
    falls = by or "true"
    return f"count(*) filter ({falls})" if side == "counters" else f"coalesce(sum(length) filter ({falls}), 0)::bigint"


def denominator(words, word):
    """What a share is a share of: a condition."""
    if words is RESPONSE:
        return DIRECTION["inbound" if word in ("answered", "notAnswered") else "outbound"]
    if words is ACTION:
        return RESPONSE["answered"]
    if words is RESULT:
        return RESPONSE["answered" if word == "completed" else "notAnswered"]
    if words is SEGMENT:
        return RESPONSE["notAnswered" if word in ("voicemail", "vmGreeting") else "answered"]
    return None


def bounds(column, asked):
    names = [("minSeconds", ">="), ("maxSeconds", "<=")]
    return [f"{column} {sign} {asked[name]}" for name, sign in names if asked.get(name) is not None]


def offset(shift):
    sign = "-" if shift < 0 else "+"
    return f"{sign}{abs(shift) // 3600:02}:{abs(shift) % 3600 // 60:02}"

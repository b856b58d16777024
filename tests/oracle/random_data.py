"""A folder of calls that nobody would invent: every combination that the schema allows.

    random_data.py FOLDER SEED
"""

import csv
import datetime
import pathlib
import random
import sys

folder, dice = pathlib.Path(sys.argv[1]), random.Random(int(sys.argv[2]))
folder.mkdir(parents=True)
UTC = datetime.timezone.utc
FIRST, LAST = datetime.datetime(2024, 10, 14, tzinfo=UTC), datetime.datetime(2025, 4, 15, tzinfo=UTC)
CALLS = 6000


def write(table, header, rows):
    with open(folder / f"{table}.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def instant(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


write("account", ["schema_version", "id", "name", "time_zone", "calls_from", "calls_to"],
      [[3, "77", "", "Europe/London", instant(FIRST), instant(LAST)]])
# One queue has its own, one only at night, one the company's.
write("hours", ["day", "opens", "closes", "queue"], [
    ["monday", "08:00", "12:00", ""], ["monday", "10:00", "18:00", "q9"], ["monday", "13:00", "17:30", ""],
    ["tuesday", "00:00", "24:00", ""], ["wednesday", "09:15", "09:16", ""], ["sunday", "23:00", "24:00", ""],
    ["sunday", "00:00", "06:30", "q10"], ["thursday", "07:59", "20:01", "q9"]])

# Ids of different lengths: records come by key as text.
users = [f"{dice.randint(1, 10 ** dice.randint(2, 9))}u{i}" for i in range(30)]
queues, ivrs, lines = (["q9", "q10", "q2"], ["m1", "m22"], ["l1", "l2"])
# One without a menu in whose place it answers.
ivas = ["a1", "a20", "a3"]
sites, departments, groups = ["s1", "s2"], ["d1", "d2"], ["g1", "g2", "g3"]
slas = {queue: dice.choice([0, 15, 40]) for queue in queues}
# One counts no abandoned call, one all of them, one those that waited.
abandoned = dict(zip(queues, ["", 0, 10]))
rows = [[user, "user", dice.choice(["", str(100 + i)]), dice.choice(["", f"Ünïcode, \"{i}\""]), "", ""] for i, user in enumerate(users)]
rows += [[queue, "queue", "", queue.upper(), slas[queue], abandoned[queue]] for queue in queues]
for kind, keys in [("ivr", ivrs), ("iva", ivas), ("shared_line", lines), ("site", sites), ("department", departments), ("user_group", groups)]:
    rows += [[key, kind, "", key.upper(), "", ""] for key in keys]
dice.shuffle(rows)
write("extensions", ["id", "kind", "extension_number", "name", "sla_seconds", "sla_abandoned_seconds"], rows)

memberships = []
for user in users:
    memberships += [[user, dice.choice(sites)]] if dice.random() < 0.8 else []
    memberships += [[user, dice.choice(departments)]] if dice.random() < 0.7 else []
    memberships += [[user, group] for group in groups if dice.random() < 0.4]
    memberships += [[user, queue] for queue in queues if dice.random() < 0.4]
memberships += [[other, dice.choice(sites)] for other in queues + ivrs + ivas + lines if dice.random() < 0.6]
memberships += [["a1", "m22"], ["a20", "m1"]]
dice.shuffle(memberships)
write("memberships", ["extension", "belongs_to"], memberships)
numbers = [f"+4420{i:07}" for i in range(5)]
write("numbers", ["number", "extension"], [[number, dice.choice(["", *users, *queues])] for number in numbers])

SEGMENTS = ["forwarding", "setup", "ringing", "ivr_prompt", "live_talk", "hold", "park", "transfer", "vm_greeting", "voicemail"]
ACTIONS = ["hold_on", "hold_off", "park_on", "park_off", "blind_transfer", "warm_transfer", "dtmf_transfer"]
RESULTS = ["transferred", "picked_up", "forwarded", "answered_elsewhere", "completed", "abandoned", "voicemail", "missed", "accepted", "unknown", ""]
extensions = users * 2 + queues * 8 + ivrs * 8 + ivas * 5 + lines * 4

# Half of them where clocks are moved: London, New York, Havana, Lord Howe and Santiago.
SHIFTS = [datetime.datetime(*day, tzinfo=UTC) for day in [
    (2024, 10, 27), (2024, 11, 3), (2025, 3, 9), (2025, 3, 30), (2025, 4, 5), (2025, 4, 6)]]


def start_of_call():
    if dice.random() < 0.5:
        return FIRST + datetime.timedelta(seconds=dice.randrange(int((LAST - FIRST).total_seconds())))
    return dice.choice(SHIFTS) + datetime.timedelta(seconds=dice.randrange(86_400))


calls, legs, segments, actions = [], [], [], []
ids = dice.sample(range(10**6), CALLS)
for call in ids:
    kind = dice.choice(["internal", "in", "in", "in", "out"])
    at, end = 0, 0
    count = dice.randint(1, 6)
    for leg in range(1, count + 1):
        made = leg == 1 and kind != "in"
        extension = dice.choice(users) if made else dice.choice(extensions)
        if made:
            response, type_ = dice.choice(["connected", "not_connected", ""]), dice.choice(["outbound", ""])
        else:
            response = dice.choice(["answered", "not_answered", ""])
            type_ = dice.choice(["direct", "from_queue", "park_retrieval", "transferred", "overflow", "queue_call_pickup", ""])
        queue = dice.choice(queues) if not made and dice.random() < 0.4 else ""
        peer = dice.choice(users + queues) if dice.random() < 0.5 else ""
        seconds = dice.choice([0, dice.randint(1, 20), dice.randint(1, 60), dice.randint(1, 400)])
        legs.append([call, leg, extension, queue, peer, "outbound" if made else "inbound", response, type_, dice.choice(RESULTS), at, seconds])
        clock = at
        while clock < at + seconds and dice.random() < 0.8:
            clock += dice.choice([0, 0, dice.randint(0, 5)])
            length = min(dice.randint(1, 120), at + seconds - clock)
            if length > 0:
                segments.append([call, leg, dice.choice(SEGMENTS), clock, length])
                clock += length
        for _ in range(dice.choice([0, 0, 0, 1, 3])):
            actions.append([call, leg, dice.choice(ACTIONS), at + dice.randint(0, seconds)])
        end = max(end, at + seconds)
        at += dice.choice([0, dice.randint(0, seconds)])
    number = dice.choice(numbers) if kind == "in" and dice.random() < 0.7 else ""
    origin = "internal" if kind == "internal" else "external"
    calls.append([call, instant(start_of_call()), end + dice.choice([0, 0, 7]), origin, number, dice.choice(["caller", "callee", "system", ""])])
for table, header, rows in [
    ("calls", ["call_id", "start", "seconds", "origin", "number", "ended_by"], calls),
    ("legs", ["call_id", "leg", "extension", "queue", "peer", "direction", "response", "type", "result", "start", "seconds"], legs),
    ("segments", ["call_id", "leg", "segment", "start", "seconds"], segments),
    ("actions", ["call_id", "leg", "action", "start"], actions),
]:
    dice.shuffle(rows)
    write(table, header, rows)

"""What the clients make of a server that isn't at its best: a table of cells.

    compare.py CALLPERF FOLDER    the program, and the folder of `install`

Each cell is one run: a sandbox with one fault, one client with one question, and
nothing of the caller's own around it. A client goes on where it prints the same
numbers as without the fault. What a program prints that doesn't catch the error is
looked through for secrets.
"""

import csv
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

callperf, folder = sys.argv[1], pathlib.Path(sys.argv[2])

QUESTION = [
    *("report", "--group-by", "queues", "--last", "7d", "--time-zone", "UTC", "--calls", "all,by-result"),
    *("--time-spent", "all", "--where", "direction=inbound", "--format", "csv", "--quiet"),
]

# A client's name, its command, and what is in its environment beside the credentials.
CLIENTS = [
    ("callperf", None, {}),
    ("@rc-ex/core", ["node", "core.mjs"], {}),
    ("with @rc-ex/rate-limit", ["node", "core.mjs"], {"EXTENDED": "1"}),
    ("@ringcentral/sdk", ["node", "sdk.mjs"], {}),
    ("with handleRateLimit", ["node", "sdk.mjs"], {"EXTENDED": "1"}),
    ("ringcentral (Python)", ["venv/bin/python", "client.py"], {}),
]

SCENARIOS = [
    ("nothing goes wrong", ""),
    ("the server is overloaded once (503)", "status:503"),
    ("a proxy's page comes once (502)", "html:502"),
    ("the connection breaks before the answer", "reset:start"),
    ("the connection breaks within the answer", "reset:body"),
    ("the quota is used up (429, with a second to wait)", "quota"),
    ("the access token expires early at the server", "expire-token"),
    ("fields and words that are new", "unknown-fields\nunknown-words"),
    ("permission is missing (403)", "permission times=always"),
]

SECRETS = ("RC_APP_CLIENT_SECRET", "RC_USER_JWT")


def sandbox(fault):
    """A sandbox with that fault, and the environment to reach it."""
    script = tempfile.NamedTemporaryFile("w", suffix=".faults", delete=False)
    for line in filter(None, fault.split("\n")):
        script.write(f"{line} on=aggregations\n")
    script.close()
    limits = "light=50/1s/1s,medium=50/1s/1s,heavy=50/1s/1s,auth=50/1s/1s"
    command = [callperf, "sandbox", "--seed", "7", "--limits", limits, "--refresh-tokens", "--faults", script.name]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    lines = [process.stdout.readline() for _ in range(4)]
    os.unlink(script.name)
    return process, dict(line.strip().removeprefix("export ").split("=", 1) for line in lines)


def run(client, fault):
    """Exit code, what was printed, and the environment."""
    _, command, extra = client
    process, environment = sandbox(fault)
    try:
        if command is None:
            command, where = [callperf, *QUESTION], None
        else:
            where = folder
        outcome = subprocess.run(
            command,
            cwd=where,
            env=os.environ | environment | extra,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return outcome.returncode, outcome.stdout, outcome.stderr, environment
    finally:
        process.kill()
        process.wait()


def numbers(client, out):
    """The lines of a client; `callperf` has more columns than the others print."""
    if client[1]:
        return out
    columns = ("name", "calls.total", "calls.by_result.abandoned", "time_spent.total")
    rows = csv.DictReader(io.StringIO(out))
    return "".join(" ".join(row[column] for column in columns) + "\n" for row in rows)


def leaks(text, environment):
    """Which secrets stand in what a failing program printed."""
    found = [name for name in SECRETS if environment[name] in text]
    if re.search(r"Bearer [\w.-]{8,}", text):
        found.append("access token")
    return found


def cell(client, scenario, expected):
    name, fault = scenario
    begun = time.monotonic()
    code, out, err, environment = run(client, fault)
    seconds = time.monotonic() - begun
    print(f"{client[0]}: {name}: exit {code}, {seconds:.1f} s", file=sys.stderr)
    leaked = leaks(out + err, environment)
    if code == 0:
        text = "goes on" if numbers(client, out) == expected else "OTHER NUMBERS"
    else:
        text = "says so" if "permission" in name else "fails"
    return text + (f", prints the {' and the '.join(leaked)}" if leaked else "")


def main():
    names = [client[0] for client in CLIENTS]
    expected = numbers(CLIENTS[0], run(CLIENTS[0], "")[1])
    if not expected:
        sys.exit("callperf has no numbers")
    print("| what happens | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 1) + "|")
    failed = False
    for scenario in SCENARIOS:
        cells = [cell(client, scenario, expected) for client in CLIENTS]
        print(f"| {scenario[0]} | " + " | ".join(cells) + " |", flush=True)
        ours = "says so" if "permission" in scenario[0] else "goes on"
        failed |= cells[0] != ours
    sys.exit(failed)


main()

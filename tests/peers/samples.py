"""The vendor's own samples against the sandbox, as they were published.

    samples.py CALLPERF FOLDER

FOLDER is a checkout of what the vendor publishes (its documentation's repository, say). Each program in it that asks
this API runs unchanged, in its own language, by the client that this folder has installed, against a sandbox whose
clock stands where the program's dates have just passed. It must end well, have been answered, and print what the
sandbox answers to the same request; and where the sandbox refused something, the request must have been wrong. What
isn't run is named with the reason. Exits with 1 if any failed, or none was run.
"""

import base64
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).parent.resolve()
ASKS = re.compile(r"/analytics/calls/v1/|/analytics/performance/calls/aggregate|/analytics/phone/performance/|\.analytics\(\)")
LANGUAGES = {
    ".js": ["node"], ".mjs": ["node"], ".cjs": ["node"], ".py": [str(HERE / "venv/bin/python")],
    ".rb": None, ".php": None, ".java": None, ".cs": None, ".go": None, ".ts": None,
}
# What they call the variables, then and now.
VARIABLES = {
    "RC_CLIENT_ID": "RC_APP_CLIENT_ID", "RC_CLIENT_SECRET": "RC_APP_CLIENT_SECRET", "RC_JWT": "RC_USER_JWT",
}
INSTANT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
LOOKBACK = datetime.timedelta(days=184)


def parsed(instant):
    return datetime.datetime.fromisoformat(instant.replace("Z", "+00:00"))


def text_of(path):
    return path.read_text(encoding="utf-8", errors="replace")


def with_required(path):
    """The texts of a program and of those beside it that it loads."""
    seen, todo = {}, [path]
    while todo:
        path = todo.pop()
        if path in seen or not path.is_file():
            continue
        seen[path] = text_of(path)
        todo += [(path.parent / name).resolve() for name in re.findall(r"""require\s*\(\s*['"](\.[^'"]+)""", seen[path])]
        modules = re.findall(r"""import_module\(\s*['"]([^'"]+)""", seen[path])
        todo += [path.parent / (name.replace(".", "/") + ".py") for name in modules]
    return seen


def dates(path, texts):
    """Of a part, whose whole has other dates, its own; of a program those of its parts as well."""
    of_whole = [instant for text in texts.values() for instant in INSTANT.findall(text)]
    own = INSTANT.findall(texts[path])
    is_part = re.search(r"""require\s*\(\s*['"]\.\.?/\.\.""", texts[path])
    return own if own and is_part else of_whole


def without_comments(text):
    return re.sub(r"^\s*(//|#|\*).*$", "", text, flags=re.M)


def why_not(path, texts):
    everything = "\n".join(without_comments(text) for text in texts.values())
    if LANGUAGES[path.suffix] is None:
        return "no client of its language is installed here"
    if not re.search(r"\b(SDK|RC|RC_SDK|RestClient|RingCentral)\s*\(", everything):
        return "it is a part of another program"
    # Nothing is to be sent to the service.
    if "RC_SERVER_URL" not in everything:
        return "it asks a server of its own"
    return None


class Sandbox:
    """One with a control API, whose clock stands after the last of some dates."""

    def __init__(self, callperf, instants):
        latest = max((parsed(instant) for instant in instants), default=datetime.datetime.now(datetime.timezone.utc))
        self.now = (latest + datetime.timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        now = self.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        command = [callperf, "sandbox", "--seed", "7", "--limits", "off", "--control", "--now", now]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.variables = dict(self.process.stdout.readline().strip().split("=", 1) for _ in range(4))
        self.variables |= {old: self.variables[new] for old, new in VARIABLES.items()}
        self.url = self.variables["RC_SERVER_URL"]

    def ask(self, path, data=None, headers=None):
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers or {})) as response:
            return json.load(response)

    def seen(self):
        return self.ask("/sandbox/requests")

    def again(self, request):
        """What the sandbox answers to a request that it has seen."""
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": self.variables["RC_USER_JWT"]}
        pair = f"{self.variables['RC_APP_CLIENT_ID']}:{self.variables['RC_APP_CLIENT_SECRET']}"
        basic = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        token = self.ask("/restapi/oauth/token", urllib.parse.urlencode(form).encode(), basic)["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        query = f"?{request['query']}" if request.get("query") else ""
        return self.ask(request["path"] + query, request["body"].encode(), headers)

    def is_rightly_refused(self, request):
        """By rules that the vendor states, read here again: the path, and how far back and forward times may be."""
        if "/analytics/phone/" in request["path"]:
            return True
        times = json.loads(request.get("body") or "{}").get("timeSettings", {}).get("timeRange", {})
        if not times:
            return False
        return parsed(times["timeTo"]) > self.now or parsed(times["timeFrom"]) < self.now - LOOKBACK

    def stop(self):
        self.process.kill()
        self.process.wait()


def printed(suffix, answer):
    """An answer as a program of that language prints it; the samples of each do so alike."""
    if suffix == ".py":
        return json.dumps(answer, indent=2, sort_keys=True)
    show = "console.log(JSON.parse(require('fs').readFileSync(0, 'utf8')))"
    return subprocess.run(["node", "-e", show], input=json.dumps(answer), capture_output=True, text=True, check=True).stdout


def faults(path, sandbox, run):
    """What is wrong with a run; and what was asked, in words."""
    seen = sandbox.seen()
    reports = [request for request in seen if "/analytics/" in request["path"]]
    answered = [request for request in reports if request["status"] == 200]
    told = f"{len(seen)} requests, {len(answered)} reports"
    wrong = []
    if run.returncode:
        wrong.append(f"it ended with {run.returncode}")
    if run.stderr.strip():
        wrong.append("it complained")
    if not answered:
        wrong.append("it got no report")
    for request in answered:
        answer = sandbox.again(request)
        told += f", {len(answer['data']['records'])} records"
        if not answer["data"]["records"]:
            wrong.append("a report is empty")
        if printed(path.suffix, answer).strip() not in run.stdout:
            wrong.append("it printed something else than the answer")
    for request in seen:
        if request["status"] == 200:
            continue
        reason = "; ".join(request.get("refused", []))
        if not reason:
            wrong.append(f"{request['path']}: {request['status']} without a reason")
        elif sandbox.is_rightly_refused(request):
            told += f"; refused as it should be: {reason}"
        else:
            wrong.append(f"{request['path']}: {request['status']}, {reason}")
    return wrong, told


def main():
    callperf, folder = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    found = [path for path in sorted(folder.rglob("*")) if path.suffix in LANGUAGES and path.is_file()]
    found = [path for path in found if "node_modules" not in path.parts and ASKS.search(text_of(path))]
    passed, failed = 0, 0
    for path in found:
        name, texts = path.relative_to(folder), with_required(path)
        reason = why_not(path, texts)
        if reason:
            print(f"not run: {name}: {reason}")
            continue
        instants = dates(path, texts)
        sandbox = Sandbox(callperf, instants)
        try:
            with tempfile.TemporaryDirectory() as home:
                environment = {
                    "PATH": os.environ["PATH"], "HOME": home, "PYTHONDONTWRITEBYTECODE": "1",
                    "NODE_PATH": str(HERE / "node_modules"), **sandbox.variables,
                }
                run = subprocess.run(
                    [*LANGUAGES[path.suffix], path.name], cwd=path.parent, env=environment,
                    capture_output=True, text=True)
            wrong, told = faults(path, sandbox, run)
        finally:
            sandbox.stop()
        if wrong:
            failed += 1
            print(f"FAILED: {name}: {told}", *wrong, run.stdout[-3000:], run.stderr[-3000:], sep="\n  ")
        else:
            passed += 1
            print(f"runs: {name}: {told}")
    print(f"{passed} samples ran as they should, {failed} failed, {len(found) - passed - failed} were not run")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()

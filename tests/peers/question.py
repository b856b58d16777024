"""The same question for every client: the week before today."""

import datetime
import json
import pathlib


def question():
    today = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    text = pathlib.Path(__file__).with_name("question.json").read_text()
    iso = lambda instant: instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    text = text.replace("FROM", iso(today - datetime.timedelta(days=7)))
    return json.loads(text.replace("TO", iso(today - datetime.timedelta(milliseconds=1))))

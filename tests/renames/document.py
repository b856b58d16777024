"""A document of tomorrow that renames: `document.py option|value|move|all|point|drop REVISION`.

An option and what it is called in the response, a value of requests and responses, a field that comes one level up, or
all at once; the time of a timeline's point; or one that drops a breakdown and a word.
"""

import json
import sys


def rename(document, name, old, new):
    schema = document["components"]["schemas"][name]
    schema["properties"][new] = schema["properties"].pop(old)
    if "required" in schema:
        schema["required"] = [new if it == old else it for it in schema["required"]]


def option(document):
    rename(document, "AggregationResponseOptionsCounters", "callsByEndingParty", "callsByEndingSide")
    rename(document, "TimelineResponseOptionsCounters", "callsByEndingParty", "callsByEndingSide")
    rename(document, "CallsCounters", "callsByEndingParty", "callsByEndingSide")


def value(document):
    words = document["components"]["schemas"]["GroupingOptions"]["enum"]
    words[words.index("SharedLines")] = "SharedLine"


def move(document):
    schemas = document["components"]["schemas"]
    hours = schemas["AdvancedTimeSettings"]["properties"].pop("includeHours")
    schemas["TimeSettings"]["properties"]["includeHours"] = hours


def point(document):
    rename(document, "TimelineResponsePoint", "time", "startTime")


def drop(document):
    schemas = document["components"]["schemas"]
    for operation in ["Aggregation", "Timeline"]:
        del schemas[f"{operation}ResponseOptionsCounters"]["properties"]["callsByQueueHours"]
        del schemas[f"{operation}ResponseOptionsTimers"]["properties"]["callsDurationByQueueHours"]
    for metric in ["CallsCounters", "CallsTimers"]:
        del schemas[metric]["properties"]["callsByQueueHours"]
    schemas["CallType"]["enum"].remove("QueueCallPickup")


CHANGES = {
    "option": [option],
    "value": [value],
    "move": [move],
    "all": [option, value, move],
    "point": [point],
    "drop": [drop],
}


def main():
    change, revision = sys.argv[1:]
    with open(revision, encoding="utf-8") as file:
        document = json.load(file)
    for step in CHANGES[change]:
        step(document)
    json.dump(document, sys.stdout)


main()

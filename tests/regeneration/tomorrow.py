"""Prints the current revision of calls-v1 with another breakdown of calls."""

import json
import pathlib
import sys
import tomllib

openapi = pathlib.Path("openapi")
api = tomllib.loads((openapi / "revisions.toml").read_text())["api"]["calls-v1"]
document = json.loads((openapi / f"revisions/calls-v1/{api['generate']['revision']}.json").read_text())
schemas = document["components"]["schemas"]

number = {"type": "number", "format": "double"}
schemas["CallsByMood"] = {
    "type": "object",
    "required": ["valueType", "values"],
    "properties": {
        "valueType": {"type": "string", "enum": ["Instances", "Percent"]},
        "values": {"type": "object", "properties": {"happy": number, "sad": number}},
    },
}
for kind in ["Aggregation", "Timeline"]:
    options = schemas[f"{kind}ResponseOptionsCounters"]["properties"]
    options["callsByMood"] = options["callsByResult"]
schemas["CallsCounters"]["properties"]["callsByMood"] = {"$ref": "#/components/schemas/CallsByMood"}
json.dump(document, sys.stdout)

"""Prints the current revision of calls-v1 as the vendor might change it next."""

import json
import pathlib
import sys
import tomllib

openapi = pathlib.Path("openapi")
api = tomllib.loads((openapi / "revisions.toml").read_text())["api"]["calls-v1"]
document = json.loads((openapi / f"revisions/calls-v1/{api['generate']['revision']}.json").read_text())
schemas = document["components"]["schemas"]

match sys.argv[1]:
    case "additive":
        schemas["CallResult"]["enum"].append("Teleported")
    case "large":
        schemas["CallResult"]["enum"] += [f"Teleported{number}" for number in range(1000)]
    case "breaking":
        schemas["CallResult"]["enum"].remove("Abandoned")
    case "refused":
        schemas["CallResult"] = {"type": "object", "properties": {"word": {"type": "string"}}}
json.dump(document, sys.stdout)

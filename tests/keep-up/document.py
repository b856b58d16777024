"""Prints the current revisions of calls-v1 and the directory as the vendor might change them next."""

import json
import pathlib
import sys
import tomllib

openapi = pathlib.Path("openapi")
apis = tomllib.loads((openapi / "revisions.toml").read_text())["api"]


def current(api):
    date = apis[api]["generate"]["revision"]
    return json.loads((openapi / f"revisions/{api}/{date}.json").read_text())


document, directory = current("calls-v1"), current("directory")
document["paths"] |= directory["paths"]
for section, components in directory["components"].items():
    document["components"].setdefault(section, {}).update(components)
schemas = document["components"]["schemas"]

match sys.argv[1]:
    case "additive":
        schemas["CallResult"]["enum"].append("Teleported")
    case "large":
        schemas["CallResult"]["enum"] += [f"Teleported{number}" for number in range(1000)]
    case "breaking":
        schemas["CallResult"]["enum"].remove("Abandoned")
    case "both":
        schemas["CallResult"]["enum"].append("Teleported")
        schemas["ExtensionStatusEnumGroup"]["enum"].append("Resting")
    case "lacking":
        schemas["CallResult"]["enum"].append("Teleported")
        del document["paths"]["/restapi/v1.0/account/{accountId}/sites"]
    case "refused":
        schemas["CallResult"] = {"type": "object", "properties": {"word": {"type": "string"}}}
json.dump(document, sys.stdout)

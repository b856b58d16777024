"""Holds workbooks, as openpyxl reads them, against the JSON of the same reports."""

import datetime
import json
import operator
import pathlib
import re
import sys
import zoneinfo

import openpyxl

FOLDER = pathlib.Path(sys.argv[1])
CELLS = 0


def definitions(book):
    """Which path in the JSON a heading stands for, by sheet order: (heading, unit, path)."""
    sheet = book["Definitions"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    start = next(at for at, row in enumerate(rows) if row[0] == "number")
    assert rows[start] == ["number", "unit", "what it says", "name in JSON and CSV"], rows[start]
    found = [(row[0], row[1], row[3]) for row in rows[start + 1 :]]
    assert all(row[2] for row in rows[start + 1 :]), "a number without a definition"
    return found, [row[0] for row in rows[:start] if row[0]]


def number(entry, path):
    """The number at a path, in its JSON; None where it is absent."""
    section, name, *word = path.split(".")
    found = entry.get(section, {}).get(name)
    if found is None:
        return None
    return found["values"].get(word[0]) if word else found["value"]


def seconds(value):
    if value is None:
        return None
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, datetime.time):
        return value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
    if isinstance(value, datetime.datetime):
        return (value - datetime.datetime(1899, 12, 30)).total_seconds()
    return value * 86400


def same(cell, expected, unit, what):
    global CELLS
    CELLS += 1
    value = cell.value
    if expected is None:
        assert value is None, f"{what}: {value} for nothing"
        return
    if unit.startswith("time"):
        assert "h]:mm:ss" in cell.number_format, f"{what}: {cell.number_format}"
        value = seconds(value)
        # openpyxl gives durations to the microsecond.
        assert abs(value - expected) < 1e-3, f"{what}: {value} for {expected}"
    elif unit == "percentage":
        assert cell.number_format == "0.0%", f"{what}: {cell.number_format}"
        assert abs(value - expected) < 1e-12, f"{what}: {value} for {expected}"
    else:
        assert value == expected, f"{what}: {value} for {expected}"


def rows_of(document):
    """The rows of a document: the entry, its name, its numbers, those before, its targets, its time."""
    out = []
    for entry, total in [(it, False) for it in document["records"]] + [
        (it, True) for it in [document.get("total")] if it
    ]:
        info = entry.get("info") or {}
        name = info.get("name") or entry.get("name") or entry["key"]
        points = entry.get("points")
        for point in points if points is not None else [entry]:
            out.append((entry["key"], name, total, point, point.get("previous"), point.get("targets", {})))
    return out


def check(name):
    book = openpyxl.load_workbook(FOLDER / f"{name}.xlsx")
    document = json.loads((FOLDER / f"{name}.json").read_text())
    rows = rows_of(document)
    known, lines = definitions(book)
    assert document["period"]["time_zone"] in lines[0], lines
    sheets = [sheet for sheet in book if sheet.title != "Definitions"]
    left = list(known)
    rules = 0
    for sheet in sheets:
        headings = [cell.value for cell in sheet[1]]
        assert sheet.freeze_panes == "B2", sheet.freeze_panes
        assert sheet.auto_filter.ref.startswith("A1:"), sheet.auto_filter.ref
        assert all(cell.font.bold for cell in sheet[1])
        assert sheet.max_row == len(rows) + 1, (sheet.title, sheet.max_row, len(rows))
        for at, (key, label, total, numbers, previous, targets) in enumerate(rows, start=2):
            cells = dict(zip(headings, sheet[at]))
            assert cells["name"].value == label
            assert cells["key"].value == key, "a key is a text"
            if "row" in cells:
                assert (cells["row"].value == "whole company") == total
            times = [text for text in headings if text.startswith("time (")]
            if "interval" in document:
                zone = zoneinfo.ZoneInfo(document["period"]["time_zone"])
                local = datetime.datetime.fromisoformat(numbers["time"].replace("Z", "+00:00"))
                assert cells[times[0]].is_date
                assert cells[times[0]].value == local.astimezone(zone).replace(tzinfo=None)
            for heading, unit, path in [it for it in known if it[0] in headings]:
                if not belongs(sheet.title, path):
                    continue
                scale = 100 if is_percent(numbers, path) else 1
                expected = number(numbers, path)
                expected = expected / scale if expected is not None else None
                same(cells[heading], expected, unit, f"{name}: {label}: {path}")
                if document.get("previous_period") and previous is not None:
                    before = number(previous, path)
                    before = before / scale if before is not None else None
                    same(cells[f"{heading}, before"], before, unit, f"{name}: {label}: {path} before")
                verdict = targets.get(path.removeprefix("kpis."))
                if verdict and path.startswith("kpis."):
                    same(cells[f"{heading}, target"], verdict["goal"], unit, f"{name}: {path} target")
        for heading, unit, path in known:
            if heading in headings and belongs(sheet.title, path) and (heading, unit, path) in left:
                left.remove((heading, unit, path))
        for place in sheet.conditional_formatting:
            rules += len(place.rules)
            verify(sheet, place, headings, known, rows)
    assert not left, f"{name}: no sheet has {left}"
    wants_rules = any(targets for *_, targets in rows)
    assert (rules > 0) == wants_rules, (name, rules)
    return [sheet.title for sheet in book], rules


def belongs(title, path):
    """Whether a number stands on a sheet of this title."""
    if path.startswith("kpis."):
        return title == "Key figures"
    if len(path.split(".")) == 2:
        return title != "Key figures"
    metric, breakdown, _ = path.split(".")
    return title.replace(" ", "_").lower() == f"{metric}_{breakdown}"


def is_percent(numbers, path):
    section, name, *_ = path.split(".")
    return numbers.get(section, {}).get(name, {}).get("unit") == "Percent"


RULE = re.compile(r"AND\(ISNUMBER\(\$([A-Z]+)(\d+)\),\$\1\2(>=|<=|<|>)\$([A-Z]+)\2\)")
SIGNS = {">=": operator.ge, "<=": operator.le, "<": operator.lt, ">": operator.gt}


def verify(sheet, place, headings, known, rows):
    """A rule says of each row of its range what the JSON says of its target."""
    for rule in place.rules:
        (formula,) = rule.formula
        column, first, sign, goals = RULE.fullmatch(formula).groups()
        heading = sheet[f"{column}1"].value
        assert sheet[f"{goals}1"].value == f"{heading}, target", formula
        figure = next(path for text, _, path in known if text == heading and path.startswith("kpis."))
        (area,) = place.sqref.ranges
        assert area.coord.startswith(f"{column}{first}"), area.coord
        fill = rule.dxf.fill.bgColor.rgb
        for at in range(area.min_row, area.max_row + 1):
            value, goal = sheet[f"{column}{at}"].value, sheet[f"{goals}{at}"].value
            if heading.startswith("average") and value is not None:
                value, goal = seconds(value), seconds(goal)
            is_true = value is not None and SIGNS[sign](value, goal)
            met = rows[at - 2][5][figure.removeprefix("kpis.")].get("met")
            # The signs with "=" are those of targets that are met.
            assert is_true == (met is ("=" in sign)), (formula, at, value, goal, met)
        assert fill.endswith("E2EFDA" if "=" in sign else "FCE4E4"), fill


def main():
    for name in ["report", "percent", "hours", "days", "months"]:
        sheets, rules = check(name)
        print(f"{name}: {', '.join(sheets)}; {rules} conditional formats")
    print(f"openpyxl {openpyxl.__version__}: {CELLS} numbers are those of the JSON")


main()

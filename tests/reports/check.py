"""Holds the SARIF log against its schema and its places against the files, and reads the annotations as the runner does.

    python3 check.py REPOSITORY SECRETS SARIF ANNOTATIONS SCHEMA        needs `pip install jsonschema`
"""

import json
import os
import re
import sys
import urllib.parse

import jsonschema

repository, secrets, sarif, annotations, schema = sys.argv[1:]
secrets = set(open(secrets).read().split())
text = open(sarif, encoding="utf-8").read()
log = json.loads(text)
schema = json.load(open(schema))
jsonschema.Draft7Validator.check_schema(schema)
jsonschema.validate(log, schema, jsonschema.Draft7Validator)
# The validator can fail: a log that is wrong in a small way is refused.
for wrong in ({"version": "2.0.0"}, {"runs": [{"tool": {}}]}, {"runs": [dict(log["runs"][0], columnKind="bytes")]}):
    try:
        jsonschema.validate(log | wrong, schema, jsonschema.Draft7Validator)
    except jsonschema.ValidationError:
        continue
    sys.exit(f"the schema accepts {wrong}")

run = log["runs"][0]
rules = run["tool"]["driver"]["rules"]
assert run["columnKind"] == "utf16CodeUnits"
assert rules and all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)
assert not any(secret in text for secret in secrets), "a whole secret is in the log"


def units(value):
    """As a list of UTF-16 code units."""
    data = value.encode("utf-16-le")
    return [data[at : at + 2] for at in range(0, len(data), 2)]


found, places = set(), set()
for result in run["results"]:
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uriBaseId"] == "%SRCROOT%"
    path = urllib.parse.unquote_to_bytes(location["artifactLocation"]["uri"])
    region = location["region"]
    assert region["startLine"] == region["endLine"]
    with open(os.path.join(os.fsencode(repository), path), "rb") as file:
        lines = file.read().decode("utf-8", "replace").split("\n")
    there = units(lines[region["startLine"] - 1])[region["startColumn"] - 1 : region["endColumn"] - 1]
    value = b"".join(there).decode("utf-16-le")
    assert value in secrets, f"{path!r} {region}: {value!r} is no secret"
    found.add(value)
    prints = result["partialFingerprints"]
    assert re.fullmatch("u1-[0-9a-f]{20}", prints["unleakSecret/v1"])
    assert prints["unleakPlace/v1"] not in places, "two places have one fingerprint"
    places.add(prints["unleakPlace/v1"])
assert found == secrets, f"{len(secrets - found)} secrets have no result"
print(f"ok    the SARIF log is valid, and its {len(places)} places are those of the secrets")

count = 0
for line in open(annotations, "rb").read().decode().split("\n")[:-1]:
    match = re.fullmatch("::(error|warning) ([^:]*)::(.*)", line)
    assert match, f"no annotation: {line!r}"
    properties = dict(part.split("=", 1) for part in match[2].split(","))
    assert set(properties) <= {"file", "line", "endLine", "col", "endColumn", "title"}, properties
    assert all(ord(c) >= 32 and ord(c) != 127 for c in line), f"a control character: {line!r}"
    decode = lambda value: value.replace("%3A", ":").replace("%2C", ",").replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
    name = decode(properties["file"])
    if "\\" not in name:
        assert os.path.exists(os.path.join(repository, name)), f"no such file: {name!r}"
    assert not any(secret in line for secret in secrets)
    count += 1
assert count == len(places), f"{count} annotations for {len(places)} places"
print(f"ok    {count} annotations, and no other command")

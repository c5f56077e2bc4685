"""Holds sample configurations against unleak.schema.json. Needs Python 3.11 and `pip install jsonschema`.

Run from the repository's top: python schema/check.py
"""

import datetime
import json
import re
import tomllib

import jsonschema

FINGERPRINT = 'fingerprint = "u1-0123456789abcdef0123"'
WRONG = [
    'mdoe = "warn"',
    'mode = "off"',
    '[allowlist]\npaths = "x"',
    '[allowlist]\npaths = ["!x"]',
    '[allowlist]\nstopwords = ["a"]',
    f"[[allowlist.entry]]\n{FINGERPRINT}",
    '[[allowlist.entry]]\nfingerprint = "u1-x"\nreason = "r"',
    f'[[allowlist.entry]]\n{FINGERPRINT}\nreason = " "',
    '[[rules.custom]]\nid = "x"',
]


def plain(value):
    """TOML's dates as JSON has them."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def main():
    with open("schema/unleak.schema.json") as file:
        schema = json.load(file)
    validator = jsonschema.Draft202012Validator
    validator.check_schema(schema)
    judge = validator(schema, format_checker=jsonschema.FormatChecker())
    with open("src/allow/tests.rs") as file:
        everything = re.search(r'EVERY_KEY: &str = r#"(.*?)"#', file.read(), re.S).group(1)
    with open("docs/configuration.md") as file:
        documented = re.findall(r"```toml\n(.*?)```", file.read(), re.S)
    assert documented, "docs/configuration.md shows a configuration"
    for text in [everything, *documented, ""]:
        judge.validate(plain(tomllib.loads(text)))
    for text in WRONG:
        assert not judge.is_valid(plain(tomllib.loads(text))), text


if __name__ == "__main__":
    main()

"""Makes a repository whose names, lines and authors are hostile to whoever prints them, with made-up secrets in it.

    python3 make.py FOLDER        prints the secrets, one a line

Each secret stands in a line of its own; payloads call alert() and set window.pwned, so that a page which runs one is caught.
"""

import os
import random
import subprocess
import sys
import zlib

top = sys.argv[1]
chance = random.Random(7)
secrets = []


def secret():
    """A password, put together here so that no file of this repository has one."""
    value = "".join(chance.choice("abcdefghkmnpqrstuvwxyzABCDEFGHKLMNPQRSTUVWXYZ23456789") for _ in range(18))
    secrets.append(value)
    return value


def line(before="", after="", value=None):
    return before + 'url = "postgres://admin:' + (value or secret()) + '@prod-db.internal:5432/app"' + after + "\n"


def token():
    """A token with a checksum that holds, for a second rule and severity."""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    body = "".join(chance.choice(digits) for _ in range(30))
    rest, check = zlib.crc32(body.encode()), ""
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        check = digits[digit] + check
    secrets.append("gh" + "p_" + body + check)
    return secrets[-1]


def git(*arguments, author="A Person"):
    environment = dict(os.environ, GIT_AUTHOR_NAME=author, GIT_AUTHOR_EMAIL="a@example.invalid")
    environment |= {"GIT_COMMITTER_NAME": "c", "GIT_COMMITTER_EMAIL": "c@example.invalid", "GIT_CONFIG_GLOBAL": os.devnull}
    environment |= {"GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z"}
    subprocess.run(["git", *arguments], cwd=top, check=True, env=environment)


def write(path, text):
    path = os.path.join(os.fsencode(top), path if isinstance(path, bytes) else path.encode())
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())


os.makedirs(top)
git("init", "-q", "-b", "main")
write("README", "nothing\n")
git("add", "-A")
git("commit", "-q", "-m", "first")

alert = "alert(1);window.pwned=1"
write(f"<img src=x onerror={alert}>.py", line())
write(f'"><script>{alert}</script>/x.env', line(f"<script>{alert}</script> "))
write(f"' onmouseover='{alert}' x='", line(f"<!-- --><svg onload={alert}> "))
write("javascript:alert(1)", line("&lt;b&gt; ", " </pre></td></table><script>window.pwned=1</script>"))
write(b"::error file=x,line=1::gotcha\n::warning::y%0A\xff\x1b[31m.txt", line())
git("add", "-A")
git("commit", "-q", "-m", "hostile", author=f'"\' onclick="{alert}" x')

# Columns: what one unit, two units and none of UTF-8 stand before.
write("wide/é日🙂.txt", "🙂\n" + line("é日🙂🙂\u0301 = "))
write("wide/latin.txt", b"caf\xe9 \xff\xfe " + line().encode())
write("wide/crlf.txt", "é\r\n" + line("ü ").replace("\n", "\r\n"))
shared = secret()
write("twice/a", line(value=shared) + line("  ", value=shared))
write("twice/b", line(value=shared))
write("token", f"token = '{token()}'\n")
git("add", "-A")
git("commit", "-q", "-m", "wide", author="Émile 日本")
os.remove(os.path.join(top, "twice/b"))
git("add", "-A")
git("commit", "-q", "-m", "remove one")
print("\n".join(secrets))

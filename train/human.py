#!/usr/bin/env python3
"""Writes files in which passwords stand that people choose, as they stand in projects.

Usage: human.py OUT_DIR [SEED]

Passwords: patterns (season and year, name and digits, two words, keyboard habits, letters replaced) and, when the package
zxcvbn is installed, its list of the commonest real ones. Each file is its own group: value and place are drawn anew.
"""
import os, random, sys

WORDS = "summer winter spring autumn dragon monkey tiger coffee banana purple orange silver guitar london berlin paris soccer hockey rocket falcon pepper cookie sunshine shadow master ninja phoenix eagle storm thunder galaxy planet castle garden bridge forest ocean river mountain flower butter cheese pizza charlie michael jessica daniel thomas andrew joshua ashley matthew jordan robert nicole hunter buster george harley".split()
PLACES = [
    (".env", "DB_PASSWORD={}\n"), (".env", "DB_HOST=db.internal\nDB_USER=app\nDB_PASSWORD={}\n"), (".env", "SMTP_PASS={}\n"), (".env", "MYSQL_ROOT_PASSWORD={}\n"),
    ("config/database.yml", "production:\n  adapter: postgresql\n  username: app\n  password: {}\n"),
    ("config/application.yml", "spring:\n  datasource:\n    username: app\n    password: {}\n"),
    ("src/main/resources/application.properties", "spring.datasource.username=app\nspring.datasource.password={}\n"),
    ("docker-compose.yml", "services:\n  db:\n    environment:\n      POSTGRES_USER: app\n      POSTGRES_PASSWORD: {}\n"),
    ("docker-compose.yml", "    environment:\n      - MYSQL_PASSWORD={}\n"),
    ("settings.py", "DATABASES = {{'default': {{'USER': 'app', 'PASSWORD': '{}', 'HOST': 'db'}}}}\n"),
    ("app/mail.py", "smtp.login('ops@corp.io', '{}')\n"), ("scripts/sync.py", "password = \"{}\"\n"), ("scripts/sync.py", "conn = connect(host='db', user='app', password='{}')\n"),
    ("src/db.js", "const pool = new Pool({{ user: 'app', host: 'db', password: '{}', port: 5432 }});\n"), ("src/db.js", "  password: \"{}\",\n"),
    ("config.json", "{{\n  \"username\": \"app\",\n  \"password\": \"{}\"\n}}\n"), ("src/Db.java", "    private static final String PASSWORD = \"{}\";\n"),
    ("src/Db.java", "        ds.setPassword(\"{}\");\n"), ("db.go", "\tdbPassword := \"{}\"\n"), ("wp-config.php", "define('DB_PASSWORD', '{}');\n"), ("config.php", "$password = '{}';\n"),
    ("web.config", "<add key=\"DbPassword\" value=\"{}\" />\n"), ("deploy.sh", "mysql -u root --password={} app < dump.sql\n"), ("deploy.sh", "export PGPASSWORD='{}'\n"),
    ("Startup.cs", "\"Server=sql;Database=app;User Id=sa;Password={};\"\n"), ("README.md", "Log in as `app`, the password is `{}`.\n"), ("notes.md", "Password: {}\n"),
    ("main.tf", "  password = \"{}\"\n"), ("conf/redis.conf", "requirepass {}\n"), ("app.rb", "config.password = '{}'\n"), (".env", "DATABASE_URL=postgres://app:{}@db.internal:5432/app\n"),
]
# Keys as guides and first commits show them: a prefix or a word, and little behind it.
KEYS = ["API_KEY={}\n", "ENV API_KEY={}\n", "SECRET_KEY={}\n", "export API_TOKEN={}\n", "AUTH_TOKEN={}\n"]
CODE = ["api_key = '{}'\n", "os.environ['API_KEY'] = '{}'\n", "    \"os.environ['API_KEY'] = '{}'\\n\",\n", "const apiKey = \"{}\";\n", "  client_secret: '{}',\n"]


def key(rng):
    tail = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(rng.randint(6, 14)))
    tail = rng.choice([tail, tail, "abc" + str(rng.randint(10, 999)), rng.choice(WORDS) + str(rng.randint(1, 99))])
    return rng.choice(["sk-live-", "sk-", "live_", "prod-", "sk_prod_", "key-", "secret", "tok_", "s3cr3t-", ""]) + tail


def leet(rng, word):
    return "".join({"a": "@", "o": "0", "e": "3", "i": "1", "s": "$"}[c] if c in "aoeis" and rng.random() < 0.6 else c for c in word)


def choose(rng, common):
    w, v = rng.choice(WORDS), rng.choice(WORDS)
    kinds = [
        lambda: w.capitalize() + str(rng.randint(1960, 2026)) + rng.choice(["", "!", "#", "?"]), lambda: w + str(rng.randint(1, 999)),
        lambda: w.capitalize() + rng.choice("!@#$") + str(rng.randint(1, 9999)), lambda: w + v + str(rng.randint(1, 99)), lambda: w + v,
        lambda: leet(rng, w.capitalize()) + str(rng.randint(1, 999)), lambda: w.capitalize() + v.capitalize() + rng.choice("!._") + str(rng.randint(1, 99)),
        lambda: w[:3] + v[:3] + str(rng.randint(100, 9999)), lambda: leet(rng, w + v), lambda: w[:4].capitalize() + rng.choice("@#!_") + v[:4] + str(rng.randint(1, 999)),
    ]
    return rng.choice(common) if common and rng.random() < 0.25 else rng.choice(kinds)()


def main():
    out, rng = sys.argv[1], random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 7)
    try:
        from zxcvbn import frequency_lists
        # The very first are what everybody types into an example: those are placeholders, not passwords.
        common = [w for w in frequency_lists.FREQUENCY_LISTS["passwords"][300:12000] if len(w) >= 7 and any(c.isdigit() for c in w) and any(c.isalpha() for c in w)]
    except ImportError:
        common = []
    for n in range(1900):
        path, text = rng.choice(PLACES)
        made = choose(rng, common)
        if n >= 1500:
            code = rng.random() < 0.5
            path, text, made = rng.choice(["app.py", "notebook.ipynb", "src/api.js"] if code else [".env", "Dockerfile", "deploy.sh"]), rng.choice(CODE if code else KEYS), key(rng)
        path = os.path.join(out, f"human{n:04}", path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf8") as f: f.write(text.format(made))
        # What is true in it, for train/fit.py: other candidates of the file teach nothing.
        with open(os.path.join(out, f"human{n:04}.secret"), "w", encoding="utf8") as f: f.write(made)


main()

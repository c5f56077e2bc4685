"""Writes files with the real tools, has unleak judge them, and compares every place with the one where the secret was put.

Usage: check.py PROGRAM FOLDER, by a Python that has nbformat and PyYAML. The secrets are made at random here; one of each file. A case
is a file, and for each secret in it: the member, the line (`None` where it is no text), and what else the report must say.
"""

import base64
import bz2
import gzip
import io
import json
import lzma
import os
import pathlib
import py_compile
import random
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import zipapp
import zipfile
import zlib

import nbformat
import yaml
from nbformat import v4

RANDOM = random.Random(20261125)
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CASES = []


def secret():
    # Digits among letters, as generators make them.
    return "".join(RANDOM.choice(BASE62) for _ in range(30)) + "4x7"


def github_token():
    """Bytecode keeps names and values apart, so there a secret must be one by its own form. The checksum is GitHub's: CRC-32 in base62."""
    body = secret()[:30]
    check, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        check, digit = divmod(check, 62)
        digits = BASE62[digit] + digits
    return "ghp" + "_" + body + digits


def case(path, *places):
    """Each place: the secret, and the keys of its finding that must be so."""
    CASES.append((path, places))


def base64_of(text):
    return base64.b64encode(text.encode()).decode()


def line_of(text, part, start=0):
    return text[: text.index(part, start)].count("\n") + 1


# Notebooks

def notebook(name, cells, version=4, **metadata):
    book = v4.new_notebook(cells=cells, metadata=metadata)
    nbformat.validate(book)
    with open(name, "w") as out:
        nbformat.write(book, out, version=version)


def notebooks():
    a, b, c, d, e = (secret() for _ in range(5))
    picture = base64.b64encode(RANDOM.randbytes(60_000)).decode()
    trace = [f"\x1b[0;31mAuthError\x1b[0m: refused api_key='{c}'", "  line 2"]
    cells = [
        v4.new_markdown_cell("# Report\n\n![x](attachment:x.png)", attachments={"x.png": {"image/png": picture}}),
        v4.new_code_cell(
            f"import os\nos.environ['API_KEY'] = '{a}'\nrun()",
            outputs=[
                v4.new_output("stream", name="stdout", text=f"starting\npassword={b}\ndone\n"),
                v4.new_output("display_data", data={"image/png": picture, "text/plain": "<Figure>"}),
                v4.new_output("error", ename="AuthError", evalue="refused", traceback=trace),
                v4.new_output("execute_result", execution_count=1, data={"text/html": f"<b>token</b>: <i data-token=\"{d}\">x</i>"}),
            ],
        ),
        v4.new_raw_cell("nothing"),
        v4.new_code_cell(f"!export DB_PASSWORD={e}"),
    ]
    notebook("v4.ipynb", cells, kernelspec={"name": "python3", "display_name": "Python 3"})
    case("v4.ipynb", (a, {"cell": 2, "cell_part": "input", "cell_line": 2}), (b, {"cell": 2, "cell_part": "output", "cell_line": 2}),
         (c, {"cell": 2, "cell_part": "output"}), (d, {"cell": 2, "cell_part": "output"}), (e, {"cell": 4, "cell_part": "input", "cell_line": 1}))
    clean = [v4.new_code_cell("import os\nkey = os.environ['API_KEY']", outputs=[v4.new_output("display_data", data={"image/png": picture})])]
    notebook("clean.ipynb", clean)
    case("clean.ipynb")
    f = secret()
    notebook("meta.ipynb", [v4.new_code_cell("x = 1")], papermill={"parameters": {"db_password": f}})
    case("meta.ipynb", (f, {"cell": None}))
    g = secret()
    notebook("v3.ipynb", [v4.new_code_cell(f"import os\n\nos.environ['API_KEY'] = '{g}'")], version=3)
    case("v3.ipynb", (g, {"cell": 1, "cell_part": "input", "cell_line": 3}))


# Manifests

def manifests():
    a, b, c, d, e, f = (secret() for _ in range(6))
    opaque = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "app"}, "data": {"password": base64_of(a)}}
    plain = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "plain"}, "stringData": {"password": b}}
    auth = {"auths": {"registry.example.org": {"auth": base64_of(f"robot:{c}")}}}
    docker = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockerconfigjson", "metadata": {"name": "pull"},
              "data": {".dockerconfigjson": base64_of(json.dumps(auth))}}
    applied = {**opaque, "data": {"password": base64_of(d)}}
    applied["metadata"] = {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": json.dumps({**applied, "metadata": {}}) + "\n"}}
    pod = {"kind": "Pod", "spec": {"containers": [{"env": [
        {"name": "DB_PASSWORD", "value": e}, {"name": "API_KEY", "valueFrom": {"secretKeyRef": {"name": "app", "key": "password"}}}]}]}}
    for style in (None, True, False):
        name = f"all-{style}.yaml"
        with open(name, "w") as out:
            yaml.safe_dump_all([opaque, plain, docker, applied, pod], out, default_flow_style=style)
        text = pathlib.Path(name).read_text()
        case(name, (a, {"line": line_of(text, base64_of(a))}), (b, {"line": line_of(text, b)}),
             (c, {"line": line_of(text, base64_of(json.dumps(auth)))}), (d, {"line": line_of(text, "password: " + base64_of(d))}),
             (d, {"line": line_of(text, '"password": "' + base64_of(d))}), (e, {"line": line_of(text, e)}))
    with open("list.yaml", "w") as out:
        yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": [pod, opaque]}, out, sort_keys=False)
    case("list.yaml", (a, {"line": line_of(pathlib.Path("list.yaml").read_text(), base64_of(a))}), (e, {}))
    with open("sorted.json", "w") as out:
        json.dump({"kind": "List", "items": [opaque, pod]}, out, indent=2, sort_keys=True)
    case("sorted.json", (a, {}), (e, {}))
    # What is bytes for YAML is wrapped base64.
    with open("binary.yaml", "w") as out:
        yaml.safe_dump({"config": f"[db]\nuser = app\npassword = {f}\n# {'x' * 200}\n".encode()}, out)
    case("binary.yaml", (f, {}))
    g = secret()
    with open("sealed.yaml", "w") as out:
        yaml.safe_dump({"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "spec": {"encryptedData": {"password": "AgB" + g * 10}}}, out)
    case("sealed.yaml")
    with open("values.yaml", "w") as out:
        yaml.safe_dump({"auth": {"rootPassword": g, "existingSecret": "app-secret"}}, out)
    case("values.yaml", (g, {}))
    with open("compose.yaml", "w") as out:
        yaml.safe_dump({"services": {"db": {"environment": {"DB_PASSWORD": a}}, "web": {"environment": [f"API_TOKEN={b}", "MODE=fast"]}}}, out)
    case("compose.yaml", (a, {}), (b, {}))
    if not shutil.which("kubectl"):
        print("not tried: kubectl is not installed")
        return
    h = secret()
    made = ["kubectl", "create", "secret", "--dry-run=client", "-o", "yaml"]
    for name, arguments in (("kubectl-generic.yaml", ["generic", "app", f"--from-literal=db-password={h}"]),
                            ("kubectl-docker.yaml", ["docker-registry", "pull", "--docker-username=robot", f"--docker-password={h}"])):
        text = subprocess.run([*made[:3], *arguments, *made[3:]], check=True, stdout=subprocess.PIPE, text=True).stdout
        pathlib.Path(name).write_text(text)
        case(name, (h, {}))


# Archives

def config(value, lines=40):
    return "".join(f"# line {n}\n" for n in range(1, lines)) + f"db_password = '{value}'\n"


def archives():
    def member(name):
        value = secret()
        case(name, (value, {"member": "etc/app.conf", "line": 40}))
        return config(value)

    class Unseekable(io.RawIOBase):
        def __init__(self, out): self.out = out
        def writable(self): return True
        def write(self, data): return self.out.write(data)

    # A stream has its sizes behind the content; a member that may be large has them in 64 bits.
    with open("stream.zip", "wb") as out, zipfile.ZipFile(Unseekable(out), "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("etc/app.conf", member("stream.zip"))
    with zipfile.ZipFile("large.zip", "w", zipfile.ZIP_DEFLATED) as z:
        with z.open("etc/app.conf", "w", force_zip64=True) as out:
            out.write(member("large.zip").encode())
    with zipfile.ZipFile("notes.zip", "w", zipfile.ZIP_BZIP2) as z:
        z.writestr("etc/app.conf", member("notes.zip"))
        z.comment = b"a comment at the end " * 100
    os.makedirs("application/etc")
    pathlib.Path("application/__main__.py").write_text("print('hi')\n")
    pathlib.Path("application/etc/app.conf").write_text(member("application.pyz"))
    zipapp.create_archive("application", "application.pyz", interpreter="/usr/bin/env python3", compressed=True)
    shutil.rmtree("application")
    for mode, name in (("w|gz", "stream.tgz"), ("w|xz", "stream.txz"), ("w|bz2", "stream.tbz"), ("w|", "stream.tar")):
        with tarfile.open(name, mode) as tar:
            data = member(name).encode()
            info = tarfile.TarInfo("etc/app.conf")
            info.size, info.pax_headers = len(data), {"comment": "é" * 300}
            tar.addfile(info, io.BytesIO(data))
    # Several streams behind each other are one content.
    for name, pack in (("parts.gz", gzip.compress), ("parts.xz", lzma.compress), ("parts.bz2", bz2.compress)):
        value = secret()
        text = config(value)
        pathlib.Path(name).write_bytes(pack(text[:77].encode()) + pack(text[77:].encode()))
        case(name, (value, {"member": "parts", "line": 40}))
    value = secret()
    frames = []
    for part in (config(value)[:77], config(value)[77:]):
        frames.append(subprocess.run(["zstd", "-q", "-19", "--long=24", "-c"], input=part.encode(), stdout=subprocess.PIPE, check=True).stdout)
    pathlib.Path("frames.zst").write_bytes(b"".join(frames))
    case("frames.zst", (value, {"member": "frames", "line": 40}))


# What needs no parser

def plain():
    a, b, c = secret(), secret(), github_token()
    with sqlite3.connect("app.db") as db:
        db.execute("create table settings(name text, value text)")
        db.execute("insert into settings values ('config', ?)", (f"db_password='{a}'",))
        # A row that goes on over several pages.
        db.execute("insert into settings values ('long', ?)", ("x" * 3000 + f"\napi_key='{b}'\n" + "y" * 20_000,))
    db.close()
    case("app.db", (a, {}), (b, {}))
    pathlib.Path("module.py").write_text(f"API_KEY = '{c}'\n\ndef connect():\n    return API_KEY\n")
    for mode in py_compile.PycInvalidationMode:
        name = f"module-{mode.name.lower()}.pyc"
        py_compile.compile("module.py", cfile=name, invalidation_mode=mode, doraise=True)
        case(name, (c, {}))
    os.remove("module.py")


def holds(told, value):
    """Of a registry's login the secret is base64, user and all; what kubectl last applied may be told as it stands there."""
    return any(form in told for form in (value, base64_of(value), base64_of(f"robot:{value}")))


def main():
    program, folder = sys.argv[1:]
    os.chdir(folder)
    for make in (notebooks, manifests, archives, plain):
        make()
    run = subprocess.run([program, "paths", ".", "--format", "json", "--show-secrets", "--output", os.path.join(os.environ["HOME"], "found.json")],
                         stderr=subprocess.PIPE, text=True)
    if run.returncode != 1:
        sys.exit(f"FAIL  status {run.returncode}: {run.stderr}")
    with open(os.path.join(os.environ["HOME"], "found.json")) as file:
        report = json.load(file)
    wrong = [f"{kind}: {entry}" for kind in ("losses", "limits") for entry in report[kind]]
    written = {path for path, _ in CASES}
    wrong += [f"{path}: written and not expected" for path in sorted(set(os.listdir(".")) - written)]
    for path, places in CASES:
        findings = [f for f in report["findings"] if f["path"].removeprefix("./") == path]
        for value, expected in places:
            told = [f for f in findings if holds(f["secret"], value)]
            if not told:
                wrong.append(f"{path}: a secret is not found, expected {expected}; found {[(f['rule'], f.get('line')) for f in findings]}")
            elif not any(all(f.get(key) == wanted for key, wanted in expected.items()) for f in told):
                wrong.append(f"{path}: expected {expected}, told {[{key: f.get(key) for key in expected} for f in told]}")
        values = [value for value, _ in places]
        for finding in findings:
            if not any(holds(finding["secret"], value) for value in values):
                wrong.append(f"{path}:{finding.get('line')}: {finding['rule']} where no secret was put")
    if wrong:
        sys.exit("\n".join(["FAIL", *wrong]))
    print(f"{len(CASES)} files of the real tools, {sum(len(places) for _, places in CASES)} secrets, each at its place")


main()

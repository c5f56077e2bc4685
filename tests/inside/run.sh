#!/bin/bash
# Has unleak judge what the real tools write: notebooks of nbformat, manifests of PyYAML (and kubectl where it is installed), archives
# of zipfile, tarfile, zipapp, xz, bzip2 and zstd, databases of sqlite3, bytecode of py_compile. Ends with the first place that differs.
#
#   tests/inside/run.sh [PROGRAM]        the built program; default: target/debug/unleak
#   INSIDE_CACHE=DIR                     keeps what is installed between runs
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:-$here/../../target/debug/unleak}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tools=${INSIDE_CACHE:-$work/tools}

if ! [ -x "$tools/bin/python" ]; then
	python3 -m venv "$tools"
	"$tools/bin/pip" install --quiet nbformat PyYAML
fi
mkdir "$work/home" "$work/files"
export HOME=$work/home GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
unset XDG_CONFIG_HOME GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
"$tools/bin/python" "$here/check.py" "$program" "$work/files"

#!/bin/bash
# Has every report of a hostile repository checked by what reads it: SARIF by its schema and by the files' own columns,
# annotations by the rules of GitHub's runner, the page by a real browser. Any check that fails ends it.
#
#   tests/reports/run.sh [PROGRAM]        the built program; default: target/debug/unleak
#   REPORTS_CACHE=DIR                     keeps what is installed, and the screenshot, between runs
#   CHROMIUM=PROGRAM                      the browser; else it is looked for, and installed with apt where that works
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:-$here/../../target/debug/unleak}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tools=${REPORTS_CACHE:-$work/tools}
mkdir -p "$tools" "$work/home"

if ! [ -x "$tools/venv/bin/python" ]; then
	python3 -m venv "$tools/venv"
	"$tools/venv/bin/pip" install --quiet jsonschema
fi
if ! [ -d "$tools/npm/node_modules/playwright-core" ]; then
	mkdir -p "$tools/npm"
	# jest-sarif is taken for the schema that it carries; no browser is downloaded.
	(cd "$tools/npm" && echo '{"private": true}' >package.json &&
		npm install --no-audit --no-fund --ignore-scripts --silent playwright-core@1 @microsoft/jest-sarif@1.0.0-beta.0)
fi
find_browser() {
	for name in chromium chromium-browser google-chrome google-chrome-stable; do
		command -v "$name" && return
	done
	return 1
}
if [ -z "${CHROMIUM:-}" ] && ! CHROMIUM=$(find_browser); then
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
	CHROMIUM=$(find_browser)
fi
export CHROMIUM

export HOME=$work/home GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
unset XDG_CONFIG_HOME GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
python3 "$here/make.py" "$work/repository" >"$work/secrets"

# Runs the program, which must find secrets and be able to say so.
report() {
	local status=0
	(cd "$work/repository" && "$program" "$@") 2>"$work/log" || status=$?
	[ "$status" -eq 1 ] || { echo "FAIL  unleak $*: status $status"; cat "$work/log"; exit 1; }
}
report paths . --format sarif --output "$work/log.sarif"
report paths . --format github >"$work/annotations"
"$tools/venv/bin/python" "$here/check.py" "$work/repository" "$work/secrets" "$work/log.sarif" "$work/annotations" \
	"$tools/npm/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"

# History knows what is still in HEAD; the range of its commits does not.
if "$program" history --help >/dev/null 2>&1; then
	report history --format html --output "$work/page.html"
else
	report range --since 2026-01-01 --format html --output "$work/page.html"
fi
(cd "$tools/npm" && node "$here/page.mjs" "$work/page.html" "$work/secrets" "$work/page.png")
if [ -n "${REPORTS_CACHE:-}" ]; then
	cp "$work/page.png" "$work/page.html" "$tools/"
fi

#!/bin/bash
# Runs git's own test suite with unleak as the pre-commit and pre-merge-commit hook of every repository that it makes, a
# script in which anything fails once more without it, and says where a verdict differs. What a passing hook prints is left
# aside (--quiet).
#
#   tests/git_suite/run.sh SOURCES [PROGRAM] [TEST…]
#
#   SOURCES   git's sources, unpacked (`apt-get source git`); a few lines of hook.c are changed and git is built there
#   PROGRAM   the built program; default: target/debug/unleak
#   TEST…     names such as t7500-commit-template-squash-signoff; all of them when none is given
#   SUITE_JOBS=N    scripts at a time; default: the number of processors
#   SUITE_SECONDS=N starts no script after so many seconds, and says how many were left out
#
# A hook of a test's own runs as it did: unleak's is asked only where the repository has none of that name. To leave every
# repository as the tests expect it, git itself finds the hook, in the folder that UNLEAK_SUITE_HOOKS names.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
sources=$(realpath "$1")
program=$(realpath "${2:-$here/target/debug/unleak}")
shift $(($# < 2 ? $# : 2))
[ -x "$program" ] || { echo "there is no program at $program" >&2; exit 2; }
work=$(mktemp -d "${SUITE_TMP:-${TMPDIR:-/tmp}}/git-suite-XXXXXX")
trap 'chmod -R u+rwx "$work" 2>/dev/null; rm -rf "$work"' EXIT

# --- git, with one more place for hooks -------------------------------------------------------------------------------
cd "$sources"
if ! grep -q UNLEAK_SUITE_HOOKS hook.c; then
	python3 - <<'PATCH'
text = open("hook.c").read()
start = text.index("const char *find_hook(")
place = text.index("\tif (!found_hook) {\n\t\tif (errno == EACCES", start)
more = """\tif (!found_hook && getenv("UNLEAK_SUITE_HOOKS")) {
\t\tstatic struct strbuf gate = STRBUF_INIT;
\t\tint err = errno;

\t\tstrbuf_reset(&gate);
\t\tstrbuf_addf(&gate, "%s/%s", getenv("UNLEAK_SUITE_HOOKS"), name);
\t\tif (access(gate.buf, X_OK) >= 0)
\t\t\treturn gate.buf;
\t\terrno = err;
\t}

"""
open("hook.c", "w").write(text[:place] + more + text[place:])
PATCH
fi
make -s -j"$(nproc)" NO_CURL=1 NO_EXPAT=1 NO_GETTEXT=1 NO_TCLTK=1 NO_OPENSSL=1 NO_PYTHON=1 CFLAGS="-O1" all >/dev/null

mkdir "$work/hooks" "$work/without" "$work/with" "$work/alarms"
for name in pre-commit pre-merge-commit; do
	cat >"$work/hooks/$name" <<HOOK
#!/bin/sh
said=\$('$program' --quiet hook $name "\$@" 2>&1)
status=\$?
if [ \$status -ne 0 ]; then
	printf '%s\n' "status \$status in \$PWD" "\$said" >>'$work/alarms'/\$\$
	printf '%s\n' "\$said" >&2
fi
echo >>'$work/asked'
exit \$status
HOOK
	chmod +x "$work/hooks/$name"
done

# --- each script, with the hook, and without where something fails ------------------------------------------------------------------------------------
cd t
tests=("$@")
[ ${#tests[@]} -gt 0 ] || mapfile -t tests < <(ls t[0-9]*.sh | sed 's/\.sh$//')

# Every verdict as git's authors want it: passed, or a breakage that they know.
clean() {
	grep -qx "status 0" "$1" && ! grep '^not ok' "$1" | grep -qv '# TODO known breakage'
}

one_way() {
	local test=$1 way=$2
	(
		unset "${!UNLEAK_@}" 2>/dev/null
		[ "$way" = with ] && export UNLEAK_SUITE_HOOKS="$work/hooks"
		timeout 2400 sh "./$test.sh" --root="$work/$way" >"$work/$test.$way.log" 2>&1 </dev/null
		echo "status $?" >>"$work/$test.$way.log"
	)
	grep -E '^((not )?ok [0-9]|status |1\.\.)' "$work/$test.$way.log" >"$work/$test.$way" || true
	rm -rf "$work/$way/trash directory.$test"*
}

judge() {
	local test=$1
	one_way "$test" with
	# Where nothing fails with the hook there is nothing that could be worse than without it.
	if clean "$work/$test.with"; then
		echo "same $(grep -cE '^(not )?ok' "$work/$test.with") $test" >>"$work/results"
	else
		one_way "$test" without
		if cmp -s "$work/$test.without" "$work/$test.with"; then
			echo "same $(grep -cE '^(not )?ok' "$work/$test.with") $test" >>"$work/results"
		else
			{
				echo "DIFFERS $test"
				diff "$work/$test.without" "$work/$test.with" | grep '^[<>]'
			} | tee -a "$work/results"
		fi
	fi
	rm -f "$work/$test".*
}

started=$SECONDS left=0
for test in "${tests[@]}"; do
	while [ "$(jobs -rp | wc -l)" -ge "${SUITE_JOBS:-$(nproc)}" ]; do wait -n || true; done
	if [ $((SECONDS - started)) -ge "${SUITE_SECONDS:-1000000}" ]; then left=$((left + 1)); else judge "$test" & fi
done
wait

# --- the result -------------------------------------------------------------------------------------------------------
same=$(grep -c '^same' "$work/results" || true)
verdicts=$(awk '/^same/ { n += $2 } END { print n + 0 }' "$work/results")
differs=$(grep -c '^DIFFERS' "$work/results" || true)
asked=$(wc -l <"$work/asked" 2>/dev/null || echo 0)
alarms=$(find "$work/alarms" -type f | wc -l)
cat "$work"/alarms/* 2>/dev/null || true
echo "$same scripts with $verdicts verdicts end the same, $differs differ, $asked hooks asked, $alarms of them did not pass, $left scripts left out"
[ "$differs" -eq 0 ] && [ "$same" -gt 0 ] && [ -e "$work/asked" ]

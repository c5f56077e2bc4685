#!/bin/bash
# Runs the real pre-commit, prek (PyPI), husky 9 and lefthook (npm) on a repository made here, and proves that a secret is
# blocked and a clean commit passes through each. Every check prints `ok` or `FAIL`; any FAIL, or a framework that could not
# be installed, fails the whole.
#
#   tests/frameworks/run.sh [PROGRAM]     the built program; default: target/debug/unleak
#   FRAMEWORKS_CACHE=DIR                  keeps the installed frameworks between runs
#   FRAMEWORKS_BUILD="pre-commit prek"    lets these build the ids `unleak` and `unleak-source`, too (minutes each)
set -uo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
program=$(realpath "${1:-$here/target/debug/unleak}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tools=${FRAMEWORKS_CACHE:-$work/tools}
mkdir -p "$tools" "$work/bin" "$work/home"

passed=0 failed=0
ok() { passed=$((passed + 1)); echo "ok    $1"; }
fail() { failed=$((failed + 1)); echo "FAIL  $1"; sed 's/^/      | /' "$work/log" | tail -n 30; }
finish() {
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
	exit
}

# --- the real ones ---------------------------------------------------------------------------------------------------
: >"$work/log"
[ -x "$program" ] || { fail "there is a program at $program"; finish; }
if ! [ -x "$tools/venv/bin/prek" ]; then
	python3 -m venv "$tools/venv" >"$work/log" 2>&1 &&
		"$tools/venv/bin/pip" install --quiet pre-commit prek maturin >>"$work/log" 2>&1 ||
		{ fail "pre-commit and prek are installed"; finish; }
fi
if ! [ -x "$tools/npm/node_modules/.bin/lefthook" ]; then
	(mkdir -p "$tools/npm" && cd "$tools/npm" && echo '{"private": true}' >package.json &&
		npm install --no-audit --no-fund --ignore-scripts husky@9 lefthook) >"$work/log" 2>&1 ||
		{ fail "husky and lefthook are installed"; finish; }
fi

# --- a user with nothing of this machine's ----------------------------------------------------------------------------
ln -s "$program" "$work/bin/unleak"
: "${CARGO_HOME:=$HOME/.cargo}" "${RUSTUP_HOME:=$HOME/.rustup}"
export CARGO_HOME RUSTUP_HOME
export PATH="$work/bin:$tools/venv/bin:$tools/npm/node_modules/.bin:$PATH"
export HOME=$work/home GIT_CONFIG_GLOBAL=$work/home/.gitconfig GIT_CONFIG_NOSYSTEM=1
export PRE_COMMIT_HOME=$work/pre-commit PREK_HOME=$work/prek
unset XDG_CONFIG_HOME XDG_DATA_HOME GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE HUSKY LEFTHOOK SKIP "${!PRE_COMMIT_@}"
PRE_COMMIT_HOME=$work/pre-commit && export PRE_COMMIT_HOME
git config --global user.name "A Person"
git config --global user.email person@example.org
git config --global init.defaultBranch main
git config --global advice.defaultBranchName false

# Put together here, so that no file of this repository has one.
secret() { printf 'url = "postgres://admin:%s%s@prod-db:5432/app"\n' supersecret "$1"; }

repository() {
	rm -rf "$work/repository"
	git init -q "$work/repository"
	cd "$work/repository" || exit 2
	mkdir -p sub/deep
	echo hello >sub/deep/file
	git add .
	git commit -qm first
}

# passes NAME COMMAND…: it succeeds, and unleak was there to see it.
passes() {
	local name=$1
	shift
	if "$@" >"$work/log" 2>&1; then ok "$name"; else fail "$name"; fi
}
# blocks NAME COMMAND…: it fails, and because unleak found the secret.
blocks() {
	local name=$1
	shift
	if "$@" >"$work/log" 2>&1; then fail "$name (was not stopped)"; return; fi
	if grep -q url-password "$work/log"; then ok "$name"; else fail "$name (stopped by something else)"; fi
}
# says NAME WORDS: the last command said so.
says() { if grep -Eq -- "$2" "$work/log"; then ok "$1"; else fail "$1"; fi; }

# Everything of the repository, times too; of objects names and contents, since git renews the time of one that it would
# have written again.
state() {
	(
		cd "$work/repository" || exit
		tar --exclude=./.git/objects -cf - .
		find .git/objects -type f -exec cksum {} + | sort
	) 2>/dev/null | cksum
}
# canary NAME VERDICT COMMAND…: doctor answers so, and leaves the repository byte for byte as it was.
canary() {
	local name=$1 verdict=$2 before after
	shift 2
	before=$(state)
	"$@" unleak doctor --canary >"$work/log" 2>&1
	after=$(state)
	if ! grep -q "^  $verdict: " "$work/log"; then fail "$name: the canary is $verdict"
	elif [ "$before" != "$after" ]; then fail "$name: the canary leaves no trace"
	else ok "$name: the canary is $verdict, and leaves no trace"; fi
}

# The cases that every way of calling unleak from a commit must get right. $1 names the way.
commits() {
	canary "$1" "blocked by unleak" env
	(cd sub/deep && canary "$1, from a subdirectory" "blocked by unleak" env; echo "$passed $failed" >"$work/counts")
	read -r passed failed <"$work/counts"
	# With changes that a manager puts away and brings back.
	echo staged >half && git add half && echo more >>half && echo unstaged >>sub/deep/file && echo loose >loose
	canary "$1, with unstaged changes" "blocked by unleak" env
	git reset -q --hard && rm -f loose
	secret 1 >settings && git add settings
	blocks "$1: a new secret" git commit -qm x
	(cd sub/deep && blocks "$1: a new secret, from a subdirectory" git commit -qm x; echo "$passed $failed" >"$work/counts")
	read -r passed failed <"$work/counts"
	echo 'url = os.environ["URL"]' >settings && git add settings
	passes "$1: a clean commit" git commit -qm "clean"
	secret 2 >>settings
	blocks "$1: commit -a" git commit -qam x
	blocks "$1: commit PATH" git commit -qm x settings
	git checkout -q settings
	ln -s nowhere "link-$1" && git add "link-$1" && git commit -qm link
	rm "link-$1" && secret 2 >"link-$1" && git add "link-$1"
	blocks "$1: a link that became a file" git commit -qm x
	git reset -q --hard
	secret 3 >settings && git add settings && echo clean >settings
	blocks "$1: staged, and cleaned in the work tree only" git commit -qm x
	git reset -q --hard
	echo clean >other && git add other && secret 4 >settings
	passes "$1: in the work tree only" git commit -qm "work tree"
	git reset -q --hard
	git rm -q other
	passes "$1: only a removal" git commit -qm removal

	# A merge with a conflict resolved to ours: git's own list of files names what is not staged.
	git switch -qc "theirs-$1" && secret 5 >settings && git add . && git commit -q --no-verify -m theirs
	git switch -q main && echo ours >settings && git commit -qam ours
	git merge "theirs-$1" >/dev/null 2>&1 && echo "no conflict" >"$work/log" && fail "$1: there is a conflict"
	git checkout -q --ours settings && git add settings
	passes "$1: a conflict resolved to ours" git commit -q --no-edit
	git reset -q --hard HEAD^
	git merge "theirs-$1" >/dev/null 2>&1
	{ git show HEAD:settings && secret 6; } >settings && git add settings
	blocks "$1: a conflict resolved with a new secret" git commit -q --no-edit
	git merge --abort
	git branch -qD "theirs-$1"

	# A merge without conflict has a hook of its own, pre-merge-commit.
	git switch -qc "side-$1" && echo side >"side-$1" && git add . && git commit -q --no-verify -m side
	git switch -q main && git commit -q --no-verify --allow-empty -m meanwhile
	passes "$1: a merge without conflict" git merge --no-ff --no-edit "side-$1"
	says "$1: which unleak has judged" 'unleak\.+Passed|unleak: '
	git branch -qD "side-$1"
}

# The same for messages and pushes, with a remote `origin` that has nothing yet.
messages_and_pushes() {
	blocks "$1: a secret in a message" git commit -q --allow-empty -m "$(secret 20)"
	passes "$1: a clean message" git commit -q --allow-empty -m clean
	passes "$1: a first push" git push -q origin main
	passes "$1: nothing new to push" git push -q origin main
	git commit -q --no-verify --allow-empty -m "$(secret 21)"
	blocks "$1: a push of a message with a secret" git push origin main
	git reset -q --hard HEAD~1
	secret 22 >pushed && git add pushed && git commit -q --no-verify -m pushed
	git rm -q pushed && git commit -q --no-verify -m "taken away"
	blocks "$1: a push of a secret that the next commit takes away" git push origin main
	git reset -q --hard HEAD~2
	git branch -q new && passes "$1: a new branch" git push -q origin new
	passes "$1: a deletion" git push -q origin :new
	git branch -qD new
}

# --- pre-commit and prek ----------------------------------------------------------------------------------------------
# The hook of this repository's .pre-commit-hooks.yaml, from a clone of what is in the work tree now.
hook_repository() {
	rm -rf "$work/hook" && mkdir "$work/hook"
	(cd "$here" && git ls-files -z --cached --others --exclude-standard |
		while IFS= read -r -d '' file; do [ -e "$file" ] && printf '%s\0' "$file"; done |
		tar -c --null -T - -f -) | tar -x -C "$work/hook" -f -
	git -C "$work/hook" init -q && git -C "$work/hook" add -A && git -C "$work/hook" commit -qm "as it is"
	git -C "$work/hook" tag v0
}

framework() {
	local tool=$1 id=$2
	repository
	printf 'exclude: "^(vendored|settings)"\nrepos:\n- repo: %s\n  rev: v0\n  hooks:\n  - id: %s\n' \
		"$work/hook" "$id" >.pre-commit-config.yaml
	git add . && git commit -qm configured
	passes "$tool $id: install" "$tool" install -t pre-commit -t pre-merge-commit
	# Builds the environment, where there is one to build.
	passes "$tool $id: run --all-files on a clean repository" "$tool" run --all-files
	# Everything named `settings` is excluded by the configuration above, and is judged all the same.
	commits "$tool"

	secret 7 >found && git add found && git commit -q --no-verify -m "a secret"
	blocks "$tool: run --all-files" "$tool" run --all-files
	blocks "$tool: run --files" "$tool" run --files found
	passes "$tool: run --files on another" "$tool" run --files sub/deep/file
	echo clean >later && git add later && git commit -qm later
	blocks "$tool: --from-ref and --to-ref" "$tool" run --from-ref HEAD~2 --to-ref HEAD
	passes "$tool: --from-ref and --to-ref without one" "$tool" run --from-ref HEAD~1 --to-ref HEAD
	mkdir vendored && secret 8 >vendored/x && git add vendored && git commit -q --no-verify -m vendored
	blocks "$tool: an excluded file in --from-ref and --to-ref" "$tool" run --from-ref HEAD~1 --to-ref HEAD
	blocks "$tool: a secret that a merge alone brings" merge_of_a_new_secret

	# Messages and pushes, through the framework's own hooks.
	passes "$tool: install for messages and pushes" "$tool" install -t commit-msg -t pre-push
	blocks "$tool: a secret in a message" git commit -q --allow-empty -m "$(secret 30)"
	says "$tool: which is where it was found" 'commit message:'
	passes "$tool: a clean message" git commit -q --allow-empty -m clean
	git reset -q --hard HEAD~1
	git init -q --bare "$work/bare-$tool.git" && git remote add origin "$work/bare-$tool.git"
	blocks "$tool: a first push of commits with secrets" git push origin main
	git push -q --no-verify origin HEAD~2:refs/heads/main 2>/dev/null
	blocks "$tool: a push of a commit with a secret" git push origin main
	git reset -q --hard HEAD~1
	passes "$tool: a push of a clean commit" git push -q origin main
	git switch -qc topic && secret 31 >topic && git add topic && git commit -q --no-verify -m topic
	git rm -q topic && git commit -q --no-verify -m "topic without"
	blocks "$tool: a new branch whose second commit takes the secret away" git push origin topic
	git switch -q main && git branch -qD topic
	git commit -q --no-verify --allow-empty -m "$(secret 32)"
	blocks "$tool: a push of a message with a secret" git push origin main
	git reset -q --hard HEAD~1

	# Beside `unleak install`: kept, called, and not thrown out of step by a second installation of the framework's.
	passes "$tool: unleak install beside it" unleak install
	passes "$tool: a commit through both" git commit -q --allow-empty -m both
	passes "$tool: the framework installed once more" "$tool" install
	passes "$tool: a commit after that" git commit -q --allow-empty -m again
	secret 9 >settings && git add settings
	blocks "$tool: a secret after that" git commit -qm x
	passes "$tool: unleak uninstall" unleak uninstall
	"$tool" uninstall -t pre-commit -t pre-merge-commit -t commit-msg -t pre-push >"$work/log" 2>&1
	passes "$tool: nothing of unleak's is left" bash -c '! grep -rqs unleak .git/hooks'
}

# Neither parent has what the merge brings in.
merge_of_a_new_secret() {
	git switch -qc side HEAD && git commit -q --allow-empty -m side && git switch -q main
	git merge -q --no-ff --no-commit side >/dev/null 2>&1
	secret 10 >merged && git add merged
	git commit -q --no-edit
	local status=$?
	git merge --abort
	return "$status"
}

team_framework() {
	local tool=$1
	repository
	passes "$tool: unleak install --team pre-commit" unleak install --team pre-commit \
		--hook pre-commit --hook pre-merge-commit --hook commit-msg --hook pre-push
	git add . && git commit -qm configured
	passes "$tool: install after --team" "$tool" install -t pre-commit -t pre-merge-commit -t commit-msg -t pre-push
	git init -q --bare "$work/team-$tool.git" && git remote add origin "$work/team-$tool.git"
	messages_and_pushes "$tool after --team"
	secret 11 >settings && git add settings
	blocks "$tool: a secret after --team" git commit -qm x
	canary "$tool skipping unleak" "not blocked" env SKIP=unleak
	echo clean >settings && git add settings
	passes "$tool: a clean commit after --team" git commit -qm x
}

hook_repository
for tool in pre-commit prek; do
	framework "$tool" unleak-system
	team_framework "$tool"
	if [[ " ${FRAMEWORKS_BUILD:-} " == *" $tool "* ]]; then
		# One after the other they compile the same crates.
		export CARGO_TARGET_DIR=$work/target
		for id in unleak unleak-source; do
			repository
			printf 'repos:\n- repo: %s\n  rev: v0\n  hooks:\n  - id: %s\n' "$work/hook" "$id" >.pre-commit-config.yaml
			git add . && git commit -qm configured
			# Without the program on PATH: the framework's own must be the one that judges.
			rm "$work/bin/unleak"
			passes "$tool $id: is built and passes" "$tool" run --all-files
			secret 12 >settings && git add settings
			blocks "$tool $id: a secret" "$tool" run
			ln -s "$program" "$work/bin/unleak"
		done
	fi
done

# --- husky ------------------------------------------------------------------------------------------------------------
repository
echo '{"private": true}' >package.json
mkdir -p .husky && echo 'echo "own hook"' >.husky/pre-commit
git add . && git commit -qm "husky to come"
passes "husky: is set up" husky
passes "husky: unleak install refuses and says what to do" bash -c '! unleak install 2>said && grep -q -- "--team husky" said && rm said'
passes "husky: nothing of its own was touched" bash -c '! grep -rqs unleak .husky'
passes "husky: unleak install --team husky" unleak install --team husky
passes "husky: twice is as good as once" bash -c 'cp -r .husky before && unleak install --team husky && diff -r .husky before && rm -r before'
git add . && git commit -qm configured >"$work/log" 2>&1
says "husky: the script's own lines still run" "own hook"
commits husky
passes "husky: unleak install --team husky for messages and pushes" unleak install --team husky --hook commit-msg --hook pre-push
git add . && git commit -q --no-verify -m "more hooks"
git init -q --bare "$work/husky.git" && git remote add origin "$work/husky.git"
messages_and_pushes husky
canary "husky switched off" "not blocked" env HUSKY=0
printf 'git stash -q\ngit add -A\ngit reset -q --hard\ngit config a.b c\ngit tag wild\nexit 3\n' >.husky/pre-commit
canary "husky with a wild script" "blocked by something else" env
git checkout -q .husky
# As in a repository whose JavaScript lies below the top: the hook goes there first.
{ echo 'cd sub'; cat .husky/pre-commit; } >changed && mv changed .husky/pre-commit
git add . && git commit -q --no-verify -m below
secret 13 >settings && git add settings
blocks "husky: a hook that changes its folder" git commit -qm x
echo clean >settings && git add settings
passes "husky: a clean commit from there" git commit -qm x
rm "$work/bin/unleak"
echo more >>settings
if git commit -qam x >"$work/log" 2>&1; then fail "husky: without unleak nothing passes"; else ok "husky: without unleak nothing passes"; fi
ln -s "$program" "$work/bin/unleak"

# --- lefthook ---------------------------------------------------------------------------------------------------------
repository
printf 'pre-commit:\n  commands:\n    own:\n      run: echo "own hook"\n' >lefthook.yml
git add . && git commit -qm "lefthook to come"
passes "lefthook: is set up" lefthook install
passes "lefthook: unleak install refuses and says what to do" bash -c '! unleak install --hook pre-commit 2>said && grep -q -- "--team lefthook" said && rm said'
passes "lefthook: unleak install --team lefthook" unleak install --team lefthook
passes "lefthook: understands its file" lefthook dump
passes "lefthook: twice is as good as once" bash -c 'cp lefthook.yml before && unleak install --team lefthook && cmp lefthook.yml before && rm before'
passes "lefthook: takes up the new hooks" lefthook install
git add . && git commit -qm configured >"$work/log" 2>&1
says "lefthook: its other commands still run" "own hook"
commits lefthook
passes "lefthook: unleak install --team lefthook for messages and pushes" unleak install --team lefthook --hook commit-msg --hook pre-push
passes "lefthook: takes up those, too" lefthook install
git add . && git commit -q --no-verify -m "more hooks"
git init -q --bare "$work/lefthook.git" && git remote add origin "$work/lefthook.git"
messages_and_pushes lefthook
cp "$here/hooks/lefthook.yml" lefthook.yml
passes "lefthook: is set up by hooks/lefthook.yml" lefthook install
canary "lefthook switched off" "not blocked" env LEFTHOOK=0
git add . && git commit -q --no-verify -m "by hand"
secret 14 >settings && git add settings
blocks "lefthook: a secret by hooks/lefthook.yml" git commit -qm x
git reset -q --hard
printf 'pre-commit:\n  jobs:\n    - name: own\n      run: echo "own hook"\n' >lefthook.yml
passes "lefthook: unleak install --team lefthook among jobs" unleak install --team lefthook --hook pre-commit
git add . && git commit -q --no-verify -m jobs
secret 16 >settings && git add settings
blocks "lefthook: a secret among jobs" git commit -qm x
rm -r .lefthook
git reset -q settings && echo clean >settings && git add settings
if git commit -qm x >"$work/log" 2>&1; then fail "lefthook: without its script nothing passes"; else ok "lefthook: without its script nothing passes"; fi

finish

# What this repository's own hook would have been: in the folder that core.hooksPath named before, else in the shared git
# directory. Git is asked only where the answer does not lie at hand, since some hooks run many times for one command.
if [ -n "$former" ]; then
	before=$former/$hook
else
	if [ -n "${GIT_COMMON_DIR-}" ]; then
		shared=$GIT_COMMON_DIR
	else
		shared=${GIT_DIR-}
		if [ -z "$shared" ] && [ -d .git ]; then shared=.git; fi
		if [ -z "$shared" ] || [ -f "$shared/commondir" ]; then
			shared=$(git rev-parse --git-common-dir) || exit 2
		fi
	fi
	before=$shared/hooks/$hook
fi
if [ "$before" -ef "$0" ] 2>/dev/null; then before=; fi

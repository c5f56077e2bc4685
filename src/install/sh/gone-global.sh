if [ -z "$unleak" ]; then
	printf '%s\n' "unleak: the $hook hook cannot judge: there is no $gone any more, nor an unleak on PATH or in the usual places." \
		"  To go on: install unleak again (its README says how) and run 'unleak install --global'." \
		"  To do without it, in all repositories: git config --global --unset core.hooksPath '${0%/*}'" >&2
	exit 2
fi

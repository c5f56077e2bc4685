if [ -z "$unleak" ]; then
	remedy="rm '$0'"
	if [ -e "$before" ]; then remedy="mv '$before' '$0'"; fi
	printf '%s\n' "unleak: the $hook hook cannot judge: there is no $gone any more, nor an unleak on PATH or in the usual places." \
		"  To go on: install unleak again (its README says how) and run 'unleak install' in this repository." \
		"  To do without it: $remedy" >&2
	exit 2
fi

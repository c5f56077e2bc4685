# Git says on standard input what is pushed, once: both hooks get it.
input=$(cat) || exit 2
with_input() {
	if [ -n "$input" ]; then
		"$@" <<INPUT
$input
INPUT
	else
		"$@" </dev/null
	fi
}

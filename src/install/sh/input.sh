# Git says on standard input what is pushed, once: both hooks get it.
input=$(cat) || exit 2
with_input() {
	if [ -n "$input" ]; then
		"$@" <<INPUT
$input
INPUT
	else
		# Nothing is a pipe too: that is how unleak tells it from an input that was lost on the way.
		: | "$@"
	fi
}

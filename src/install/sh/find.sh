# A graphical client's PATH may be poor, and the program may have moved. An empty file would run as an empty script.
usable() { [ -f "$1" ] && [ -x "$1" ] && [ -s "$1" ]; }
if ! usable "$unleak"; then
	gone=$unleak
	unleak=$(command -v unleak)
	case $unleak in
	/* | [A-Za-z]:*) ;;
	*) unleak= ;;
	esac
	for place in "$unleak" "${HOME-}/.cargo/bin/unleak" "${HOME-}/.local/bin/unleak" /usr/local/bin/unleak \
		/opt/homebrew/bin/unleak; do
		unleak=$place
		if usable "$unleak"; then break; fi
		unleak=
	done
fi

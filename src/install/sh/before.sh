# The hook that stood here before, kept beside this file, runs first; git ignored it when it could not be executed.
case $0 in
*/*) before=${0%/*}/$hook.before-unleak ;;
*) before=./$hook.before-unleak ;;
esac

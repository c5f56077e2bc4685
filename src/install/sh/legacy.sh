# The framework that stood here was installed again and calls this file itself: it must not be called back.
if [ -n "${PRE_COMMIT_RUNNING_LEGACY-}${PREK_RUNNING_LEGACY-}" ]; then before=; fi

# Completions of unleak for bash. Made by `unleak generate bash`; do not edit.
_unleak() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= given=0 i
    # bash splits --flag=value at the sign.
    if [[ $cur == = ]]; then
        cur=
    elif [[ $prev == = ]]; then
        prev=${COMP_WORDS[COMP_CWORD-2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            --color|--config|--env-secrets|--exclude|--expires|--format|--hook|--kind|--max-file-size|--output|--path|--provider|--reason|--severity|--since|--strictness|--team|--time-limit|--timeout) ((i++)); if [[ ${COMP_WORDS[i]} == = ]]; then ((i++)); fi ;;
            -*) ;;
            *) if [[ -z $command ]]; then command=${COMP_WORDS[i]}; else ((given++)); fi ;;
        esac
    done
    case $prev in
        --hook) mapfile -t COMPREPLY < <(compgen -W 'pre-commit pre-merge-commit commit-msg pre-push pre-receive' -- "$cur"); return ;;
        --team) mapfile -t COMPREPLY < <(compgen -W 'husky lefthook pre-commit hooks-path' -- "$cur"); return ;;
        --reason) return ;;
        --path) return ;;
        --expires) return ;;
        --time-limit) return ;;
        --exclude) return ;;
        --max-file-size) return ;;
        --time-limit) return ;;
        --time-limit) return ;;
        --since) return ;;
        --time-limit) return ;;
        --provider) return ;;
        --severity) mapfile -t COMPREPLY < <(compgen -W 'critical high medium low' -- "$cur"); return ;;
        --kind) mapfile -t COMPREPLY < <(compgen -W 'specific context generic file' -- "$cur"); return ;;
        --timeout) return ;;
        --env-secrets) return ;;
        --format) mapfile -t COMPREPLY < <(compgen -W 'human json jsonl sarif github html' -- "$cur"); return ;;
        --output) compopt -o default; return ;;
        --strictness) mapfile -t COMPREPLY < <(compgen -W 'relaxed balanced strict' -- "$cur"); return ;;
        --config) compopt -o default; return ;;
        --color) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur"); return ;;
    esac
    local words=
    case $command in
        '') if [[ $cur == -* ]]; then words='--format --output --strictness --config --show-secrets --color --quiet --verbose --help --version'; else words='install uninstall allow history explain paths image range rules hook doctor redact generate'; fi ;;
        install)
            if [[ $cur == -* ]]; then words='--hook --global --team --format --output --strictness --config --show-secrets --color --quiet --verbose --help --version'
            fi ;;
        uninstall)
            if [[ $cur == -* ]]; then words='--global --force --format --output --strictness --config --show-secrets --color --quiet --verbose --help --version'
            fi ;;
        allow)
            if [[ $cur == -* ]]; then words='--reason --path --expires --format --output --strictness --config --show-secrets --color --quiet --verbose --help --version'
            fi ;;
        history)
            if [[ $cur == -* ]]; then words='--unreachable --no-cache --time-limit --format --output --strictness --config --show-secrets --color --quiet --verbose --help --version'
            fi ;;
        explain)
            if [[ $cur == -* ]]; then words='--work-tree --format --output --strictness --config --show-secrets --color --quiet --verbose --help --version'
            fi ;;
        paths)
            if [[ $cur == -* ]]; then words='--exclude --respect-gitignore --max-file-size --skip-unreadable --time-limit --format --output --strictness --config --show-secrets --color --quiet --verbose --help --version'
            elif ((given >= 0)); then compopt -o default; return
            fi ;;
        image)
            if [[ $cur == -* ]]; then words='--time-limit --format --output --strictness --config --show-secrets --color --quiet --verbose --help --version'
            elif ((given == 0)); then compopt -o default; return
            fi ;;
        range)
            if [[ $cur == -* ]]; then words='--stdin --since --time-limit --format --output --strictness --config --show-secrets --color --quiet --verbose --help --version'
            fi ;;
        rules)
            if [[ $cur == -* ]]; then words='--provider --severity --kind --own --format --output --strictness --config --show-secrets --color --quiet --verbose --help --version'
            fi ;;
        hook)
            if [[ $cur == -* ]]; then words='--format --output --strictness --config --show-secrets --color --quiet --verbose --help --version'
            elif ((given == 0)); then words='pre-commit pre-merge-commit commit-msg pre-push pre-receive'
            fi ;;
        doctor)
            if [[ $cur == -* ]]; then words='--canary --timeout --format --output --strictness --config --show-secrets --color --quiet --verbose --help --version'
            fi ;;
        redact)
            if [[ $cur == -* ]]; then words='--exec --env-secrets --format --output --strictness --config --show-secrets --color --quiet --verbose --help --version'
            fi ;;
        generate)
            if [[ $cur == -* ]]; then words='--format --output --strictness --config --show-secrets --color --quiet --verbose --help --version'
            elif ((given == 0)); then words='bash zsh fish powershell man schema'
            fi ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _unleak unleak

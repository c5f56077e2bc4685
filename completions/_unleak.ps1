# Completions of unleak for PowerShell. Made by `unleak generate powershell`; do not edit.
Register-ArgumentCompleter -Native -CommandName unleak -ScriptBlock {
    param($word, $ast, $cursor)
    $values = @{
        '--hook' = @('pre-commit', 'pre-merge-commit', 'commit-msg', 'pre-push', 'pre-receive')
        '--team' = @('husky', 'lefthook', 'pre-commit', 'hooks-path')
        '--reason' = @()
        '--path' = @()
        '--expires' = @()
        '--time-limit' = @()
        '--exclude' = @()
        '--max-file-size' = @()
        '--time-limit' = @()
        '--time-limit' = @()
        '--since' = @()
        '--time-limit' = @()
        '--provider' = @()
        '--severity' = @('critical', 'high', 'medium', 'low')
        '--kind' = @('specific', 'context', 'generic', 'file')
        '--timeout' = @()
        '--env-secrets' = @()
        '--format' = @('human', 'json', 'jsonl', 'sarif', 'github', 'html')
        '--output' = @()
        '--strictness' = @('relaxed', 'balanced', 'strict')
        '--config' = @()
        '--color' = @('auto', 'always', 'never')
    }
    $commands = [ordered]@{
        'install' = 'make git ask unleak before each commit'
        'uninstall' = 'undo install'
        'allow' = 'let one secret pass, and say why'
        'history' = 'judge all that was ever committed, on every branch'
        'explain' = 'say why a line blocks or passes'
        'paths' = 'judge files and folders, hidden and ignored ones too'
        'image' = 'judge a container image: every layer'
        'range' = 'judge what the commits of a branch or pull request add'
        'rules' = 'list the rules, show one, try their examples'
        'hook' = 'what git and hook managers call'
        'doctor' = 'say whether the gate stands here'
        'redact' = 'mask secrets in a log or a command''s output'
        'generate' = 'print shell completions, the man page or the schema'
    }
    $arguments = @{
        'install' = @()
        'uninstall' = @()
        'allow' = @()
        'history' = @()
        'explain' = @()
        'paths' = @()
        'image' = @()
        'range' = @()
        'rules' = @()
        'hook' = @('pre-commit', 'pre-merge-commit', 'commit-msg', 'pre-push', 'pre-receive')
        'doctor' = @()
        'redact' = @()
        'generate' = @('bash', 'zsh', 'fish', 'powershell', 'man', 'schema')
    }
    $flags = @{
        'install' = @('--hook', '--global', '--team')
        'uninstall' = @('--global', '--force')
        'allow' = @('--reason', '--path', '--expires')
        'history' = @('--unreachable', '--no-cache', '--time-limit')
        'explain' = @('--work-tree')
        'paths' = @('--exclude', '--respect-gitignore', '--max-file-size', '--skip-unreadable', '--time-limit')
        'image' = @('--time-limit')
        'range' = @('--stdin', '--since', '--time-limit')
        'rules' = @('--provider', '--severity', '--kind', '--own')
        'hook' = @()
        'doctor' = @('--canary', '--timeout')
        'redact' = @('--exec', '--env-secrets')
        'generate' = @()
    }
    $global = @('--format', '--output', '--strictness', '--config', '--show-secrets', '--color', '--quiet', '--verbose', '--help', '--version')
    $before = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { "$_" })
    $previous = $before[-1]
    if ($values.ContainsKey($previous)) {
        $words = $values[$previous]
    } else {
        $command = $null
        for ($i = 1; $i -lt $before.Count; $i++) {
            if ($values.ContainsKey($before[$i])) { $i++ }
            elseif (-not $before[$i].StartsWith('-')) { $command = $before[$i]; break }
        }
        if ($word.StartsWith('-')) {
            $words = $global
            if ($command -and $flags.ContainsKey($command)) { $words = $flags[$command] + $global }
        } elseif ($command) {
            $words = @()
            if ($arguments.ContainsKey($command) -and $previous -eq $command) { $words = $arguments[$command] }
        } else {
            $words = $commands.Keys
        }
    }
    $words | Where-Object { $_ -like "$word*" } | ForEach-Object {
        $tip = if ($commands.Contains($_)) { $commands[$_] } else { $_ }
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $tip)
    }
}

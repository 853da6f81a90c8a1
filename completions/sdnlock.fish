# Completions of sdnlock for fish. The command itself knows what stands in a database.

function __sdnlock_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l typed (commandline --current-token --cut-at-cursor)
    # A quote may still be open.
    set -l current (string unescape -- "$typed" "$typed'" "$typed\"")[1]
    set -l lines (_SDNLOCK_COMPLETE=fish command sdnlock -- $words "$current" 2>/dev/null)
    switch "$lines[1]"
        case words
            printf '%s\n' $lines[2..]
        case 'command *'
            set -l first (math (string replace 'command ' '' -- $lines[1]) + 1)
            complete --do-complete (string join ' ' -- (string escape -- $words[$first..]) "$typed")
        case '*'
            # Paths; an older sdnlock fails, and knows no better.
            set -l before (string replace --regex '^paths ?' '' -- "$lines[1]")
            set -l path (string sub --start (math (string length -- "$before") + 1) -- "$typed")
            for found in (complete --do-complete "'' $path")
                printf '%s\n' "$before$found"
            end
    end
end

complete --command sdnlock --no-files --keep-order --arguments '(__sdnlock_complete)'

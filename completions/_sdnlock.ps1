
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'sdnlock' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'sdnlock'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'sdnlock' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('read', 'read', [CompletionResultType]::ParameterValue, 'Print a database, or one table, record or value of it')
            [CompletionResult]::new('write', 'write', [CompletionResultType]::ParameterValue, 'Replace a database by what stands on standard input or in another file')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Change a database in an editor, without blocking anybody')
            [CompletionResult]::new('exec', 'exec', [CompletionResultType]::ParameterValue, 'Run a command while holding the locks of the databases it uses')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print one value, record or table')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the records of a table, or the tables of a database')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change cells or settings, all in one step')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Append a record to a table, and print its key')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Remove records or settings')
            [CompletionResult]::new('alter', 'alter', [CompletionResultType]::ParameterValue, 'Add, rename or drop columns of a table, in all of its rows')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Find what is wrong with databases')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show the difference of two files')
            [CompletionResult]::new('merge', 'merge', [CompletionResultType]::ParameterValue, 'Merge two versions of a database, by record and cell')
            [CompletionResult]::new('git-setup', 'git-setup', [CompletionResultType]::ParameterValue, 'Let git merge databases by record, and show in which table a change lies')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show who holds or waits for what, and what was left behind')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'List the backups of a database, or bring one back')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completions for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a page of the manual, as roff')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sdnlock;read' {
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--timeout-exit-code', '--timeout-exit-code', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print what it says as JSON, for programs')
            [CompletionResult]::new('--text', '--text', [CompletionResultType]::ParameterName, 'With --json: all values as the texts that stand there')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Print the version tag first, on stderr')
            [CompletionResult]::new('--tag-only', '--tag-only', [CompletionResultType]::ParameterName, 'Print only the version tag, on stdout')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('--nonblock', '--nonblock', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('--no-lock', '--no-lock', [CompletionResultType]::ParameterName, 'Read without a lock')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sdnlock;write' {
            [CompletionResult]::new('--base', '--base', [CompletionResultType]::ParameterName, 'Merge the change from this file to SOURCE into whatever the database holds now')
            [CompletionResult]::new('--strategy', '--strategy', [CompletionResultType]::ParameterName, 'What is made of a conflict')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'How to show what changed [default: unified]')
            [CompletionResult]::new('--if-match', '--if-match', [CompletionResultType]::ParameterName, 'Change the database only if this is its version tag')
            [CompletionResult]::new('--backups', '--backups', [CompletionResultType]::ParameterName, 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--timeout-exit-code', '--timeout-exit-code', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too')
            [CompletionResult]::new('--from-json', '--from-json', [CompletionResultType]::ParameterName, 'Take the new content as JSON, as `read --json` prints it')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Allow a database that holds something to be emptied')
            [CompletionResult]::new('--no-check', '--no-check', [CompletionResultType]::ParameterName, 'Keep the change even if it is not valid SDN')
            [CompletionResult]::new('--sdn', '--sdn', [CompletionResultType]::ParameterName, 'Treat the file as SDN whatever its name; without this only *.sdn is checked')
            [CompletionResult]::new('--renumber', '--renumber', [CompletionResultType]::ParameterName, 'Give one of two new records with the same number the next free one')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Change nothing; print the difference on stdout')
            [CompletionResult]::new('--no-stamp', '--no-stamp', [CompletionResultType]::ParameterName, 'Leave version, last_modified and other stamps of changed records as they are')
            [CompletionResult]::new('--reseal', '--reseal', [CompletionResultType]::ParameterName, 'Change a database whose #sdn-crc32 seal is wrong, and seal it anew')
            [CompletionResult]::new('--break-hardlinks', '--break-hardlinks', [CompletionResultType]::ParameterName, 'Replace a file that has several hard links')
            [CompletionResult]::new('--override-readonly', '--override-readonly', [CompletionResultType]::ParameterName, 'Replace a file that is write-protected')
            [CompletionResult]::new('--durable', '--durable', [CompletionResultType]::ParameterName, 'Report success only when the change would survive a power cut')
            [CompletionResult]::new('--no-durable', '--no-durable', [CompletionResultType]::ParameterName, 'Do not wait for the disk')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('--nonblock', '--nonblock', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sdnlock;edit' {
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'How to show what changed [default: unified]')
            [CompletionResult]::new('--if-match', '--if-match', [CompletionResultType]::ParameterName, 'Change the database only if this is its version tag')
            [CompletionResult]::new('--backups', '--backups', [CompletionResultType]::ParameterName, 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--timeout-exit-code', '--timeout-exit-code', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too')
            [CompletionResult]::new('--hold', '--hold', [CompletionResultType]::ParameterName, 'Keep the database locked while the editor is open')
            [CompletionResult]::new('--no-check', '--no-check', [CompletionResultType]::ParameterName, 'Keep the change even if it is not valid SDN')
            [CompletionResult]::new('--sdn', '--sdn', [CompletionResultType]::ParameterName, 'Treat the file as SDN whatever its name; without this only *.sdn is checked')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Change nothing; print the difference on stdout')
            [CompletionResult]::new('--no-stamp', '--no-stamp', [CompletionResultType]::ParameterName, 'Leave version, last_modified and other stamps of changed records as they are')
            [CompletionResult]::new('--reseal', '--reseal', [CompletionResultType]::ParameterName, 'Change a database whose #sdn-crc32 seal is wrong, and seal it anew')
            [CompletionResult]::new('--break-hardlinks', '--break-hardlinks', [CompletionResultType]::ParameterName, 'Replace a file that has several hard links')
            [CompletionResult]::new('--override-readonly', '--override-readonly', [CompletionResultType]::ParameterName, 'Replace a file that is write-protected')
            [CompletionResult]::new('--durable', '--durable', [CompletionResultType]::ParameterName, 'Report success only when the change would survive a power cut')
            [CompletionResult]::new('--no-durable', '--no-durable', [CompletionResultType]::ParameterName, 'Do not wait for the disk')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('--nonblock', '--nonblock', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sdnlock;exec' {
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'How to show what changed [default: unified]')
            [CompletionResult]::new('--backups', '--backups', [CompletionResultType]::ParameterName, 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--timeout-exit-code', '--timeout-exit-code', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too')
            [CompletionResult]::new('--transaction', '--transaction', [CompletionResultType]::ParameterName, 'Keep all of the command''s changes, or none')
            [CompletionResult]::new('--shared', '--shared', [CompletionResultType]::ParameterName, 'Lock for reading: others read too, and a change by the command is undone and an error')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Run the command, show on stdout what it would change, and undo it')
            [CompletionResult]::new('--self-locking', '--self-locking', [CompletionResultType]::ParameterName, 'Leave the lock to the command, which takes it by itself')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Do not let the command inherit the lock')
            [CompletionResult]::new('--close', '--close', [CompletionResultType]::ParameterName, 'Do not let the command inherit the lock')
            [CompletionResult]::new('--no-check', '--no-check', [CompletionResultType]::ParameterName, 'Keep the change even if it is not valid SDN')
            [CompletionResult]::new('--sdn', '--sdn', [CompletionResultType]::ParameterName, 'Treat the file as SDN whatever its name; without this only *.sdn is checked')
            [CompletionResult]::new('--durable', '--durable', [CompletionResultType]::ParameterName, 'Report success only when the change would survive a power cut')
            [CompletionResult]::new('--no-durable', '--no-durable', [CompletionResultType]::ParameterName, 'Do not wait for the disk')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('--nonblock', '--nonblock', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sdnlock;get' {
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--timeout-exit-code', '--timeout-exit-code', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('--nonblock', '--nonblock', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('--no-lock', '--no-lock', [CompletionResultType]::ParameterName, 'Read without a lock')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sdnlock;list' {
            [CompletionResult]::new('--where', '--where', [CompletionResultType]::ParameterName, 'List only records for which this holds; if it is given several times, all of them')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort by these columns, separated by commas; with a `-` before it from the largest down')
            [CompletionResult]::new('--columns', '--columns', [CompletionResultType]::ParameterName, 'List only these columns, in this order, separated by commas')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the records are printed')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--timeout-exit-code', '--timeout-exit-code', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too')
            [CompletionResult]::new('--reverse', '--reverse', [CompletionResultType]::ParameterName, 'Turn the order around')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'List hidden records too, whose column `valid` says `false`')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Do not use a pager')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('--nonblock', '--nonblock', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('--no-lock', '--no-lock', [CompletionResultType]::ParameterName, 'Read without a lock')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sdnlock;set' {
            [CompletionResult]::new('--if', '--if', [CompletionResultType]::ParameterName, 'Change anything only if ADDR has this value; also ADDR!=VALUE, ADDR<VALUE, ADDR>VALUE')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'How to show what changed [default: unified]')
            [CompletionResult]::new('--if-match', '--if-match', [CompletionResultType]::ParameterName, 'Change the database only if this is its version tag')
            [CompletionResult]::new('--backups', '--backups', [CompletionResultType]::ParameterName, 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--timeout-exit-code', '--timeout-exit-code', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Change nothing; print the difference on stdout')
            [CompletionResult]::new('--no-stamp', '--no-stamp', [CompletionResultType]::ParameterName, 'Leave version, last_modified and other stamps of changed records as they are')
            [CompletionResult]::new('--reseal', '--reseal', [CompletionResultType]::ParameterName, 'Change a database whose #sdn-crc32 seal is wrong, and seal it anew')
            [CompletionResult]::new('--break-hardlinks', '--break-hardlinks', [CompletionResultType]::ParameterName, 'Replace a file that has several hard links')
            [CompletionResult]::new('--override-readonly', '--override-readonly', [CompletionResultType]::ParameterName, 'Replace a file that is write-protected')
            [CompletionResult]::new('--durable', '--durable', [CompletionResultType]::ParameterName, 'Report success only when the change would survive a power cut')
            [CompletionResult]::new('--no-durable', '--no-durable', [CompletionResultType]::ParameterName, 'Do not wait for the disk')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('--nonblock', '--nonblock', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sdnlock;add' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Add the records of this file, all or none: JSON lines or an array; `-` is standard input')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'How to show what changed [default: unified]')
            [CompletionResult]::new('--if-match', '--if-match', [CompletionResultType]::ParameterName, 'Change the database only if this is its version tag')
            [CompletionResult]::new('--backups', '--backups', [CompletionResultType]::ParameterName, 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--timeout-exit-code', '--timeout-exit-code', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too')
            [CompletionResult]::new('--or-update', '--or-update', [CompletionResultType]::ParameterName, 'If there is a record of this key already, change it')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Change nothing; print the difference on stdout')
            [CompletionResult]::new('--no-stamp', '--no-stamp', [CompletionResultType]::ParameterName, 'Leave version, last_modified and other stamps of changed records as they are')
            [CompletionResult]::new('--reseal', '--reseal', [CompletionResultType]::ParameterName, 'Change a database whose #sdn-crc32 seal is wrong, and seal it anew')
            [CompletionResult]::new('--break-hardlinks', '--break-hardlinks', [CompletionResultType]::ParameterName, 'Replace a file that has several hard links')
            [CompletionResult]::new('--override-readonly', '--override-readonly', [CompletionResultType]::ParameterName, 'Replace a file that is write-protected')
            [CompletionResult]::new('--durable', '--durable', [CompletionResultType]::ParameterName, 'Report success only when the change would survive a power cut')
            [CompletionResult]::new('--no-durable', '--no-durable', [CompletionResultType]::ParameterName, 'Do not wait for the disk')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('--nonblock', '--nonblock', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sdnlock;rm' {
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'How to show what changed [default: unified]')
            [CompletionResult]::new('--if-match', '--if-match', [CompletionResultType]::ParameterName, 'Change the database only if this is its version tag')
            [CompletionResult]::new('--backups', '--backups', [CompletionResultType]::ParameterName, 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--timeout-exit-code', '--timeout-exit-code', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too')
            [CompletionResult]::new('--purge', '--purge', [CompletionResultType]::ParameterName, 'Remove rows even where `valid` could hide them, and whole tables')
            [CompletionResult]::new('--leave-dangling', '--leave-dangling', [CompletionResultType]::ParameterName, 'Remove what other records refer to')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Change nothing; print the difference on stdout')
            [CompletionResult]::new('--no-stamp', '--no-stamp', [CompletionResultType]::ParameterName, 'Leave version, last_modified and other stamps of changed records as they are')
            [CompletionResult]::new('--reseal', '--reseal', [CompletionResultType]::ParameterName, 'Change a database whose #sdn-crc32 seal is wrong, and seal it anew')
            [CompletionResult]::new('--break-hardlinks', '--break-hardlinks', [CompletionResultType]::ParameterName, 'Replace a file that has several hard links')
            [CompletionResult]::new('--override-readonly', '--override-readonly', [CompletionResultType]::ParameterName, 'Replace a file that is write-protected')
            [CompletionResult]::new('--durable', '--durable', [CompletionResultType]::ParameterName, 'Report success only when the change would survive a power cut')
            [CompletionResult]::new('--no-durable', '--no-durable', [CompletionResultType]::ParameterName, 'Do not wait for the disk')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('--nonblock', '--nonblock', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sdnlock;alter' {
            [CompletionResult]::new('--add-column', '--add-column', [CompletionResultType]::ParameterName, 'Add a column, with this value in the rows that are there [default: empty]')
            [CompletionResult]::new('--rename-column', '--rename-column', [CompletionResultType]::ParameterName, 'Give a column another name')
            [CompletionResult]::new('--drop-column', '--drop-column', [CompletionResultType]::ParameterName, 'Remove a column with its cells')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'How to show what changed [default: unified]')
            [CompletionResult]::new('--if-match', '--if-match', [CompletionResultType]::ParameterName, 'Change the database only if this is its version tag')
            [CompletionResult]::new('--backups', '--backups', [CompletionResultType]::ParameterName, 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--timeout-exit-code', '--timeout-exit-code', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too')
            [CompletionResult]::new('--versioned', '--versioned', [CompletionResultType]::ParameterName, 'Add `version` and `last_modified`, which then are kept up to date')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Change nothing; print the difference on stdout')
            [CompletionResult]::new('--no-stamp', '--no-stamp', [CompletionResultType]::ParameterName, 'Leave version, last_modified and other stamps of changed records as they are')
            [CompletionResult]::new('--reseal', '--reseal', [CompletionResultType]::ParameterName, 'Change a database whose #sdn-crc32 seal is wrong, and seal it anew')
            [CompletionResult]::new('--break-hardlinks', '--break-hardlinks', [CompletionResultType]::ParameterName, 'Replace a file that has several hard links')
            [CompletionResult]::new('--override-readonly', '--override-readonly', [CompletionResultType]::ParameterName, 'Replace a file that is write-protected')
            [CompletionResult]::new('--durable', '--durable', [CompletionResultType]::ParameterName, 'Report success only when the change would survive a power cut')
            [CompletionResult]::new('--no-durable', '--no-durable', [CompletionResultType]::ParameterName, 'Do not wait for the disk')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('--nonblock', '--nonblock', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sdnlock;check' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How findings are shown [default: human]')
            [CompletionResult]::new('--severity', '--severity', [CompletionResultType]::ParameterName, 'The least severity that is shown')
            [CompletionResult]::new('--allow', '--allow', [CompletionResultType]::ParameterName, 'Leave out the findings of a rule')
            [CompletionResult]::new('--deny', '--deny', [CompletionResultType]::ParameterName, 'Take the findings of a rule for errors')
            [CompletionResult]::new('--schema', '--schema', [CompletionResultType]::ParameterName, 'The schema of all the databases, in place of the .sdnlock.sdn that each of them has')
            [CompletionResult]::new('--reader', '--reader', [CompletionResultType]::ParameterName, 'Judge by another reader than the newest Rust reader')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Say what a rule is about, with examples')
            [CompletionResult]::new('--stdin-name', '--stdin-name', [CompletionResultType]::ParameterName, 'What `-` is called in findings')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--timeout-exit-code', '--timeout-exit-code', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Mend what can be mended without a doubt')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'With --fix: change nothing, and print the difference on stdout')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Let warnings fail the check as errors do')
            [CompletionResult]::new('--init-schema', '--init-schema', [CompletionResultType]::ParameterName, 'Print a first schema, from what the databases hold, and check nothing')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('--nonblock', '--nonblock', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('--no-lock', '--no-lock', [CompletionResultType]::ParameterName, 'Read without a lock')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sdnlock;diff' {
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'How to show what changed [default: unified]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sdnlock;merge' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result to this file')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result to this file')
            [CompletionResult]::new('--strategy', '--strategy', [CompletionResultType]::ParameterName, 'What is made of a conflict')
            [CompletionResult]::new('--conflict-style', '--conflict-style', [CompletionResultType]::ParameterName, 'How conflicts are marked [default: merge]')
            [CompletionResult]::new('--marker-size', '--marker-size', [CompletionResultType]::ParameterName, 'The length of the markers, at least 7 [default: 7]')
            [CompletionResult]::new('-L', '-L ', [CompletionResultType]::ParameterName, 'What a side is called in the markers: first OURS, then BASE, then THEIRS')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'What a side is called in the markers: first OURS, then BASE, then THEIRS')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'How to show what changed [default: unified]')
            [CompletionResult]::new('--if-match', '--if-match', [CompletionResultType]::ParameterName, 'Change the database only if this is its version tag')
            [CompletionResult]::new('--backups', '--backups', [CompletionResultType]::ParameterName, 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--timeout-exit-code', '--timeout-exit-code', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too')
            [CompletionResult]::new('--renumber', '--renumber', [CompletionResultType]::ParameterName, 'Give one of two new records with the same number the next free one')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object, for programs')
            [CompletionResult]::new('--sdn', '--sdn', [CompletionResultType]::ParameterName, 'Treat the files as SDN whatever their names')
            [CompletionResult]::new('--git', '--git', [CompletionResultType]::ParameterName, 'Work as a merge driver of git: write the result over OURS')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Change nothing; print the difference on stdout')
            [CompletionResult]::new('--no-stamp', '--no-stamp', [CompletionResultType]::ParameterName, 'Leave version, last_modified and other stamps of changed records as they are')
            [CompletionResult]::new('--reseal', '--reseal', [CompletionResultType]::ParameterName, 'Change a database whose #sdn-crc32 seal is wrong, and seal it anew')
            [CompletionResult]::new('--break-hardlinks', '--break-hardlinks', [CompletionResultType]::ParameterName, 'Replace a file that has several hard links')
            [CompletionResult]::new('--override-readonly', '--override-readonly', [CompletionResultType]::ParameterName, 'Replace a file that is write-protected')
            [CompletionResult]::new('--durable', '--durable', [CompletionResultType]::ParameterName, 'Report success only when the change would survive a power cut')
            [CompletionResult]::new('--no-durable', '--no-durable', [CompletionResultType]::ParameterName, 'Do not wait for the disk')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('--nonblock', '--nonblock', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sdnlock;git-setup' {
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--timeout-exit-code', '--timeout-exit-code', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too')
            [CompletionResult]::new('--global', '--global', [CompletionResultType]::ParameterName, 'For all repositories of this user, not only for this one')
            [CompletionResult]::new('--undo', '--undo', [CompletionResultType]::ParameterName, 'Take away what this command writes')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('--nonblock', '--nonblock', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sdnlock;status' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object, for programs')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'Exit with 1 if a lock is held')
            [CompletionResult]::new('--clean', '--clean', [CompletionResultType]::ParameterName, 'Remove what is provably dead')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sdnlock;restore' {
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'How to show what changed [default: unified]')
            [CompletionResult]::new('--if-match', '--if-match', [CompletionResultType]::ParameterName, 'Change the database only if this is its version tag')
            [CompletionResult]::new('--backups', '--backups', [CompletionResultType]::ParameterName, 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for the lock [default: 10s]')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--timeout-exit-code', '--timeout-exit-code', [CompletionResultType]::ParameterName, 'Exit code if the lock could not be had in time')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too')
            [CompletionResult]::new('--no-check', '--no-check', [CompletionResultType]::ParameterName, 'Keep the change even if it is not valid SDN')
            [CompletionResult]::new('--sdn', '--sdn', [CompletionResultType]::ParameterName, 'Treat the file as SDN whatever its name; without this only *.sdn is checked')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Change nothing; print the difference on stdout')
            [CompletionResult]::new('--no-stamp', '--no-stamp', [CompletionResultType]::ParameterName, 'Leave version, last_modified and other stamps of changed records as they are')
            [CompletionResult]::new('--reseal', '--reseal', [CompletionResultType]::ParameterName, 'Change a database whose #sdn-crc32 seal is wrong, and seal it anew')
            [CompletionResult]::new('--break-hardlinks', '--break-hardlinks', [CompletionResultType]::ParameterName, 'Replace a file that has several hard links')
            [CompletionResult]::new('--override-readonly', '--override-readonly', [CompletionResultType]::ParameterName, 'Replace a file that is write-protected')
            [CompletionResult]::new('--durable', '--durable', [CompletionResultType]::ParameterName, 'Report success only when the change would survive a power cut')
            [CompletionResult]::new('--no-durable', '--no-durable', [CompletionResultType]::ParameterName, 'Do not wait for the disk')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('--nonblock', '--nonblock', [CompletionResultType]::ParameterName, 'Do not wait; the same as --timeout 0')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sdnlock;completions' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sdnlock;man' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sdnlock;help' {
            [CompletionResult]::new('read', 'read', [CompletionResultType]::ParameterValue, 'Print a database, or one table, record or value of it')
            [CompletionResult]::new('write', 'write', [CompletionResultType]::ParameterValue, 'Replace a database by what stands on standard input or in another file')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Change a database in an editor, without blocking anybody')
            [CompletionResult]::new('exec', 'exec', [CompletionResultType]::ParameterValue, 'Run a command while holding the locks of the databases it uses')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print one value, record or table')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the records of a table, or the tables of a database')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change cells or settings, all in one step')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Append a record to a table, and print its key')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Remove records or settings')
            [CompletionResult]::new('alter', 'alter', [CompletionResultType]::ParameterValue, 'Add, rename or drop columns of a table, in all of its rows')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Find what is wrong with databases')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show the difference of two files')
            [CompletionResult]::new('merge', 'merge', [CompletionResultType]::ParameterValue, 'Merge two versions of a database, by record and cell')
            [CompletionResult]::new('git-setup', 'git-setup', [CompletionResultType]::ParameterValue, 'Let git merge databases by record, and show in which table a change lies')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show who holds or waits for what, and what was left behind')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'List the backups of a database, or bring one back')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completions for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a page of the manual, as roff')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sdnlock;help;read' {
            break
        }
        'sdnlock;help;write' {
            break
        }
        'sdnlock;help;edit' {
            break
        }
        'sdnlock;help;exec' {
            break
        }
        'sdnlock;help;get' {
            break
        }
        'sdnlock;help;list' {
            break
        }
        'sdnlock;help;set' {
            break
        }
        'sdnlock;help;add' {
            break
        }
        'sdnlock;help;rm' {
            break
        }
        'sdnlock;help;alter' {
            break
        }
        'sdnlock;help;check' {
            break
        }
        'sdnlock;help;diff' {
            break
        }
        'sdnlock;help;merge' {
            break
        }
        'sdnlock;help;git-setup' {
            break
        }
        'sdnlock;help;status' {
            break
        }
        'sdnlock;help;restore' {
            break
        }
        'sdnlock;help;completions' {
            break
        }
        'sdnlock;help;man' {
            break
        }
        'sdnlock;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}

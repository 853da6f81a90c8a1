# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_sdnlock_global_optspecs
    string join \n q/quiet v/verbose color= h/help V/version
end

function __fish_sdnlock_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_sdnlock_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_sdnlock_using_subcommand
    set -l cmd (__fish_sdnlock_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c sdnlock -n "__fish_sdnlock_needs_command" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too' -r -f -a "auto\t'On a terminal'
always\t''
never\t''"
complete -c sdnlock -n "__fish_sdnlock_needs_command" -s q -l quiet -d 'Say nothing but errors'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -s v -l verbose -d 'Say more'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -s V -l version -d 'Print version'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -f -a "read" -d 'Print a database, or one table, record or value of it'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -f -a "write" -d 'Replace a database by what stands on standard input or in another file'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -f -a "edit" -d 'Change a database in an editor, without blocking anybody'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -f -a "exec" -d 'Run a command while holding the locks of the databases it uses'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -f -a "get" -d 'Print one value, record or table'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -f -a "list" -d 'List the records of a table, or the tables of a database'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -f -a "set" -d 'Change cells or settings, all in one step'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -f -a "add" -d 'Append a record to a table, and print its key'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -f -a "rm" -d 'Remove records or settings'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -f -a "alter" -d 'Add, rename or drop columns of a table, in all of its rows'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -f -a "check" -d 'Find what is wrong with databases'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -f -a "diff" -d 'Show the difference of two files'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -f -a "merge" -d 'Merge two versions of a database, by record and cell'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -f -a "git-setup" -d 'Let git merge databases by record, and show in which table a change lies'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -f -a "status" -d 'Show who holds or waits for what, and what was left behind'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -f -a "restore" -d 'List the backups of a database, or bring one back'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -f -a "completions" -d 'Print the completions for a shell'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -f -a "man" -d 'Print a page of the manual, as roff'
complete -c sdnlock -n "__fish_sdnlock_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand read" -s w -l timeout -d 'How long to wait for the lock [default: 10s]' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand read" -s E -l timeout-exit-code -d 'Exit code if the lock could not be had in time' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand read" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too' -r -f -a "auto\t'On a terminal'
always\t''
never\t''"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand read" -l json -d 'Print what it says as JSON, for programs'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand read" -l text -d 'With --json: all values as the texts that stand there'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand read" -l tag -d 'Print the version tag first, on stderr'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand read" -l tag-only -d 'Print only the version tag, on stdout'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand read" -s n -l nonblock -d 'Do not wait; the same as --timeout 0'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand read" -l no-lock -d 'Read without a lock'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand read" -s q -l quiet -d 'Say nothing but errors'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand read" -s v -l verbose -d 'Say more'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand read" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -l base -d 'Merge the change from this file to SOURCE into whatever the database holds now' -r -F
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -l strategy -d 'What is made of a conflict' -r -f -a "merge\t'Different cells are combined; a conflict stays one'
error\t'Any record that both sides changed is a conflict'
last-write-wins\t'THEIRS wins every conflict'
last-modified-wins\t'The record with the later last_modified, updated_at or last_updated wins'"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -l diff -d 'How to show what changed [default: unified]' -r -f -a "unified\t'Lines removed and added, with the lines around them'
records\t'Records and settings added, removed and changed, with the old and the new cells'
stat\t'The number of lines removed and added'
json\t'As records, as one JSON object for programs'
none\t'Nothing'"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -l if-match -d 'Change the database only if this is its version tag' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -l backups -d 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -s w -l timeout -d 'How long to wait for the lock [default: 10s]' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -s E -l timeout-exit-code -d 'Exit code if the lock could not be had in time' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too' -r -f -a "auto\t'On a terminal'
always\t''
never\t''"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -l from-json -d 'Take the new content as JSON, as `read --json` prints it'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -l allow-empty -d 'Allow a database that holds something to be emptied'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -l no-check -d 'Keep the change even if it is not valid SDN'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -l sdn -d 'Treat the file as SDN whatever its name; without this only *.sdn is checked'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -l renumber -d 'Give one of two new records with the same number the next free one'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -l dry-run -d 'Change nothing; print the difference on stdout'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -l no-stamp -d 'Leave version, last_modified and other stamps of changed records as they are'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -l reseal -d 'Change a database whose #sdn-crc32 seal is wrong, and seal it anew'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -l break-hardlinks -d 'Replace a file that has several hard links'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -l override-readonly -d 'Replace a file that is write-protected'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -l durable -d 'Report success only when the change would survive a power cut'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -l no-durable -d 'Do not wait for the disk'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -s n -l nonblock -d 'Do not wait; the same as --timeout 0'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -s q -l quiet -d 'Say nothing but errors'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -s v -l verbose -d 'Say more'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand write" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand edit" -l diff -d 'How to show what changed [default: unified]' -r -f -a "unified\t'Lines removed and added, with the lines around them'
records\t'Records and settings added, removed and changed, with the old and the new cells'
stat\t'The number of lines removed and added'
json\t'As records, as one JSON object for programs'
none\t'Nothing'"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand edit" -l if-match -d 'Change the database only if this is its version tag' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand edit" -l backups -d 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand edit" -s w -l timeout -d 'How long to wait for the lock [default: 10s]' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand edit" -s E -l timeout-exit-code -d 'Exit code if the lock could not be had in time' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand edit" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too' -r -f -a "auto\t'On a terminal'
always\t''
never\t''"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand edit" -l hold -d 'Keep the database locked while the editor is open'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand edit" -l no-check -d 'Keep the change even if it is not valid SDN'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand edit" -l sdn -d 'Treat the file as SDN whatever its name; without this only *.sdn is checked'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand edit" -l dry-run -d 'Change nothing; print the difference on stdout'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand edit" -l no-stamp -d 'Leave version, last_modified and other stamps of changed records as they are'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand edit" -l reseal -d 'Change a database whose #sdn-crc32 seal is wrong, and seal it anew'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand edit" -l break-hardlinks -d 'Replace a file that has several hard links'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand edit" -l override-readonly -d 'Replace a file that is write-protected'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand edit" -l durable -d 'Report success only when the change would survive a power cut'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand edit" -l no-durable -d 'Do not wait for the disk'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand edit" -s n -l nonblock -d 'Do not wait; the same as --timeout 0'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand edit" -s q -l quiet -d 'Say nothing but errors'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand edit" -s v -l verbose -d 'Say more'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand edit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand exec" -l diff -d 'How to show what changed [default: unified]' -r -f -a "unified\t'Lines removed and added, with the lines around them'
records\t'Records and settings added, removed and changed, with the old and the new cells'
stat\t'The number of lines removed and added'
json\t'As records, as one JSON object for programs'
none\t'Nothing'"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand exec" -l backups -d 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand exec" -s w -l timeout -d 'How long to wait for the lock [default: 10s]' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand exec" -s E -l timeout-exit-code -d 'Exit code if the lock could not be had in time' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand exec" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too' -r -f -a "auto\t'On a terminal'
always\t''
never\t''"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand exec" -l transaction -d 'Keep all of the command\'s changes, or none'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand exec" -l shared -d 'Lock for reading: others read too, and a change by the command is undone and an error'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand exec" -l dry-run -d 'Run the command, show on stdout what it would change, and undo it'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand exec" -l self-locking -d 'Leave the lock to the command, which takes it by itself'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand exec" -s o -l close -d 'Do not let the command inherit the lock'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand exec" -l no-check -d 'Keep the change even if it is not valid SDN'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand exec" -l sdn -d 'Treat the file as SDN whatever its name; without this only *.sdn is checked'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand exec" -l durable -d 'Report success only when the change would survive a power cut'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand exec" -l no-durable -d 'Do not wait for the disk'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand exec" -s n -l nonblock -d 'Do not wait; the same as --timeout 0'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand exec" -s q -l quiet -d 'Say nothing but errors'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand exec" -s v -l verbose -d 'Say more'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand exec" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand get" -s w -l timeout -d 'How long to wait for the lock [default: 10s]' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand get" -s E -l timeout-exit-code -d 'Exit code if the lock could not be had in time' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand get" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too' -r -f -a "auto\t'On a terminal'
always\t''
never\t''"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand get" -s n -l nonblock -d 'Do not wait; the same as --timeout 0'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand get" -l no-lock -d 'Read without a lock'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand get" -s q -l quiet -d 'Say nothing but errors'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand get" -s v -l verbose -d 'Say more'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand list" -l where -d 'List only records for which this holds; if it is given several times, all of them' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand list" -l sort -d 'Sort by these columns, separated by commas; with a `-` before it from the largest down' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand list" -l columns -d 'List only these columns, in this order, separated by commas' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand list" -l format -d 'How the records are printed' -r -f -a "table\t'Aligned columns, for people'
json\t'An array of objects, with the types of `read --json`'
jsonl\t'One object a line'
csv\t'Comma-separated, by RFC 4180 but with lines that end in LF: quotes where needed, doubled within'
tsv\t'Tab-separated; tab, line feed, return and backslash within a cell are \\t, \\n, \\r and \\\\'
sdn\t'A database of these records'
keys\t'The key of each record, one a line'"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand list" -s w -l timeout -d 'How long to wait for the lock [default: 10s]' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand list" -s E -l timeout-exit-code -d 'Exit code if the lock could not be had in time' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand list" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too' -r -f -a "auto\t'On a terminal'
always\t''
never\t''"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand list" -l reverse -d 'Turn the order around'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand list" -l all -d 'List hidden records too, whose column `valid` says `false`'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand list" -l no-pager -d 'Do not use a pager'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand list" -s n -l nonblock -d 'Do not wait; the same as --timeout 0'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand list" -l no-lock -d 'Read without a lock'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand list" -s q -l quiet -d 'Say nothing but errors'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand list" -s v -l verbose -d 'Say more'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand set" -l if -d 'Change anything only if ADDR has this value; also ADDR!=VALUE, ADDR<VALUE, ADDR>VALUE' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand set" -l diff -d 'How to show what changed [default: unified]' -r -f -a "unified\t'Lines removed and added, with the lines around them'
records\t'Records and settings added, removed and changed, with the old and the new cells'
stat\t'The number of lines removed and added'
json\t'As records, as one JSON object for programs'
none\t'Nothing'"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand set" -l if-match -d 'Change the database only if this is its version tag' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand set" -l backups -d 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand set" -s w -l timeout -d 'How long to wait for the lock [default: 10s]' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand set" -s E -l timeout-exit-code -d 'Exit code if the lock could not be had in time' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand set" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too' -r -f -a "auto\t'On a terminal'
always\t''
never\t''"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand set" -l dry-run -d 'Change nothing; print the difference on stdout'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand set" -l no-stamp -d 'Leave version, last_modified and other stamps of changed records as they are'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand set" -l reseal -d 'Change a database whose #sdn-crc32 seal is wrong, and seal it anew'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand set" -l break-hardlinks -d 'Replace a file that has several hard links'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand set" -l override-readonly -d 'Replace a file that is write-protected'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand set" -l durable -d 'Report success only when the change would survive a power cut'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand set" -l no-durable -d 'Do not wait for the disk'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand set" -s n -l nonblock -d 'Do not wait; the same as --timeout 0'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand set" -s q -l quiet -d 'Say nothing but errors'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand set" -s v -l verbose -d 'Say more'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand add" -l json -d 'Add the records of this file, all or none: JSON lines or an array; `-` is standard input' -r -F
complete -c sdnlock -n "__fish_sdnlock_using_subcommand add" -l diff -d 'How to show what changed [default: unified]' -r -f -a "unified\t'Lines removed and added, with the lines around them'
records\t'Records and settings added, removed and changed, with the old and the new cells'
stat\t'The number of lines removed and added'
json\t'As records, as one JSON object for programs'
none\t'Nothing'"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand add" -l if-match -d 'Change the database only if this is its version tag' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand add" -l backups -d 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand add" -s w -l timeout -d 'How long to wait for the lock [default: 10s]' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand add" -s E -l timeout-exit-code -d 'Exit code if the lock could not be had in time' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand add" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too' -r -f -a "auto\t'On a terminal'
always\t''
never\t''"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand add" -l or-update -d 'If there is a record of this key already, change it'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand add" -l dry-run -d 'Change nothing; print the difference on stdout'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand add" -l no-stamp -d 'Leave version, last_modified and other stamps of changed records as they are'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand add" -l reseal -d 'Change a database whose #sdn-crc32 seal is wrong, and seal it anew'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand add" -l break-hardlinks -d 'Replace a file that has several hard links'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand add" -l override-readonly -d 'Replace a file that is write-protected'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand add" -l durable -d 'Report success only when the change would survive a power cut'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand add" -l no-durable -d 'Do not wait for the disk'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand add" -s n -l nonblock -d 'Do not wait; the same as --timeout 0'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand add" -s q -l quiet -d 'Say nothing but errors'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand add" -s v -l verbose -d 'Say more'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand rm" -l diff -d 'How to show what changed [default: unified]' -r -f -a "unified\t'Lines removed and added, with the lines around them'
records\t'Records and settings added, removed and changed, with the old and the new cells'
stat\t'The number of lines removed and added'
json\t'As records, as one JSON object for programs'
none\t'Nothing'"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand rm" -l if-match -d 'Change the database only if this is its version tag' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand rm" -l backups -d 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand rm" -s w -l timeout -d 'How long to wait for the lock [default: 10s]' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand rm" -s E -l timeout-exit-code -d 'Exit code if the lock could not be had in time' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand rm" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too' -r -f -a "auto\t'On a terminal'
always\t''
never\t''"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand rm" -l purge -d 'Remove rows even where `valid` could hide them, and whole tables'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand rm" -l leave-dangling -d 'Remove what other records refer to'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand rm" -l dry-run -d 'Change nothing; print the difference on stdout'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand rm" -l no-stamp -d 'Leave version, last_modified and other stamps of changed records as they are'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand rm" -l reseal -d 'Change a database whose #sdn-crc32 seal is wrong, and seal it anew'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand rm" -l break-hardlinks -d 'Replace a file that has several hard links'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand rm" -l override-readonly -d 'Replace a file that is write-protected'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand rm" -l durable -d 'Report success only when the change would survive a power cut'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand rm" -l no-durable -d 'Do not wait for the disk'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand rm" -s n -l nonblock -d 'Do not wait; the same as --timeout 0'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand rm" -s q -l quiet -d 'Say nothing but errors'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand rm" -s v -l verbose -d 'Say more'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -l add-column -d 'Add a column, with this value in the rows that are there [default: empty]' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -l rename-column -d 'Give a column another name' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -l drop-column -d 'Remove a column with its cells' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -l diff -d 'How to show what changed [default: unified]' -r -f -a "unified\t'Lines removed and added, with the lines around them'
records\t'Records and settings added, removed and changed, with the old and the new cells'
stat\t'The number of lines removed and added'
json\t'As records, as one JSON object for programs'
none\t'Nothing'"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -l if-match -d 'Change the database only if this is its version tag' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -l backups -d 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -s w -l timeout -d 'How long to wait for the lock [default: 10s]' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -s E -l timeout-exit-code -d 'Exit code if the lock could not be had in time' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too' -r -f -a "auto\t'On a terminal'
always\t''
never\t''"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -l versioned -d 'Add `version` and `last_modified`, which then are kept up to date'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -l dry-run -d 'Change nothing; print the difference on stdout'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -l no-stamp -d 'Leave version, last_modified and other stamps of changed records as they are'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -l reseal -d 'Change a database whose #sdn-crc32 seal is wrong, and seal it anew'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -l break-hardlinks -d 'Replace a file that has several hard links'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -l override-readonly -d 'Replace a file that is write-protected'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -l durable -d 'Report success only when the change would survive a power cut'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -l no-durable -d 'Do not wait for the disk'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -s n -l nonblock -d 'Do not wait; the same as --timeout 0'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -s q -l quiet -d 'Say nothing but errors'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -s v -l verbose -d 'Say more'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand alter" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand check" -l format -d 'How findings are shown [default: human]' -r -f -a "human\t'With the line and a caret below it'
short\t'One line each: path:line:column: severity[CODE]: message'
json\t'One JSON object, for programs'
github\t'As human, then as annotations of a GitHub workflow'
sarif\t'SARIF 2.1.0, for code scanning'"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand check" -l severity -d 'The least severity that is shown' -r -f -a "error\t'The file is rejected, or its structure is damaged'
warning\t'A value is read, but changed'
note\t'Only another reader misreads it'"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand check" -l allow -d 'Leave out the findings of a rule' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand check" -l deny -d 'Take the findings of a rule for errors' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand check" -l schema -d 'The schema of all the databases, in place of the .sdnlock.sdn that each of them has' -r -F
complete -c sdnlock -n "__fish_sdnlock_using_subcommand check" -l reader -d 'Judge by another reader than the newest Rust reader' -r -f -a "R-new\t'The newest Rust reader'
R-old\t'The Rust reader before February 2026, and its port to Simple'
S-lib\t'The text-based parser in Simple'
S-db\t'The database library'
S-test\t'The reader of the test database'
S-dash\t'The reader of the dashboard'"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand check" -l explain -d 'Say what a rule is about, with examples' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand check" -l stdin-name -d 'What `-` is called in findings' -r -F
complete -c sdnlock -n "__fish_sdnlock_using_subcommand check" -s w -l timeout -d 'How long to wait for the lock [default: 10s]' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand check" -s E -l timeout-exit-code -d 'Exit code if the lock could not be had in time' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand check" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too' -r -f -a "auto\t'On a terminal'
always\t''
never\t''"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand check" -l fix -d 'Mend what can be mended without a doubt'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand check" -l dry-run -d 'With --fix: change nothing, and print the difference on stdout'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand check" -l strict -d 'Let warnings fail the check as errors do'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand check" -l init-schema -d 'Print a first schema, from what the databases hold, and check nothing'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand check" -s n -l nonblock -d 'Do not wait; the same as --timeout 0'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand check" -l no-lock -d 'Read without a lock'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand check" -s q -l quiet -d 'Say nothing but errors'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand check" -s v -l verbose -d 'Say more'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand diff" -l diff -d 'How to show what changed [default: unified]' -r -f -a "unified\t'Lines removed and added, with the lines around them'
records\t'Records and settings added, removed and changed, with the old and the new cells'
stat\t'The number of lines removed and added'
json\t'As records, as one JSON object for programs'
none\t'Nothing'"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand diff" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too' -r -f -a "auto\t'On a terminal'
always\t''
never\t''"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand diff" -s q -l quiet -d 'Say nothing but errors'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand diff" -s v -l verbose -d 'Say more'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -s o -l output -d 'Write the result to this file' -r -F
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -l strategy -d 'What is made of a conflict' -r -f -a "merge\t'Different cells are combined; a conflict stays one'
error\t'Any record that both sides changed is a conflict'
last-write-wins\t'THEIRS wins every conflict'
last-modified-wins\t'The record with the later last_modified, updated_at or last_updated wins'"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -l conflict-style -d 'How conflicts are marked [default: merge]' -r -f -a "merge\t'Both sides'
diff3\t'Both sides and the base'
zdiff3\t'As diff3, without the lines that both sides have'"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -l marker-size -d 'The length of the markers, at least 7 [default: 7]' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -s L -l label -d 'What a side is called in the markers: first OURS, then BASE, then THEIRS' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -l diff -d 'How to show what changed [default: unified]' -r -f -a "unified\t'Lines removed and added, with the lines around them'
records\t'Records and settings added, removed and changed, with the old and the new cells'
stat\t'The number of lines removed and added'
json\t'As records, as one JSON object for programs'
none\t'Nothing'"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -l if-match -d 'Change the database only if this is its version tag' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -l backups -d 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -s w -l timeout -d 'How long to wait for the lock [default: 10s]' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -s E -l timeout-exit-code -d 'Exit code if the lock could not be had in time' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too' -r -f -a "auto\t'On a terminal'
always\t''
never\t''"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -l renumber -d 'Give one of two new records with the same number the next free one'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -l json -d 'Print one JSON object, for programs'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -l sdn -d 'Treat the files as SDN whatever their names'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -l git -d 'Work as a merge driver of git: write the result over OURS'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -l dry-run -d 'Change nothing; print the difference on stdout'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -l no-stamp -d 'Leave version, last_modified and other stamps of changed records as they are'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -l reseal -d 'Change a database whose #sdn-crc32 seal is wrong, and seal it anew'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -l break-hardlinks -d 'Replace a file that has several hard links'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -l override-readonly -d 'Replace a file that is write-protected'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -l durable -d 'Report success only when the change would survive a power cut'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -l no-durable -d 'Do not wait for the disk'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -s n -l nonblock -d 'Do not wait; the same as --timeout 0'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -s q -l quiet -d 'Say nothing but errors'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -s v -l verbose -d 'Say more'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand merge" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand git-setup" -s w -l timeout -d 'How long to wait for the lock [default: 10s]' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand git-setup" -s E -l timeout-exit-code -d 'Exit code if the lock could not be had in time' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand git-setup" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too' -r -f -a "auto\t'On a terminal'
always\t''
never\t''"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand git-setup" -l global -d 'For all repositories of this user, not only for this one'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand git-setup" -l undo -d 'Take away what this command writes'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand git-setup" -s y -l yes -d 'Do not ask'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand git-setup" -s n -l nonblock -d 'Do not wait; the same as --timeout 0'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand git-setup" -s q -l quiet -d 'Say nothing but errors'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand git-setup" -s v -l verbose -d 'Say more'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand git-setup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand status" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too' -r -f -a "auto\t'On a terminal'
always\t''
never\t''"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand status" -l json -d 'Print one JSON object, for programs'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand status" -l exit-code -d 'Exit with 1 if a lock is held'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand status" -l clean -d 'Remove what is provably dead'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand status" -s q -l quiet -d 'Say nothing but errors'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand status" -s v -l verbose -d 'Say more'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand restore" -l diff -d 'How to show what changed [default: unified]' -r -f -a "unified\t'Lines removed and added, with the lines around them'
records\t'Records and settings added, removed and changed, with the old and the new cells'
stat\t'The number of lines removed and added'
json\t'As records, as one JSON object for programs'
none\t'Nothing'"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand restore" -l if-match -d 'Change the database only if this is its version tag' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand restore" -l backups -d 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand restore" -s w -l timeout -d 'How long to wait for the lock [default: 10s]' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand restore" -s E -l timeout-exit-code -d 'Exit code if the lock could not be had in time' -r
complete -c sdnlock -n "__fish_sdnlock_using_subcommand restore" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too' -r -f -a "auto\t'On a terminal'
always\t''
never\t''"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand restore" -l no-check -d 'Keep the change even if it is not valid SDN'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand restore" -l sdn -d 'Treat the file as SDN whatever its name; without this only *.sdn is checked'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand restore" -l dry-run -d 'Change nothing; print the difference on stdout'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand restore" -l no-stamp -d 'Leave version, last_modified and other stamps of changed records as they are'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand restore" -l reseal -d 'Change a database whose #sdn-crc32 seal is wrong, and seal it anew'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand restore" -l break-hardlinks -d 'Replace a file that has several hard links'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand restore" -l override-readonly -d 'Replace a file that is write-protected'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand restore" -l durable -d 'Report success only when the change would survive a power cut'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand restore" -l no-durable -d 'Do not wait for the disk'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand restore" -s n -l nonblock -d 'Do not wait; the same as --timeout 0'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand restore" -s q -l quiet -d 'Say nothing but errors'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand restore" -s v -l verbose -d 'Say more'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand completions" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too' -r -f -a "auto\t'On a terminal'
always\t''
never\t''"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand completions" -s q -l quiet -d 'Say nothing but errors'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand completions" -s v -l verbose -d 'Say more'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand man" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too' -r -f -a "auto\t'On a terminal'
always\t''
never\t''"
complete -c sdnlock -n "__fish_sdnlock_using_subcommand man" -s q -l quiet -d 'Say nothing but errors'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand man" -s v -l verbose -d 'Say more'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand help; and not __fish_seen_subcommand_from read write edit exec get list set add rm alter check diff merge git-setup status restore completions man help" -f -a "read" -d 'Print a database, or one table, record or value of it'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand help; and not __fish_seen_subcommand_from read write edit exec get list set add rm alter check diff merge git-setup status restore completions man help" -f -a "write" -d 'Replace a database by what stands on standard input or in another file'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand help; and not __fish_seen_subcommand_from read write edit exec get list set add rm alter check diff merge git-setup status restore completions man help" -f -a "edit" -d 'Change a database in an editor, without blocking anybody'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand help; and not __fish_seen_subcommand_from read write edit exec get list set add rm alter check diff merge git-setup status restore completions man help" -f -a "exec" -d 'Run a command while holding the locks of the databases it uses'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand help; and not __fish_seen_subcommand_from read write edit exec get list set add rm alter check diff merge git-setup status restore completions man help" -f -a "get" -d 'Print one value, record or table'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand help; and not __fish_seen_subcommand_from read write edit exec get list set add rm alter check diff merge git-setup status restore completions man help" -f -a "list" -d 'List the records of a table, or the tables of a database'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand help; and not __fish_seen_subcommand_from read write edit exec get list set add rm alter check diff merge git-setup status restore completions man help" -f -a "set" -d 'Change cells or settings, all in one step'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand help; and not __fish_seen_subcommand_from read write edit exec get list set add rm alter check diff merge git-setup status restore completions man help" -f -a "add" -d 'Append a record to a table, and print its key'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand help; and not __fish_seen_subcommand_from read write edit exec get list set add rm alter check diff merge git-setup status restore completions man help" -f -a "rm" -d 'Remove records or settings'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand help; and not __fish_seen_subcommand_from read write edit exec get list set add rm alter check diff merge git-setup status restore completions man help" -f -a "alter" -d 'Add, rename or drop columns of a table, in all of its rows'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand help; and not __fish_seen_subcommand_from read write edit exec get list set add rm alter check diff merge git-setup status restore completions man help" -f -a "check" -d 'Find what is wrong with databases'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand help; and not __fish_seen_subcommand_from read write edit exec get list set add rm alter check diff merge git-setup status restore completions man help" -f -a "diff" -d 'Show the difference of two files'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand help; and not __fish_seen_subcommand_from read write edit exec get list set add rm alter check diff merge git-setup status restore completions man help" -f -a "merge" -d 'Merge two versions of a database, by record and cell'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand help; and not __fish_seen_subcommand_from read write edit exec get list set add rm alter check diff merge git-setup status restore completions man help" -f -a "git-setup" -d 'Let git merge databases by record, and show in which table a change lies'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand help; and not __fish_seen_subcommand_from read write edit exec get list set add rm alter check diff merge git-setup status restore completions man help" -f -a "status" -d 'Show who holds or waits for what, and what was left behind'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand help; and not __fish_seen_subcommand_from read write edit exec get list set add rm alter check diff merge git-setup status restore completions man help" -f -a "restore" -d 'List the backups of a database, or bring one back'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand help; and not __fish_seen_subcommand_from read write edit exec get list set add rm alter check diff merge git-setup status restore completions man help" -f -a "completions" -d 'Print the completions for a shell'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand help; and not __fish_seen_subcommand_from read write edit exec get list set add rm alter check diff merge git-setup status restore completions man help" -f -a "man" -d 'Print a page of the manual, as roff'
complete -c sdnlock -n "__fish_sdnlock_using_subcommand help; and not __fish_seen_subcommand_from read write edit exec get list set add rm alter check diff merge git-setup status restore completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'

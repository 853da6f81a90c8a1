
use builtin;
use str;

set edit:completion:arg-completer[sdnlock] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'sdnlock'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'sdnlock'= {
            cand --color 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand read 'Print a database, or one table, record or value of it'
            cand write 'Replace a database by what stands on standard input or in another file'
            cand edit 'Change a database in an editor, without blocking anybody'
            cand exec 'Run a command while holding the locks of the databases it uses'
            cand get 'Print one value, record or table'
            cand list 'List the records of a table, or the tables of a database'
            cand set 'Change cells or settings, all in one step'
            cand check 'Find what is wrong with databases'
            cand diff 'Show the difference of two files'
            cand status 'Show who holds or waits for what, and what was left behind'
            cand restore 'List the backups of a database, or bring one back'
            cand completions 'Print the completions for a shell'
            cand man 'Print a page of the manual, as roff'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sdnlock;read'= {
            cand -w 'How long to wait for the lock [default: 10s]'
            cand --timeout 'How long to wait for the lock [default: 10s]'
            cand -E 'Exit code if the lock could not be had in time'
            cand --timeout-exit-code 'Exit code if the lock could not be had in time'
            cand --color 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too'
            cand --json 'Print what it says as JSON, for programs'
            cand --text 'With --json: all values as the texts that stand there'
            cand --tag 'Print the version tag first, on stderr'
            cand --tag-only 'Print only the version tag, on stdout'
            cand -n 'Do not wait; the same as --timeout 0'
            cand --nonblock 'Do not wait; the same as --timeout 0'
            cand --no-lock 'Read without a lock'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sdnlock;write'= {
            cand --diff 'How to show what changed [default: unified]'
            cand --if-match 'Change the database only if this is its version tag'
            cand --backups 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on'
            cand -w 'How long to wait for the lock [default: 10s]'
            cand --timeout 'How long to wait for the lock [default: 10s]'
            cand -E 'Exit code if the lock could not be had in time'
            cand --timeout-exit-code 'Exit code if the lock could not be had in time'
            cand --color 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too'
            cand --from-json 'Take the new content as JSON, as `read --json` prints it'
            cand --allow-empty 'Allow a database that holds something to be emptied'
            cand --no-check 'Keep the change even if it is not valid SDN'
            cand --sdn 'Treat the file as SDN whatever its name; without this only *.sdn is checked'
            cand --dry-run 'Change nothing; print the difference on stdout'
            cand --reseal 'Change a database whose #sdn-crc32 seal is wrong, and seal it anew'
            cand --break-hardlinks 'Replace a file that has several hard links'
            cand --override-readonly 'Replace a file that is write-protected'
            cand --durable 'Report success only when the change would survive a power cut'
            cand --no-durable 'Do not wait for the disk'
            cand -n 'Do not wait; the same as --timeout 0'
            cand --nonblock 'Do not wait; the same as --timeout 0'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sdnlock;edit'= {
            cand --diff 'How to show what changed [default: unified]'
            cand --if-match 'Change the database only if this is its version tag'
            cand --backups 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on'
            cand -w 'How long to wait for the lock [default: 10s]'
            cand --timeout 'How long to wait for the lock [default: 10s]'
            cand -E 'Exit code if the lock could not be had in time'
            cand --timeout-exit-code 'Exit code if the lock could not be had in time'
            cand --color 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too'
            cand --hold 'Keep the database locked while the editor is open'
            cand --no-check 'Keep the change even if it is not valid SDN'
            cand --sdn 'Treat the file as SDN whatever its name; without this only *.sdn is checked'
            cand --dry-run 'Change nothing; print the difference on stdout'
            cand --reseal 'Change a database whose #sdn-crc32 seal is wrong, and seal it anew'
            cand --break-hardlinks 'Replace a file that has several hard links'
            cand --override-readonly 'Replace a file that is write-protected'
            cand --durable 'Report success only when the change would survive a power cut'
            cand --no-durable 'Do not wait for the disk'
            cand -n 'Do not wait; the same as --timeout 0'
            cand --nonblock 'Do not wait; the same as --timeout 0'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sdnlock;exec'= {
            cand --diff 'How to show what changed [default: unified]'
            cand --backups 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on'
            cand -w 'How long to wait for the lock [default: 10s]'
            cand --timeout 'How long to wait for the lock [default: 10s]'
            cand -E 'Exit code if the lock could not be had in time'
            cand --timeout-exit-code 'Exit code if the lock could not be had in time'
            cand --color 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too'
            cand --transaction 'Keep all of the command''s changes, or none'
            cand --shared 'Lock for reading: others read too, and a change by the command is undone and an error'
            cand --dry-run 'Run the command, show on stdout what it would change, and undo it'
            cand --self-locking 'Leave the lock to the command, which takes it by itself'
            cand -o 'Do not let the command inherit the lock'
            cand --close 'Do not let the command inherit the lock'
            cand --no-check 'Keep the change even if it is not valid SDN'
            cand --sdn 'Treat the file as SDN whatever its name; without this only *.sdn is checked'
            cand --durable 'Report success only when the change would survive a power cut'
            cand --no-durable 'Do not wait for the disk'
            cand -n 'Do not wait; the same as --timeout 0'
            cand --nonblock 'Do not wait; the same as --timeout 0'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sdnlock;get'= {
            cand -w 'How long to wait for the lock [default: 10s]'
            cand --timeout 'How long to wait for the lock [default: 10s]'
            cand -E 'Exit code if the lock could not be had in time'
            cand --timeout-exit-code 'Exit code if the lock could not be had in time'
            cand --color 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too'
            cand -n 'Do not wait; the same as --timeout 0'
            cand --nonblock 'Do not wait; the same as --timeout 0'
            cand --no-lock 'Read without a lock'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sdnlock;list'= {
            cand --where 'List only records for which this holds; if it is given several times, all of them'
            cand --sort 'Sort by these columns, separated by commas; with a `-` before it from the largest down'
            cand --columns 'List only these columns, in this order, separated by commas'
            cand --format 'How the records are printed'
            cand -w 'How long to wait for the lock [default: 10s]'
            cand --timeout 'How long to wait for the lock [default: 10s]'
            cand -E 'Exit code if the lock could not be had in time'
            cand --timeout-exit-code 'Exit code if the lock could not be had in time'
            cand --color 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too'
            cand --reverse 'Turn the order around'
            cand --all 'List hidden records too, whose column `valid` says `false`'
            cand --no-pager 'Do not use a pager'
            cand -n 'Do not wait; the same as --timeout 0'
            cand --nonblock 'Do not wait; the same as --timeout 0'
            cand --no-lock 'Read without a lock'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sdnlock;set'= {
            cand --diff 'How to show what changed [default: unified]'
            cand --if-match 'Change the database only if this is its version tag'
            cand --backups 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on'
            cand -w 'How long to wait for the lock [default: 10s]'
            cand --timeout 'How long to wait for the lock [default: 10s]'
            cand -E 'Exit code if the lock could not be had in time'
            cand --timeout-exit-code 'Exit code if the lock could not be had in time'
            cand --color 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too'
            cand --dry-run 'Change nothing; print the difference on stdout'
            cand --reseal 'Change a database whose #sdn-crc32 seal is wrong, and seal it anew'
            cand --break-hardlinks 'Replace a file that has several hard links'
            cand --override-readonly 'Replace a file that is write-protected'
            cand --durable 'Report success only when the change would survive a power cut'
            cand --no-durable 'Do not wait for the disk'
            cand -n 'Do not wait; the same as --timeout 0'
            cand --nonblock 'Do not wait; the same as --timeout 0'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sdnlock;check'= {
            cand --format 'How findings are shown [default: human]'
            cand --severity 'The least severity that is shown'
            cand --allow 'Leave out the findings of a rule'
            cand --deny 'Take the findings of a rule for errors'
            cand --reader 'Judge by another reader than the newest Rust reader'
            cand --explain 'Say what a rule is about, with examples'
            cand --stdin-name 'What `-` is called in findings'
            cand -w 'How long to wait for the lock [default: 10s]'
            cand --timeout 'How long to wait for the lock [default: 10s]'
            cand -E 'Exit code if the lock could not be had in time'
            cand --timeout-exit-code 'Exit code if the lock could not be had in time'
            cand --color 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too'
            cand --fix 'Mend what can be mended without a doubt'
            cand --dry-run 'With --fix: change nothing, and print the difference on stdout'
            cand --strict 'Let warnings fail the check as errors do'
            cand -n 'Do not wait; the same as --timeout 0'
            cand --nonblock 'Do not wait; the same as --timeout 0'
            cand --no-lock 'Read without a lock'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sdnlock;diff'= {
            cand --diff 'How to show what changed [default: unified]'
            cand --color 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sdnlock;status'= {
            cand --color 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too'
            cand --json 'Print one JSON object, for programs'
            cand --exit-code 'Exit with 1 if a lock is held'
            cand --clean 'Remove what is provably dead'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sdnlock;restore'= {
            cand --diff 'How to show what changed [default: unified]'
            cand --if-match 'Change the database only if this is its version tag'
            cand --backups 'Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on'
            cand -w 'How long to wait for the lock [default: 10s]'
            cand --timeout 'How long to wait for the lock [default: 10s]'
            cand -E 'Exit code if the lock could not be had in time'
            cand --timeout-exit-code 'Exit code if the lock could not be had in time'
            cand --color 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too'
            cand --no-check 'Keep the change even if it is not valid SDN'
            cand --sdn 'Treat the file as SDN whatever its name; without this only *.sdn is checked'
            cand --dry-run 'Change nothing; print the difference on stdout'
            cand --reseal 'Change a database whose #sdn-crc32 seal is wrong, and seal it anew'
            cand --break-hardlinks 'Replace a file that has several hard links'
            cand --override-readonly 'Replace a file that is write-protected'
            cand --durable 'Report success only when the change would survive a power cut'
            cand --no-durable 'Do not wait for the disk'
            cand -n 'Do not wait; the same as --timeout 0'
            cand --nonblock 'Do not wait; the same as --timeout 0'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sdnlock;completions'= {
            cand --color 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sdnlock;man'= {
            cand --color 'When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too'
            cand -q 'Say nothing but errors'
            cand --quiet 'Say nothing but errors'
            cand -v 'Say more'
            cand --verbose 'Say more'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sdnlock;help'= {
            cand read 'Print a database, or one table, record or value of it'
            cand write 'Replace a database by what stands on standard input or in another file'
            cand edit 'Change a database in an editor, without blocking anybody'
            cand exec 'Run a command while holding the locks of the databases it uses'
            cand get 'Print one value, record or table'
            cand list 'List the records of a table, or the tables of a database'
            cand set 'Change cells or settings, all in one step'
            cand check 'Find what is wrong with databases'
            cand diff 'Show the difference of two files'
            cand status 'Show who holds or waits for what, and what was left behind'
            cand restore 'List the backups of a database, or bring one back'
            cand completions 'Print the completions for a shell'
            cand man 'Print a page of the manual, as roff'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sdnlock;help;read'= {
        }
        &'sdnlock;help;write'= {
        }
        &'sdnlock;help;edit'= {
        }
        &'sdnlock;help;exec'= {
        }
        &'sdnlock;help;get'= {
        }
        &'sdnlock;help;list'= {
        }
        &'sdnlock;help;set'= {
        }
        &'sdnlock;help;check'= {
        }
        &'sdnlock;help;diff'= {
        }
        &'sdnlock;help;status'= {
        }
        &'sdnlock;help;restore'= {
        }
        &'sdnlock;help;completions'= {
        }
        &'sdnlock;help;man'= {
        }
        &'sdnlock;help;help'= {
        }
    ]
    $completions[$command]
}

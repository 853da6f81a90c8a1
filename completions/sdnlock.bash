# Completions of sdnlock for bash. The command itself knows what stands in a database.

_sdnlock() {
    COMPREPLY=()

    # bash breaks words at = and : too. What stands together in the line is one word, and that of the cursor ends there.
    local words=() first=() rest=$COMP_LINE piece gap start i at index=0
    for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
        piece=${COMP_WORDS[i]} gap=${rest%%[![:space:]]*}
        [[ -z $piece ]] || rest=${rest#"$gap"}
        start=$((${#COMP_LINE} - ${#rest}))
        if ((i == 0)) || [[ -n $gap ]]; then
            words+=("") first+=("$i")
        fi
        at=$((${#words[@]} - 1))
        if ((i == COMP_CWORD)); then
            index=$at
            if ((COMP_POINT < start)); then
                # Between two words.
                words+=("$piece") first+=("$i")
            elif [[ -n $piece ]]; then
                words[at]+=${COMP_LINE:start:COMP_POINT-start}
            fi
        elif ((i < COMP_CWORD || at > index)); then
            words[at]+=$piece
        fi
        rest=${rest#"$piece"}
    done

    local kind= line
    {
        IFS= read -r kind
        while IFS= read -r line; do
            COMPREPLY+=("$line")
        done
    } < <(
        _SDNLOCK_COMPLETE=bash _SDNLOCK_COMPLETE_INDEX=$index _SDNLOCK_COMPLETE_BREAKS=$COMP_WORDBREAKS \
            command sdnlock -- "${words[@]}" 2>/dev/null
    )

    # Without compopt, which bash has since 4.0, a blank is missing here and there.
    case $kind in
        words)
            compopt +o default +o bashdefault 2>/dev/null
            ;;
        closed)
            compopt +o nospace 2>/dev/null
            ;;
        "command "*)
            compopt +o nospace 2>/dev/null
            i=${kind#command }
            if ((index == i)); then
                while IFS= read -r line; do
                    COMPREPLY+=("$line")
                done < <(compgen -c -- "${words[index]}" | sort -u)
            elif declare -F _comp_command_offset >/dev/null; then
                _comp_command_offset "${first[i]}"
            elif declare -F _command_offset >/dev/null; then
                _command_offset "${first[i]}"
            fi
            ;;
        *)
            # Paths, as bash completes them by itself. An older sdnlock fails, and knows no better either.
            compopt +o nospace 2>/dev/null
            ;;
    esac
}

complete -o nospace -o default -o bashdefault -o nosort -F _sdnlock sdnlock 2>/dev/null ||
    complete -o nospace -o default -o bashdefault -F _sdnlock sdnlock

# Completions of sdnlock for elvish. The command itself knows what stands in a database.

use str

set edit:completion:arg-completer[sdnlock] = {|@words|
    # An older sdnlock fails, and knows no better.
    var lines = [(try { env _SDNLOCK_COMPLETE=elvish sdnlock -- $@words 2>/dev/null | from-lines } catch { })]
    for line $lines {
        var word help = (str:split &max=2 "\t" $line[1..])
        var display = (if (eq $help '') { put $word } else { put $word' ('$help')' })
        edit:complex-candidate $word &display=$display &code-suffix=(if (eq $line[0] '+') { put '' } else { put ' ' })
    }
}

# Completions of sdnlock for PowerShell. The command itself knows what stands in a database.

Register-ArgumentCompleter -Native -CommandName sdnlock -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $words = @(foreach ($element in $commandAst.CommandElements) {
        if ($element.Extent.StartOffset -lt $cursorPosition) {
            $constant = $element -is [System.Management.Automation.Language.StringConstantExpressionAst]
            if ($constant) { $element.Value } else { $element.Extent.Text }
        }
    })
    # Older shells pass no empty words on, so that it is said where the cursor is.
    $index = if ($wordToComplete -eq '') { $words.Count } else { $words.Count - 1 }

    $env:_SDNLOCK_COMPLETE = 'powershell'
    $env:_SDNLOCK_COMPLETE_INDEX = $index
    try {
        # An older sdnlock fails, and knows no better.
        $lines = @(& (Get-Command -CommandType Application sdnlock | Select-Object -First 1) -- @words 2>$null)
    } catch {
        $lines = @()
    } finally {
        Remove-Item Env:_SDNLOCK_COMPLETE, Env:_SDNLOCK_COMPLETE_INDEX
    }

    foreach ($line in $lines) {
        $word, $help = $line.Split("`t")
        if (-not $help) { $help = $word }
        $typed = if ($word -match '^[\w./:=,+-]+$') { $word } else { "'" + $word.Replace("'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($typed, $word, 'ParameterValue', "$help")
    }
}

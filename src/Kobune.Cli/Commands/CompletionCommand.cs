using System.CommandLine;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune completion SHELL: the script that a shell loads. It asks the hidden command `__complete` for the words that fit.</summary>
internal static class CompletionCommand
{
    private static readonly string[] Shells = ["bash", "zsh", "fish", "powershell"];

    public static Command Create(CommandContext context)
    {
        var shell = new Argument<string>("SHELL");
        shell.AcceptOnlyFromAmong(Shells);
        shell.CompletionSources.Add(Shells);
        var command = new Command("completion", context.Texts.Text(Message.CompletionSummary)) { shell };
        command.SetAction(async (parsed, ct) =>
        {
            await context.Out.WriteAsync(Script(parsed.GetValue(shell)!, ProgramName.Current).AsMemory(), ct);
            return 0;
        });
        return command;
    }

    /// <summary>One word a line that could stand where the last of these words is being typed.</summary>
    internal static int Complete(CommandContext context, IReadOnlyList<string> words)
    {
        var line = string.Join(' ', words.Select(w => w.Length == 0 || w.Contains(' ') ? $"\"{w}\"" : w));
        if (words.Count == 0 || words[^1].Length == 0)
        {
            line = line.Length < 2 ? "" : line[..^2]; // the word under the cursor is empty
        }

        var typed = words.Count == 0 ? "" : words[^1];
        foreach (var item in CommandLine.Create(context).Parse(line).GetCompletions(line.Length))
        {
            var word = item.InsertText ?? item.Label;
            if (word.StartsWith(typed, StringComparison.Ordinal) && word is not ("/?" or "/h" or "-?"))
            {
                context.Out.WriteLine(word);
            }
        }

        return 0;
    }

    private static string Script(string shell, string program) => shell switch
    {
        "bash" => $$"""
            # source <({{program}} completion bash)
            _{{program}}_complete() {
                local IFS=$'\n'
                COMPREPLY=($({{program}} __complete "${COMP_WORDS[@]:1:$COMP_CWORD}" 2>/dev/null))
            }
            complete -o default -F _{{program}}_complete {{program}}

            """,
        "zsh" => $$"""
            #compdef {{program}}
            # source <({{program}} completion zsh)
            _{{program}}() {
                local -a found
                found=("${(@f)$({{program}} __complete "${(@)words[2,$CURRENT]}" 2>/dev/null)}")
                compadd -a found
            }
            compdef _{{program}} {{program}}

            """,
        "fish" => $$"""
            # {{program}} completion fish | source
            function __{{program}}_complete
                set -l words (commandline -opc) (commandline -ct)
                {{program}} __complete $words[2..-1] 2>/dev/null
            end
            complete -c {{program}} -f -a '(__{{program}}_complete)'

            """,
        _ => $$"""
            # {{program}} completion powershell | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName {{program}} -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
                if (-not $wordToComplete) { $words += '' }
                & {{program}} __complete @words 2>$null | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }

            """,
    };
}

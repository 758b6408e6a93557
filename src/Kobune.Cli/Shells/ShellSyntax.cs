using System.Text;

namespace Kobune.Cli.Shells;

/// <summary>How a shell is told to forget or to restore variables.</summary>
/// <param name="Set">{0} name, {1} value.</param>
/// <param name="Clear">{0} name.</param>
internal sealed record ShellSyntax(string Set, string Clear)
{
    private const string SavedPrefix = "MINIKUBE_EXISTING_";

    /// <summary>The syntax of a shell, given by its name or its path; POSIX for those that are not known.</summary>
    public static ShellSyntax For(string? shell) => Path.GetFileNameWithoutExtension(shell ?? "") switch
    {
        "fish" => new("set -gx {0} \"{1}\";", "set -e {0};"),
        "powershell" or "pwsh" => new("$Env:{0} = \"{1}\"", "Remove-Item Env:\\{0}"),
        "cmd" => new("SET {0}={1}", "SET {0}="),
        "tcsh" or "csh" => new("setenv {0} \"{1}\";", "unsetenv {0};"),
        _ => new("export {0}=\"{1}\"", "unset {0};"),
    };

    /// <summary>One line a variable: its value from before comes back where one was saved.</summary>
    public string Unset(IReadOnlyList<string> variables, Func<string, string?> variable)
    {
        var text = new StringBuilder();
        foreach (var name in variables)
        {
            text.Append(variable(SavedPrefix + name) is { Length: > 0 } saved ? string.Format(null, Set, name, saved) : string.Format(null, Clear, name)).Append('\n');
        }

        return text.ToString();
    }
}

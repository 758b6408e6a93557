using System.CommandLine;

namespace Kobune.Cli.Configuration;

/// <summary>Where an option of `start` gets its value when the command line does not say it: environment (KOBUNE_NAME, else MINIKUBE_NAME), then config file.</summary>
internal static class OptionSources
{
    /// <summary>The words to add to the command line; none when nothing is set elsewhere.</summary>
    public static IReadOnlyList<string> Additions(CommandContext context, ParseResult parsed)
    {
        if (parsed.CommandResult.Command.Name != "start")
        {
            return [];
        }

        var words = new List<string>();
        var config = context.Config.Values;
        foreach (var option in parsed.CommandResult.Command.Options.Where(o => parsed.GetResult(o) is null or { Implicit: true }))
        {
            var value = Environment(context, option) ?? ConfigKey.All.Where(k => k.Option == option.Name).Select(k => config.GetValueOrDefault(k.Name)).FirstOrDefault(v => v is not null);
            if (value is not null)
            {
                words.Add($"{option.Name}={value}");
            }
        }

        return words;
    }

    private static string? Environment(CommandContext context, Option option) =>
        option.Aliases.Prepend(option.Name).Where(n => n.StartsWith("--", StringComparison.Ordinal)).Select(n => context.Variable(VariableOf(n))).FirstOrDefault(v => v is not null);

    // "--kubernetes-version" is KOBUNE_KUBERNETES_VERSION.
    private static string VariableOf(string option) => "KOBUNE_" + option.TrimStart('-').Replace('-', '_').ToUpperInvariant();
}

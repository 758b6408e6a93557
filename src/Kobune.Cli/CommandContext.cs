using Kobune.Cli.Clusters;
using Kobune.Cli.Configuration;
using Kobune.Cli.Output;
using Kobune.Cli.Privileges;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Machine;
using Kobune.Machine.Native;
using Kobune.Machine.State;

namespace Kobune.Cli;

/// <summary>What every command needs from the world around it; tests build their own.</summary>
internal sealed class CommandContext
{
    /// <summary>The profile when none is named.</summary>
    public static string DefaultProfile => ProgramName.Current == "minikube" ? "minikube" : "kobune";

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public required Translator Texts { get; init; }

    public required MachineHome Home { get; init; }

    /// <summary>Reads an environment variable.</summary>
    public required Func<string, string?> Variable { get; init; }

    public bool UsesIcons { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The way to root.</summary>
    public IPrivileges Privileges { get; init; } = new SudoPrivileges();

    public ProfileStore Profiles => new(Home);

    /// <summary>The user's own defaults.</summary>
    public ConfigStore Config => new(Home);

    /// <summary>The profile of commands that name none: environment, else `kobune profile NAME`, else the default.</summary>
    public string ActiveProfile => Variable("KOBUNE_PROFILE") ?? Config.Get("profile") ?? DefaultProfile;

    public IMachineDriver Driver => new NativeDriver(Home, Time);

    /// <summary>The way to a cluster's API as its administrator.</summary>
    public ClusterApi Api(ProfileConfig profile) => ClusterApi.Open(Home, profile);

    /// <summary>Says what a command does.</summary>
    public Reporter Reporter(bool json = false) => new(Out, Error, Texts, UsesIcons, json);

    /// <summary>This process's world.</summary>
    public static CommandContext Create()
    {
        Func<string, string?> variable = VariableOf;
        return new()
        {
            Out = Console.Out,
            Error = Console.Error,
            Texts = Translator.ForLocale(variable),
            Home = new(HomeFolder.Locate(variable)),
            Variable = variable,
            UsesIcons = Style.UsesIcons(!Console.IsOutputRedirected && !Console.IsErrorRedirected, variable),
        };
    }

    // MINIKUBE_X is understood where KOBUNE_X is not set; but minikube's own home is not ours, so a folder beside it is taken (HomeFolder).
    private static string? VariableOf(string name)
    {
        const string Own = "KOBUNE_";
        var value = Environment.GetEnvironmentVariable(name);
        return !string.IsNullOrEmpty(value) ? value
            : name.StartsWith(Own, StringComparison.Ordinal) && name != "KOBUNE_HOME" && Environment.GetEnvironmentVariable("MINIKUBE_" + name[Own.Length..]) is { Length: > 0 } other ? other
            : null;
    }
}

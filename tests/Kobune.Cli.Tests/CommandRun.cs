using Kobune.Cli.Texts;
using Kobune.Machine.State;

namespace Kobune.Cli.Tests;

/// <summary>Runs command lines in a home of their own; nothing here touches the host.</summary>
internal sealed class CommandRun : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public string Home { get; } = Directory.CreateTempSubdirectory("kobune-cli-test-").FullName;

    /// <summary>The environment.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>The user's language.</summary>
    public string Language { get; set; } = "en";

    /// <summary>Whether it runs as root, and how it gets it otherwise.</summary>
    public FakePrivileges Privileges { get; } = new();

    /// <summary>What the last command wrote.</summary>
    public string Output => _output.ToString();

    /// <inheritdoc cref="Output"/>
    public string Error => _error.ToString();

    public CommandContext Context(string language = "en") => new()
    {
        Out = _output,
        Error = _error,
        Texts = Translator.For(language),
        Home = new MachineHome(Home),
        Privileges = Privileges,
        Variable = name => name == "KUBECONFIG" ? Path.Combine(Home, "kubeconfig") : Variables.GetValueOrDefault(name),
    };

    public Task<int> RunAsync(params string[] words)
    {
        _output.GetStringBuilder().Clear();
        _error.GetStringBuilder().Clear();
        return Program.RunAsync(Context(Language), words);
    }

    public void Dispose()
    {
        Directory.Delete(Home, recursive: true);
        _output.Dispose();
        _error.Dispose();
    }
}

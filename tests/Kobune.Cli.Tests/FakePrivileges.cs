using Kobune.Cli.Privileges;

namespace Kobune.Cli.Tests;

/// <summary>Remembers which command lines asked for root.</summary>
internal sealed class FakePrivileges : IPrivileges
{
    public bool IsRoot { get; set; } = true;

    public List<string> Asked { get; } = [];

    public Task<int> RunAsync(CommandContext context, string[] args)
    {
        Asked.Add(string.Join(' ', args));
        return Task.FromResult(42);
    }
}

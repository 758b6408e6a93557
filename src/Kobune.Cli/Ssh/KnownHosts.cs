using Kobune.Cli.Privileges;

namespace Kobune.Cli.Ssh;

/// <summary>The user's ~/.ssh/known_hosts.</summary>
internal sealed class KnownHosts(CommandContext context)
{
    /// <summary>Adds a line unless it is there. Another key of the same address, of a cluster that is gone, makes way.</summary>
    public async Task AppendAsync(string line, CancellationToken ct)
    {
        var folder = Path.Combine(HomeFolder.UserFolder(context.Variable), ".ssh");
        var file = Path.Combine(folder, "known_hosts");
        string[] before = File.Exists(file) ? await File.ReadAllLinesAsync(file, ct) : [];
        if (before.Contains(line))
        {
            return;
        }

        var host = line[..(line.IndexOf(' ') + 1)];
        Directory.CreateDirectory(folder);
        await File.WriteAllLinesAsync(file, [.. before.Where(l => !l.StartsWith(host, StringComparison.Ordinal)), line], ct);
        UserFiles.Give(folder, context.Variable);
        UserFiles.Give(file, context.Variable);
    }
}

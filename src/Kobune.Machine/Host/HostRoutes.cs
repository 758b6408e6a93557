using System.Net;

namespace Kobune.Machine.Host;

/// <summary>Routes of the host into a cluster: the range of its Services by way of a node. They go with the profile's bridge at the latest.</summary>
public static class HostRoutes
{
    /// <summary>What a wanted route meets on this host.</summary>
    /// <param name="Gateway">The gateway of a route to just this range; null when there is none.</param>
    /// <param name="Overlapping">Other routes that share addresses with it.</param>
    public sealed record Look(string? Gateway, IReadOnlyList<string> Overlapping);

    /// <summary>Looks at the routes that stand.</summary>
    public static async Task<Look> LookAsync(string range, CancellationToken ct) =>
        Read(await Programs.RunAsync("ip", [FamilyOf(range), "route", "show", "table", "main"], ct), IPNetwork.Parse(range));

    /// <summary>Makes the route, or leaves it as it is when it stands.</summary>
    /// <exception cref="MachineException">The range has another gateway.</exception>
    public static async Task EnsureAsync(string range, string gateway, CancellationToken ct)
    {
        var look = await LookAsync(range, ct);
        if (look.Gateway == gateway)
        {
            return;
        }

        if (look.Gateway is { } other)
        {
            throw new MachineException(MachineFault.Network, $"conflicting route: {range} already leads to {other}");
        }

        await Programs.RunAsync("ip", [FamilyOf(range), "route", "add", range, "via", gateway], ct);
    }

    /// <summary>Removes the route; one that is gone is success.</summary>
    public static async Task RemoveAsync(string range, string gateway, CancellationToken ct)
    {
        var result = await Programs.TryRunAsync("ip", [FamilyOf(range), "route", "del", range, "via", gateway], null, ct);
        if (result.ExitCode != 0 && (await LookAsync(range, ct)).Gateway == gateway)
        {
            throw new MachineException(MachineFault.Undo, $"the route {range} via {gateway} cannot be removed: {result.Error.Trim()}");
        }
    }

    /// <summary>Reads the output of `ip route`.</summary>
    internal static Look Read(string routes, IPNetwork range)
    {
        string? gateway = null;
        var overlapping = new List<string>();
        foreach (var line in routes.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0] == "default" || !IPNetwork.TryParse(words[0].Contains('/') ? words[0] : words[0] + (words[0].Contains(':') ? "/128" : "/32"), out var network) || !Subnets.Overlap(network, range))
            {
                continue;
            }

            if (network.Equals(range))
            {
                gateway = Array.IndexOf(words, "via") is >= 0 and var via ? words[via + 1] : "its own link";
            }
            else
            {
                overlapping.Add(line.Trim());
            }
        }

        return new(gateway, overlapping);
    }

    private static string FamilyOf(string range) => range.Contains(':') ? "-6" : "-4";
}

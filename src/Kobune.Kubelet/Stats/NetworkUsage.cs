using System.Globalization;

namespace Kobune.Kubelet.Stats;

/// <summary>Counters of one network interface.</summary>
internal sealed record InterfaceUsage(string Name, ulong ReceivedBytes, ulong ReceivedPackets, ulong ReceiveErrors, ulong ReceiveDropped, ulong SentBytes, ulong SentPackets, ulong SendErrors, ulong SendDropped);

/// <summary>Counters of a network namespace's interfaces.</summary>
internal static class NetworkUsage
{
    /// <summary>Those of the namespace that a process is in; empty when it is gone.</summary>
    public static IReadOnlyList<InterfaceUsage> OfProcess(int? pid)
    {
        try
        {
            return pid is null ? [] : Parse(File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/net/dev")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The lines of net/dev: two of headings, then "name: 8 numbers of receiving, 8 of sending". Loopback is left out, as upstream does.</summary>
    internal static IReadOnlyList<InterfaceUsage> Parse(IEnumerable<string> lines)
    {
        var all = new List<InterfaceUsage>();
        foreach (var line in lines)
        {
            if (line.Split(':', 2) is [var name, var rest] && name.Trim() is not "lo" and var device)
            {
                var n = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(f => ulong.TryParse(f, CultureInfo.InvariantCulture, out var v) ? v : 0).ToArray();
                if (n.Length >= 12)
                {
                    all.Add(new(device, n[0], n[1], n[2], n[3], n[8], n[9], n[10], n[11]));
                }
            }
        }

        return all;
    }
}

using System.Net;
using System.Net.Sockets;
using Kobune.Proxy.Commands;
using Kobune.Proxy.Conntrack;
using Kobune.Proxy.Services;
using Microsoft.Extensions.Logging;

namespace Kobune.Proxy.Nftables;

/// <summary>The real table of one family: applies what the ruleset says differs, all of it first and after a failure.</summary>
internal sealed partial class NftTable(NftFamily family, IReadOnlyList<string> clusterCIDRs, bool localhostNodePorts, CommandRunner commands, ILogger logger) : IServiceTable
{
    private readonly NftRuleset _ruleset = new(family);
    private readonly List<string[]> _flushes = [];
    private bool _whole = true;

    public AddressFamily Family => family.Family;

    public IReadOnlyList<string> Services => _ruleset.Services;

    public void Set(string service, IReadOnlyList<ServicePortModel> ports, IReadOnlyList<IPAddress> nodePortIPs)
    {
        var fragment = new ServiceRules(family, clusterCIDRs, nodePortIPs).Build(ports);
        var old = _ruleset.Set(service, fragment);
        _flushes.AddRange(ConntrackPlan.Compute(old.Flows, fragment.Flows));
    }

    /// <summary>One transaction, then the stale conntrack entries. False when nft refused; the next call then replaces the whole table.</summary>
    public async Task<bool> ApplyAsync(CancellationToken ct)
    {
        var text = _whole ? _ruleset.WriteAll(clusterCIDRs, localhostNodePorts) : _ruleset.WriteChanges();
        if (text.Length > 0)
        {
            _whole = true; // also when cancelled in between
            var (code, output) = await commands.RunAsync(["nft", "-f", "-"], text, ct);
            if (code != 0)
            {
                LogRefused(family.Table, code, output.Length > 2000 ? output[..2000] : output);
                return false;
            }

            _whole = false;
        }

        await FlushAsync(ct);
        return true;
    }

    public async Task<bool> IsThereAsync(CancellationToken ct)
    {
        var (code, output) = await commands.RunAsync(["nft", "list", "chain", family.Table, NftBase.TableName, "nat-prerouting"], "", ct);
        if (code == 0 && output.Contains("jump services", StringComparison.Ordinal))
        {
            return true;
        }

        LogGone(family.Table);
        _whole = true;
        return false;
    }

    /// <summary>Rules stay: containers keep their ways while the node process is away.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task FlushAsync(CancellationToken ct)
    {
        foreach (var call in _flushes)
        {
            var (code, output) = await commands.RunAsync(call, "", ct);
            if (code is not (0 or 1)) // 1: no such entry
            {
                LogFlushFailed(string.Join(' ', call), output);
            }
        }

        _flushes.Clear();
    }

    [LoggerMessage(LogLevel.Error, "nft refused the rules of family {Family} (exit code {Code}): {Output}")]
    private partial void LogRefused(string family, int code, string output);

    [LoggerMessage(LogLevel.Warning, "Somebody removed the rules for Services of family {Family}; writing them again")]
    private partial void LogGone(string family);

    [LoggerMessage(LogLevel.Warning, "{Command} failed: {Output}")]
    private partial void LogFlushFailed(string command, string output);
}

using Kobune.Machine.State;

namespace Kobune.Machine.Host;

/// <summary>
/// docker, ufw and firewalld drop what they do not know in FORWARD, and an accept in a table of our own does not overrule a drop in theirs:
/// the bridge needs accept rules in their chains.
/// </summary>
internal static class ForwardRules
{
    /// <param name="program">iptables or ip6tables.</param>
    /// <param name="bridge">The bridge.</param>
    /// <param name="journal">Where changes are recorded.</param>
    /// <param name="ct">Ends the programs that are run.</param>
    public static async Task EnsureAsync(string program, string bridge, Journal journal, CancellationToken ct)
    {
        if (Programs.Find(program) is null)
        {
            return;
        }

        var chain = await ChainThatDropsAsync(program, ct);
        if (chain is not null)
        {
            await InsertAsync(program, chain, ["-i", bridge, "-j", "ACCEPT", "-m", "comment", "--comment", "kobune"], journal, ct);
            await InsertAsync(program, chain, ["-o", bridge, "-j", "ACCEPT", "-m", "comment", "--comment", "kobune"], journal, ct);
        }

        if (program == "iptables" && Programs.Find("firewall-cmd") is not null)
        {
            // Not journaled: firewalld forgets an interface when the link is deleted, and a daemon that is off answers with an error.
            _ = await Programs.TryRunAsync("firewall-cmd", ["--zone=trusted", "--change-interface=" + bridge], null, ct);
        }
    }

    /// <summary>Removes a rule that was inserted; one that is gone is success.</summary>
    public static async Task RemoveAsync(string program, string chain, string rule, CancellationToken ct)
    {
        var arguments = rule.Split(' ');
        for (var found = true; found;)
        {
            var result = await Programs.TryRunAsync(program, ["-w", "-D", chain, .. arguments], null, ct);
            found = result.ExitCode == 0;
        }
    }

    // docker re-inserts its own rules above ours in FORWARD, but leaves DOCKER-USER to the user.
    private static async Task<string?> ChainThatDropsAsync(string program, CancellationToken ct)
    {
        var forward = await Programs.TryRunAsync(program, ["-w", "-S", "FORWARD"], null, ct);
        if (forward.ExitCode != 0 || !forward.Output.Contains("-P FORWARD DROP", StringComparison.Ordinal))
        {
            return null;
        }

        return forward.Output.Contains("-j DOCKER-USER", StringComparison.Ordinal) ? "DOCKER-USER" : "FORWARD";
    }

    private static async Task InsertAsync(string program, string chain, string[] rule, Journal journal, CancellationToken ct)
    {
        journal.Record(program == "iptables" ? HostChangeKind.ForwardRule : HostChangeKind.ForwardRuleV6, "", chain, string.Join(' ', rule));
        var there = await Programs.TryRunAsync(program, ["-w", "-C", chain, .. rule], null, ct);
        if (there.ExitCode != 0)
        {
            await Programs.RunAsync(program, ["-w", "-I", chain, .. rule], ct);
        }
    }
}

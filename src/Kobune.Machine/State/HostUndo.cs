using System.Globalization;
using Kobune.Machine.Cgroups;
using Kobune.Machine.Host;

namespace Kobune.Machine.State;

/// <summary>Undoes what a journal lists, newest first. What is gone already (half a crash, a reboot) counts as undone.</summary>
/// <param name="home">Where the journals are.</param>
/// <param name="time">For waiting on processes to end.</param>
/// <param name="linkFolder">Where the kernel shows the host's links.</param>
public sealed class HostUndo(MachineHome home, TimeProvider time, string linkFolder = "/sys/class/net")
{
    private const string InheritedMark = "kobune restores ";

    /// <summary>Undoes the changes of one machine, or of the whole profile, and leaves in the journal what could not be undone.</summary>
    /// <param name="profile">Whose journal.</param>
    /// <param name="machine">Only this machine's changes; null for all.</param>
    /// <param name="ct">Stops between two changes.</param>
    /// <param name="keep">Changes that stay; null for none.</param>
    /// <exception cref="MachineException">Something could not be undone; the message names it.</exception>
    public async Task RunAsync(string profile, string? machine, CancellationToken ct, Func<HostChange, bool>? keep = null)
    {
        var journal = new Journal(home.Journal(profile));
        var left = new List<HostChange>(journal.Read());
        var problems = new List<string>();
        foreach (var cgroup in left.Where(c => c.Kind == HostChangeKind.Cgroup && c.BootId == HostProcess.CurrentBootId && (machine is null || c.Machine == machine)))
        {
            Freezer.ThawAll(cgroup.Name); // a paused machine's processes would outlive even SIGKILL
        }

        // Processes first, whatever their place: a living machine holds its cgroup and links.
        foreach (var change in Enumerable.Reverse(left.ToArray()).OrderBy(c => c.Kind != HostChangeKind.Process).Where(c => (machine is null || c.Machine == machine) && keep?.Invoke(c) != true))
        {
            try
            {
                await UndoAsync(profile, change, ct);
                left.Remove(change);
                journal.Replace(left);
            }
            catch (Exception e) when (e is MachineException or IOException or UnauthorizedAccessException)
            {
                problems.Add($"{change.Kind} {change.Name}: {e.Message}");
            }
        }

        if (problems.Count > 0)
        {
            throw new MachineException(MachineFault.Undo, "cannot undo " + string.Join("; ", problems));
        }
    }

    private Task UndoAsync(string profile, HostChange change, CancellationToken ct)
    {
        if (change.Kind == HostChangeKind.Resolver)
        {
            return HostDns.UndoAsync(change, ct);
        }

        if (change.BootId != HostProcess.CurrentBootId)
        {
            return Task.CompletedTask; // all others live in the kernel's memory: the reboot undid them
        }

        return change.Kind switch
        {
            HostChangeKind.Process => UndoProcessAsync(change, ct),
            HostChangeKind.Link => UndoLinkAsync(profile, change.Name, ct),
            HostChangeKind.Table => UndoTableAsync(change.Name, ct),
            HostChangeKind.ForwardRule => ForwardRules.RemoveAsync("iptables", change.Name, change.Value, ct),
            HostChangeKind.ForwardRuleV6 => ForwardRules.RemoveAsync("ip6tables", change.Name, change.Value, ct),
            HostChangeKind.Cgroup => UndoCgroupAsync(change.Name, ct),
            HostChangeKind.Sysctl => Task.Run(() => UndoSysctl(profile, change.Name, change.Value), ct),
            _ => throw new MachineException(MachineFault.Undo, "a newer Kobune made this change; use that one"),
        };
    }

    private async Task UndoProcessAsync(HostChange change, CancellationToken ct)
    {
        var process = new HostProcess(int.Parse(change.Name, CultureInfo.InvariantCulture), long.Parse(change.Value, CultureInfo.InvariantCulture), change.BootId);
        if (!await process.KillAsync(TimeSpan.FromSeconds(20), time, ct))
        {
            throw new MachineException(MachineFault.StopTimeout, "the process does not end");
        }
    }

    private async Task UndoLinkAsync(string profile, string name, CancellationToken ct)
    {
        var alias = AliasOf(Path.Combine(linkFolder, name));
        var result = await Programs.TryRunAsync("ip", ["link", "delete", name], null, ct);
        // A veth vanishes with the other end's namespace, perhaps between a look and the deletion, so look afterwards.
        if (result.ExitCode != 0 && HostNetwork.LinkExists(name))
        {
            throw new MachineException(MachineFault.Undo, result.Error.Trim());
        }

        RestoreInherited(profile, alias);
    }

    // Adding a table that may exist and deleting it is one transaction that succeeds either way.
    private static Task<string> UndoTableAsync(string table, CancellationToken ct) =>
        Programs.RunAsync("nft", ["-f", "-"], $"add table {table}\ndelete table {table}\n", ct);

    private async Task UndoCgroupAsync(string folder, CancellationToken ct)
    {
        if (!await MachineCgroup.RemoveAsync(folder, time, ct))
        {
            throw new MachineException(MachineFault.Undo, "it is still in use");
        }
    }

    // Another profile (of this home or another) may need the setting by now: then the duty to restore it passes on to that one's bridge, unless it goes at this moment.
    private void UndoSysctl(string profile, string path, string before)
    {
        var own = new HostNames(home.IdOf(profile)).Bridge;
        if (!Directory.EnumerateFileSystemEntries(linkFolder, HostNames.BridgePrefix + "*").Any(p => Path.GetFileName(p) != own && TryPassOn(p, path, before)))
        {
            File.WriteAllText(path, before);
        }
    }

    private static bool TryPassOn(string bridge, string path, string before)
    {
        try
        {
            File.WriteAllText(Path.Combine(bridge, "ifalias"), Inherit(AliasOf(bridge), path, before));
            return true;
        }
        catch (IOException)
        {
            return false; // the bridge is gone
        }
    }

    private void RestoreInherited(string profile, string? alias)
    {
        foreach (var (path, before) in Inherited(alias))
        {
            UndoSysctl(profile, path, before);
        }
    }

    /// <summary>The alias of a link with one more setting to restore; of two values for one setting the first one holds.</summary>
    internal static string Inherit(string? alias, string path, string before)
    {
        var all = Inherited(alias);
        return InheritedMark + string.Join(';', (all.Any(s => s.Path == path) ? all : [.. all, (path, before)]).Select(s => $"{s.Path}={s.Before}"));
    }

    /// <summary>The settings that the alias of a link tells to restore.</summary>
    internal static IReadOnlyList<(string Path, string Before)> Inherited(string? alias) =>
        alias is null || !alias.StartsWith(InheritedMark, StringComparison.Ordinal)
            ? []
            : [.. alias[InheritedMark.Length..].Split(';').Select(s => (Text: s, At: s.LastIndexOf('='))).Where(s => s.At > 0).Select(s => (s.Text[..s.At], s.Text[(s.At + 1)..]))];

    private static string? AliasOf(string link)
    {
        try
        {
            return File.ReadAllText(Path.Combine(link, "ifalias")).Trim();
        }
        catch (IOException)
        {
            return null; // the link is gone, or goes at this moment with the namespace at its other end
        }
    }
}

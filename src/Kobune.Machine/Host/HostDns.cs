using Kobune.Machine.State;

namespace Kobune.Machine.Host;

/// <summary>How a host sends the questions about one domain to a server.</summary>
public enum ResolverKind
{
    /// <summary>A folder of files named after domains (macOS).</summary>
    Folder,

    /// <summary>systemd-resolved, which knows routes for domains.</summary>
    Resolved,

    /// <summary>A plain resolv.conf: the server stands first, and leaves other names to those after it.</summary>
    ResolvConf,
}

/// <summary>
/// The entry by which the host's resolver asks a cluster about a domain. It is written down in the profile's journal before it is made, and outlives a
/// reboot; <see cref="UndoAsync"/> takes it away.
/// </summary>
/// <param name="root">"/", or a folder that stands for it in tests.</param>
/// <param name="isMac">Whether the host is a Mac.</param>
public sealed class HostDns(string root, bool isMac)
{
    private const string Mark = "# kobune ";

    /// <summary>This host's own.</summary>
    public static HostDns OfHost { get; } = new("/", OperatingSystem.IsMacOS());

    /// <summary>The way that works here.</summary>
    public ResolverKind Kind => isMac ? ResolverKind.Folder : LinksToResolved() ? ResolverKind.Resolved : ResolverKind.ResolvConf;

    private string ResolvConf => Path.Combine(root, "etc/resolv.conf");

    /// <summary>Makes the entry, in place of an earlier one of the profile.</summary>
    /// <param name="journal">The profile's.</param>
    /// <param name="id">Names the profile, <see cref="MachineHome.IdOf"/>.</param>
    /// <param name="domain">"test".</param>
    /// <param name="server">The node's address.</param>
    /// <param name="ct">Ends the call of the resolver's service.</param>
    /// <returns>The file that tells it.</returns>
    /// <exception cref="MachineException">The file is somebody else's.</exception>
    public async Task<string> InstallAsync(Journal journal, string id, string domain, string server, CancellationToken ct)
    {
        var kind = Kind;
        var file = kind switch
        {
            ResolverKind.Folder => Path.Combine(root, "etc/resolver", domain),
            ResolverKind.Resolved => Path.Combine(root, "etc/systemd/resolved.conf.d", $"kobune-{id}.conf"),
            _ => ResolvConf,
        };
        if (kind != ResolverKind.ResolvConf && File.Exists(file) && !(await File.ReadAllTextAsync(file, ct)).StartsWith(Mark, StringComparison.Ordinal))
        {
            throw new MachineException(MachineFault.Provision, $"{file} exists and was not made by Kobune");
        }

        journal.Record(HostChangeKind.Resolver, "", file, id);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var text = kind switch
        {
            ResolverKind.Folder => $"{Mark}{id}\nnameserver {server}\nsearch_order 1\ntimeout 5\n",
            ResolverKind.Resolved => $"{Mark}{id}\n[Resolve]\nDNS={server}\nDomains=~{domain}\n",
            _ => $"{Mark}{id}\nnameserver {server}\n{Without(File.Exists(file) ? await File.ReadAllTextAsync(file, ct) : "", id)}",
        };
        await File.WriteAllTextAsync(file, text, ct);
        await ReloadAsync(file, ct);
        return file;
    }

    /// <summary>Takes an entry away; nothing to do when it is gone already.</summary>
    public static async Task UndoAsync(HostChange change, CancellationToken ct)
    {
        if (!File.Exists(change.Name))
        {
            return;
        }

        var text = await File.ReadAllTextAsync(change.Name, ct);
        if (Path.GetFileName(change.Name) == "resolv.conf")
        {
            if (Without(text, change.Value) is var rest && rest != text)
            {
                await File.WriteAllTextAsync(change.Name, rest, ct); // in place: a container's resolv.conf is a mount and cannot be renamed over
            }
        }
        else if (text.StartsWith(Mark + change.Value + "\n", StringComparison.Ordinal))
        {
            File.Delete(change.Name);
            await ReloadAsync(change.Name, ct);
        }
    }

    /// <summary>A resolv.conf without a profile's two lines.</summary>
    internal static string Without(string text, string id)
    {
        var lines = text.Split('\n').ToList();
        var at = lines.IndexOf(Mark + id);
        if (at >= 0)
        {
            lines.RemoveRange(at, Math.Min(2, lines.Count - at));
        }

        return string.Join('\n', lines);
    }

    private bool LinksToResolved() =>
        new FileInfo(ResolvConf) is { LinkTarget: { } target } && target.Contains("systemd/resolve", StringComparison.Ordinal);

    /// <summary>systemd-resolved reads its files when it starts; when it does not run, or in a test, there is nobody to tell.</summary>
    private static async Task ReloadAsync(string file, CancellationToken ct)
    {
        if (file.StartsWith("/etc/systemd/", StringComparison.Ordinal))
        {
            await Programs.TryRunAsync("systemctl", ["try-restart", "systemd-resolved"], null, ct);
        }
    }
}

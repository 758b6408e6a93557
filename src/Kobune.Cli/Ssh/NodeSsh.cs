using System.Diagnostics;
using System.Net.Sockets;
using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Packages;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Machine;
using Kobune.Machine.Host;

namespace Kobune.Cli.Ssh;

/// <summary>
/// The SSH server of a node, for programs that know no other way in. A native node needs none for itself, so it is made when its key is asked for
/// first: dropbear on the node's own address, with keys alone. Afterwards it comes with each start of the machine.
/// </summary>
internal sealed class NodeSsh(CommandContext context)
{
    private const string InNode = "/var/lib/kobune/ssh";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The user's private key for a node, in OpenSSH's format; the server runs when it returns.</summary>
    public async Task<string> EnsureAsync(ProfileNode node, CancellationToken ct)
    {
        await PackageInstaller.Create(context.Reporter()).EnsureAsync([Package.Ssh], true, ct);
        var key = Path.Combine(context.Home.Machine(node.Name), "id_ed25519");
        var folder = FolderOf(node);
        if (!File.Exists(Path.Combine(folder, "host_key")))
        {
            await MakeKeysAsync(node, key, folder, ct);
        }

        if (!await AnswersAsync(node, ct))
        {
            await StartAsync(node, ct);
        }

        return key;
    }

    /// <summary>The node's host key as a line of known_hosts.</summary>
    public async Task<string> HostLineAsync(ProfileNode node, CancellationToken ct)
    {
        await EnsureAsync(node, ct);
        return $"{node.IP} {await PublicAsync(Path.Combine(FolderOf(node), "host_key"), ct)}";
    }

    private string FolderOf(ProfileNode node) => Path.Combine(ClusterKeys.DataFolderOf(context.Home, node.Name), "ssh");

    private static async Task MakeKeysAsync(ProfileNode node, string key, string folder, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        Restrict(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var own = Path.Combine(folder, "user_key");
        foreach (var file in new[] { own, Path.Combine(folder, "host_key"), key })
        {
            File.Delete(file);
        }

        await Programs.RunAsync("dropbearkey", ["-t", "ed25519", "-f", own], ct);
        await Programs.RunAsync("dropbearconvert", ["dropbear", "openssh", own, key], ct);
        Restrict(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(Path.Combine(folder, "authorized_keys"), await PublicAsync(own, ct) + "\n", ct);
        await File.WriteAllTextAsync(Path.Combine(folder, "listen"), node.IP + ":22\n", ct);
        File.Delete(own);
        await Programs.RunAsync("dropbearkey", ["-t", "ed25519", "-f", Path.Combine(folder, "host_key")], ct); // last: its presence says that all is there
    }

    private static void Restrict(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    /// <summary>"ssh-ed25519 AAAA...", without the comment.</summary>
    private static async Task<string> PublicAsync(string key, CancellationToken ct)
    {
        var said = await Programs.RunAsync("dropbearkey", ["-y", "-f", key], ct);
        var words = said.Split('\n').First(l => l.StartsWith("ssh-", StringComparison.Ordinal)).Split(' ');
        return words[0] + " " + words[1];
    }

    private async Task StartAsync(ProfileNode node, CancellationToken ct)
    {
        const string Script = "mkdir -p /root/.ssh && chmod 700 /root /root/.ssh && cp " + InNode + "/authorized_keys /root/.ssh/ && chmod 600 /root/.ssh/authorized_keys && "
            + "exec dropbear -s -r " + InNode + "/host_key -p \"$(cat " + InNode + "/listen)\"";
        var start = context.Driver.CommandIn(node.Name, ["/bin/sh", "-c", Script]);
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        var began = context.Time.GetTimestamp();
        while (!await AnswersAsync(node, ct))
        {
            if (process.ExitCode != 0 || context.Time.GetElapsedTime(began) > Patience)
            {
                throw new CliException(Reason.SshClient, Message.SshServerFailed, node.Name, error.Trim());
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), context.Time, ct);
        }
    }

    private static async Task<bool> AnswersAsync(ProfileNode node, CancellationToken ct)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(node.IP, 22, ct);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

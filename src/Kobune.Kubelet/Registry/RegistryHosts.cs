using System.Net;
using System.Text;

namespace Kobune.Kubelet.Registry;

/// <summary>
/// Which servers containerd asks for an image: the files HOST/hosts.toml below /etc/containerd/certs.d, read anew at each pull. Everywhere the node's own
/// view comes first. Pure.
/// </summary>
public static class RegistryHosts
{
    /// <summary>How the first line of each file begins that Kobune wrote; others are the user's and stay as they are.</summary>
    public const string Mark = "# Written by kobune for ";

    /// <summary>The folder for every host that has none of its own.</summary>
    public const string Default = "_default";

    private const string DockerHub = "docker.io";

    /// <summary>The files of a node, by folder.</summary>
    /// <param name="view">"http://127.0.0.1:10055".</param>
    /// <param name="mirrors">Of --registry-mirror: URLs that are asked for Docker Hub's images before itself.</param>
    /// <param name="insecure">Of --insecure-registry: "host" or "host:port", whose certificate is not checked and which may speak plain HTTP. Ranges are <see cref="InsecureRanges"/>'.</param>
    public static IReadOnlyDictionary<string, string> Files(string view, IReadOnlyList<string> mirrors, IReadOnlyList<string> insecure)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal) { [Default] = Text(view, []) };
        var skipping = insecure.Where(i => NetworkOf(i) is null).Select(HostOf).Where(h => !h.Contains('/')).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (mirrors.Count > 0)
        {
            files[DockerHub] = Text(view, [.. mirrors.Select(m => new Server(m, IsSafe: !skipping.Contains(HostOf(m))))]);
        }

        foreach (var host in skipping)
        {
            files[host] = Insecure(view, host);
        }

        return files;
    }

    /// <summary>The file of a registry whose certificate is not checked and which may speak plain HTTP.</summary>
    public static string Insecure(string view, string host) => Text(view, [new("https://" + host, IsSafe: false), new("http://" + host)], mayPush: true);

    /// <summary>The range that a value of --insecure-registry is; null for a host.</summary>
    public static IPNetwork? NetworkOf(string registry)
    {
        var slash = registry.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !IPAddress.TryParse(registry[..slash], out var address) || !int.TryParse(registry[(slash + 1)..], out var length))
        {
            return null;
        }

        var bytes = address.GetAddressBytes();
        if (length < 0 || length > bytes.Length * 8)
        {
            return null;
        }

        for (var bit = length; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8)); // 10.96.3.4/12 means 10.96.0.0/12, as Go reads it
        }

        return new(new(bytes), length);
    }

    /// <summary>The file of a host whose images another server has, in plain HTTP.</summary>
    public static string Alias(string view, string server) => Text(view, [new(server)], "an addon", server, mayPush: true);

    /// <summary>"registry.test:5000" of "http://registry.test:5000/".</summary>
    public static string HostOf(string registry)
    {
        var scheme = registry.IndexOf("://", StringComparison.Ordinal);
        return (scheme < 0 ? registry : registry[(scheme + 3)..]).TrimEnd('/').ToLowerInvariant();
    }

    private static string Text(string view, IReadOnlyList<Server> servers, string owner = "its options", string? fallback = null, bool mayPush = false)
    {
        var text = new StringBuilder(Mark).Append(owner).Append('\n');
        if (fallback is not null)
        {
            text.Append("server = \"").Append(fallback).Append("\"\n");
        }

        text.Append("[host.\"").Append(view).Append("\"]\n  capabilities = [\"pull\", \"resolve\"]\n");
        foreach (var server in servers)
        {
            text.Append("[host.\"").Append(server.Url.TrimEnd('/')).Append("\"]\n  capabilities = [\"pull\", \"resolve\"");
            text.Append(mayPush ? ", \"push\"]\n" : "]\n");
            if (!server.IsSafe)
            {
                text.Append("  skip_verify = true\n");
            }
        }

        return text.ToString();
    }

    private sealed record Server(string Url, bool IsSafe = true);
}

/// <summary>Writes and takes away hosts.toml files.</summary>
/// <param name="folder">/etc/containerd/certs.d.</param>
public sealed class RegistryHostsFolder(string folder)
{
    /// <summary>Where containerd of a node looks.</summary>
    public const string OfNode = "/etc/containerd/certs.d";

    /// <summary>Whether anybody wrote a file for a host.</summary>
    public bool Has(string host) => File.Exists(FileOf(host));

    /// <summary>A host's file; empty when there is none.</summary>
    public string Read(string host) => Has(host) ? File.ReadAllText(FileOf(host)) : "";

    /// <summary>Writes a host's file, by a rename; one that the user wrote stays.</summary>
    /// <returns>Whether the file is Kobune's.</returns>
    public bool Write(string host, string text)
    {
        var file = FileOf(host);
        if (!IsOurs(file))
        {
            return false;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file + ".new", text);
        File.Move(file + ".new", file, overwrite: true);
        return true;
    }

    /// <summary>Takes a host's file away, unless the user wrote it.</summary>
    public void Remove(string host)
    {
        var file = FileOf(host);
        if (File.Exists(file) && IsOurs(file))
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    /// <summary>Writes the files of the start options, and takes away those of options that are no longer given.</summary>
    public void WriteAll(IReadOnlyDictionary<string, string> files)
    {
        foreach (var (host, text) in files)
        {
            Write(host, text);
        }

        foreach (var host in OfOptions().Where(h => !files.ContainsKey(h)))
        {
            Remove(host);
        }
    }

    private List<string> OfOptions() =>
        Directory.Exists(folder) ? [.. Directory.EnumerateDirectories(folder).Select(d => Path.GetFileName(d)).Where(h => FirstLine(FileOf(h)) == RegistryHosts.Mark + "its options")] : [];

    private string FileOf(string host) => Path.Combine(folder, host, "hosts.toml");

    private static bool IsOurs(string file) => !File.Exists(file) || FirstLine(file).StartsWith(RegistryHosts.Mark, StringComparison.Ordinal);

    private static string FirstLine(string file) => File.Exists(file) ? File.ReadLines(file).FirstOrDefault() ?? "" : "";
}

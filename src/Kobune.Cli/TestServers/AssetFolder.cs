using Kobune.Api.Schema;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.TestServers;

/// <summary>A folder for KUBEBUILDER_ASSETS: links by upstream's names to this program, which behaves as what it is called.</summary>
internal static class AssetFolder
{
    private static readonly string[] Names = ["etcd", "kube-apiserver", "kubectl"];

    /// <summary>Makes it, or makes it anew; a real program of these names is not touched.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="program">This program.</param>
    /// <param name="version">The release to serve; null for the default.</param>
    /// <exception cref="CliException">A file of such a name is there that is no link.</exception>
    public static void Write(string folder, string program, KubernetesVersion? version)
    {
        Directory.CreateDirectory(folder);
        foreach (var path in Names.Select(n => Path.Combine(folder, n)))
        {
            var there = new FileInfo(path);
            if (there.LinkTarget is not null)
            {
                there.Delete();
            }
            else if (there.Exists || Directory.Exists(path))
            {
                throw new CliException(Reason.Usage, Message.TestServerAssetThere, path);
            }

            File.CreateSymbolicLink(path, program);
        }

        var file = Path.Combine(folder, StandIns.VersionFile);
        if (version is { } chosen)
        {
            File.WriteAllText(file, chosen + "\n");
        }
        else
        {
            File.Delete(file);
        }
    }
}

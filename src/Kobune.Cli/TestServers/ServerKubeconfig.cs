using Kobune.Cli.Kubeconfig;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.TestServers;

/// <summary>The kubeconfig file that a test server writes where it was told to; it goes with the server. A file that is not a test server's is never replaced.</summary>
internal sealed class ServerKubeconfig : IDisposable
{
    private const string Mark = "current-context: kobune-test";

    private ServerKubeconfig(string path)
    {
        Path = path;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Refuses what must not be replaced: before the server starts.</summary>
    /// <exception cref="CliException">The file is somebody else's.</exception>
    public static void Check(string? path)
    {
        if (path is not null && File.Exists(path) && !File.ReadAllText(path).Contains(Mark, StringComparison.Ordinal))
        {
            throw new CliException(Reason.KubeconfigUpdate, Message.TestServerKubeconfigThere, path);
        }
    }

    /// <summary>Writes it whole, readable by its owner alone.</summary>
    public static ServerKubeconfig Write(string path, string text)
    {
        var full = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
        PrivateFile.Write(full, text);
        return new(full);
    }

    /// <inheritdoc/>
    public void Dispose() => File.Delete(Path);
}

using System.Runtime.InteropServices;
using Kobune.Api.Schema;

namespace Kobune.Cli.TestServers;

/// <summary>
/// Programs that the tests of operators start by upstream's names from the folder of KUBEBUILDER_ASSETS (controller-runtime's envtest and what is like it): they end with
/// SIGTERM, and speak English, as those do.
/// </summary>
internal static class StandIns
{
    /// <summary>The file beside the links that names the release of Kubernetes to serve.</summary>
    public const string VersionFile = "kubernetes-version";

    /// <summary>Runs one until it is asked to end; what goes wrong is one line and exit code 1.</summary>
    public static async Task<int> RunAsync(Func<CancellationToken, Task> run, TextWriter error)
    {
        using var end = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => { c.Cancel = true; end.Cancel(); });
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, c => { c.Cancel = true; end.Cancel(); });
        try
        {
            await run(end.Token);
            return 0;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e)
        {
            await error.WriteLineAsync($"Error: {e.Message.ReplaceLineEndings(" ")}");
            return 1;
        }
    }

    /// <summary>The release that the folder of the links says, or the default.</summary>
    public static KubernetesVersion Version(string folder)
    {
        var file = Path.Combine(folder, VersionFile);
        return KubernetesVersion.ParseOrNewest(File.Exists(file) ? File.ReadAllText(file).Trim() : "");
    }

    /// <summary>The lines of a flag list, as pflag prints it: programs look for "--name" at the start of a line.</summary>
    public static string FlagLines(IEnumerable<string> names) => string.Concat(names.Order(StringComparer.Ordinal).Select(n => $"      --{n} string\n"));
}

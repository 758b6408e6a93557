using System.Diagnostics;
using System.Globalization;
using Kobune.Client;
using Microsoft.Extensions.Logging;

namespace Kobune.Node.Registries;

/// <summary>How the registry's program is run.</summary>
internal sealed record RegistryProgramOptions
{
    /// <summary>Debian's program.</summary>
    public string Program { get; init; } = "docker-registry";

    /// <summary>Where its images are; kept over restarts and while the addon is off.</summary>
    public required string Data { get; init; }

    /// <summary>What it says.</summary>
    public required string Log { get; init; }

    /// <summary>Its configuration and number are written here.</summary>
    public string RunFolder { get; init; } = "/run/kobune";

    /// <summary>On all addresses of the node.</summary>
    public required int Port { get; init; }
}

/// <summary>Runs docker-registry as a child of the node process for as long as its addon is on. Its end is the component's fault, so it comes back with back-off.</summary>
internal sealed partial class RegistryProgram(RegistryProgramOptions options, Func<CancellationToken, Task> ensure, ILoggerFactory loggers) : IComponent
{
    private readonly ILogger _logger = loggers.CreateLogger("Kobune.Node.Registry");

    public string Name => "registry";

    private string NumberFile => Path.Combine(options.RunFolder, "registry.pid");

    public async Task RunAsync(CancellationToken ct)
    {
        await ensure(ct);
        EndFormer();
        using var process = Start();
        LogStarted(process.Id, options.Port);
        try
        {
            await process.WaitForExitAsync(ct);
            throw new InvalidOperationException($"docker-registry ended with {process.ExitCode}; see {options.Log}");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            File.Delete(NumberFile);
        }
    }

    /// <summary>Its configuration. Images may be deleted; nothing is asked of who pushes, as in minikube's addon.</summary>
    internal static string Configuration(RegistryProgramOptions options) => $$"""
        version: 0.1
        log:
          level: info
        storage:
          cache:
            blobdescriptor: inmemory
          filesystem:
            rootdirectory: {{options.Data}}
          delete:
            enabled: true
        http:
          addr: 0.0.0.0:{{options.Port.ToString(CultureInfo.InvariantCulture)}}
          headers:
            X-Content-Type-Options: [nosniff]

        """;

    private Process Start()
    {
        Directory.CreateDirectory(options.Data);
        Directory.CreateDirectory(options.RunFolder);
        Directory.CreateDirectory(Path.GetDirectoryName(options.Log)!);
        var file = Path.Combine(options.RunFolder, "registry.yml");
        File.WriteAllText(file, Configuration(options));
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1", "sh", options.Log, options.Program, "serve", file]);
        start.Environment["OTEL_TRACES_EXPORTER"] = "none";
        var process = Process.Start(start)!;
        File.WriteAllText(NumberFile, process.Id.ToString(CultureInfo.InvariantCulture));
        return process;
    }

    // A node process that was killed could not take its child with it; the port is still that one's.
    private void EndFormer()
    {
        if (!File.Exists(NumberFile) || !int.TryParse(File.ReadAllText(NumberFile), CultureInfo.InvariantCulture, out var number))
        {
            return;
        }

        try
        {
            using var former = Process.GetProcessById(number);
            if (File.ReadAllText($"/proc/{number}/cmdline").Contains(Path.Combine(options.RunFolder, "registry.yml"), StringComparison.Ordinal))
            {
                former.Kill();
                former.WaitForExit(TimeSpan.FromSeconds(5));
            }
        }
        catch (Exception e) when (e is ArgumentException or IOException or System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            // gone already
        }
    }

    [LoggerMessage(LogLevel.Information, "docker-registry runs as {Number} on port {Port}")]
    private partial void LogStarted(int number, int port);
}

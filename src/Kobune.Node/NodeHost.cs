using Kobune.ControlPlane;
using Kobune.ControlPlane.Hosting;
using Kobune.Node.Memory;
using Kobune.Node.Roles;
using Microsoft.Extensions.Logging;

namespace Kobune.Node;

/// <summary>
/// Composition root of the node process. Stages: (1) the control plane with its store, if the node has that role; (2) kubelet, proxy and DNS, if it runs
/// pods. Stopping runs them in reverse. Only the store and the API server end the process; every other part starts again by itself.
/// </summary>
public static class NodeHost
{
    /// <summary>Runs the node until it is asked to end.</summary>
    public static async Task RunAsync(NodeConfig config, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(config);
        using var loggers = LoggerFactory.Create(logging => logging
            .SetMinimumLevel(LogLevel.Information)
            .AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
                console.ColorBehavior = Microsoft.Extensions.Logging.Console.LoggerColorBehavior.Disabled;
            }));
        await using var controlPlane = config.IsControlPlane ? await ControlPlaneRole.StartAsync(config, TimeProvider.System, loggers, ct) : null;
        using var clients = controlPlane is null ? WorkerClients.OverHttps(config, TimeProvider.System) : WorkerClients.InProcess(controlPlane.Host.Clients, config);
        await using var components = new ComponentHost(TimeProvider.System, loggers);
        if (config.IsWorker)
        {
            WorkerRole.Start(config, clients, controlPlane?.Certificates, components, TimeProvider.System, loggers);
        }

        components.Start(new UnusedMemory(TimeProvider.System, loggers.CreateLogger<UnusedMemory>()));
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        }
        catch (OperationCanceledException)
        {
            // asked to end: the parts stop in reverse order
        }
    }
}

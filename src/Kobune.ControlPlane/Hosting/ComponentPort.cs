using System.Net;
using Kobune.Api.Clocks;
using Kobune.Api.Metrics;
using Kobune.ApiServer;
using Kobune.ApiServer.Health;
using Kobune.Client;

namespace Kobune.ControlPlane.Hosting;

/// <summary>The port of a component, open as long as it runs. A port that somebody else holds is tried again with back-off, as every component is.</summary>
internal sealed class ComponentPort(string component, ApiServerHost server, IPEndPoint listen, IReadOnlyList<MetricFamily> families, Func<IReadOnlyList<ComponentStatus>> states, IReadOnlyList<HealthCheck> parts) : IComponent
{
    public string Name => component + "-port";

    public async Task RunAsync(CancellationToken ct)
    {
        await using var port = server.ServerOf(listen, families, [new HealthCheck("ping", () => null), new HealthCheck(component, Failure), .. parts]);
        await port.StartAsync(ct);
        await new TaskCompletionSource().Task.UntilAsync(ct);
    }

    private string? Failure() => states().FirstOrDefault(s => s.Name == component) is { State: ComponentState.BackingOff } failed ? failed.LastError : null;
}

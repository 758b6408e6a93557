using Kobune.Client;
using Kobune.Client.Informers;
using Microsoft.Extensions.Logging;

namespace Kobune.ControllerManager;

/// <summary>
/// All controllers over one set of shared caches. Each is a fault domain: one whose loop faults starts again with back-off while the others go on.
/// </summary>
public sealed partial class ControllerManagerComponent(IClientFactory clients, ControllerManagerOptions options, TimeProvider time, ILoggerFactory loggers) : IComponent
{
    private const string Identity = "system:kube-controller-manager";
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private readonly ILogger _logger = loggers.CreateLogger<ControllerManagerComponent>();

    /// <inheritdoc/>
    public string Name => "kube-controller-manager";

    /// <summary>Names of the controllers, in the order of their start.</summary>
    public static IReadOnlyList<string> Controllers => [.. ControllerList.All.Select(c => c.Name)];

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken ct)
    {
        var shared = clients.For(Identity);
        var informers = new InformerFactory(shared, time, loggers);
        var context = new ControllerContext(options, clients, shared, informers, time, loggers);
        var loops = ControllerList.All.Where(c => !options.Disabled.Contains(c.Name) && ControllerList.IsServed(c.Name, options.Features)).Select(c => c.Create(context)).ToList();
        try
        {
            await Task.WhenAll(loops.Select(l => SuperviseAsync(l, ct)).Prepend(informers.RunAsync(ct)));
        }
        finally
        {
            loops.ForEach(l => l.Dispose());
        }
    }

    private async Task SuperviseAsync(ControllerLoop loop, CancellationToken ct)
    {
        var pause = FirstPause;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await loop.RunAsync(ct);
                return;
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogFault(loop.Name, pause, e);
            }

            try
            {
                await Task.Delay(pause, time, ct);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    [LoggerMessage(LogLevel.Error, "Controller {Controller} ended and starts again in {Pause}")]
    private partial void LogFault(string controller, TimeSpan pause, Exception error);
}

using System.Collections.Concurrent;
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
    private readonly ConcurrentDictionary<string, bool> _stopped = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _faults = new(StringComparer.Ordinal);
    private volatile IReadOnlyList<ControllerSwitch> _switches = [];
    private readonly ILogger _logger = loggers.CreateLogger<ControllerManagerComponent>();

    /// <inheritdoc/>
    public string Name => "kube-controller-manager";

    /// <summary>Names of the controllers, in the order of their start.</summary>
    public static IReadOnlyList<string> Controllers => [.. ControllerList.All.Select(c => c.Name)];

    /// <summary>The controllers that run here, each with why it does not work now: null as long as it does. A controller whose loop faulted fails until it starts again.</summary>
    public IReadOnlyList<(string Name, Func<string?> Failure)> Checks => [.. Chosen.Select(c => (c.Name, (Func<string?>)(() => _faults.GetValueOrDefault(c.Name))))];

    private IEnumerable<(string Name, Func<ControllerContext, ControllerLoop> Create)> Chosen => ControllerList.All.Where(c => ControllerList.Runs(c.Name, options));

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken ct)
    {
        var shared = clients.For(Identity);
        var informers = new InformerFactory(shared, time, loggers);
        var context = new ControllerContext(options, clients, shared, informers, time, loggers);
        var loops = Chosen.Select(c => new ControllerSwitch(c.Name, c.Create(context), !_stopped.ContainsKey(c.Name))).ToList();
        _switches = loops;
        try
        {
            await Task.WhenAll(loops.Select(l => SuperviseAsync(l, ct)).Prepend(informers.RunAsync(ct)));
        }
        finally
        {
            _switches = [];
            loops.ForEach(l => l.Dispose());
        }
    }

    /// <summary>Stops one controller while the others run on; ends when it has. Nothing that it had in hand is finished.</summary>
    /// <exception cref="ArgumentException">No controller of this name runs.</exception>
    public async Task StopControllerAsync(string name)
    {
        await Find(name).StopAsync();
        _stopped[name] = true;
    }

    /// <summary>Starts a stopped controller again.</summary>
    public void StartController(string name)
    {
        _stopped.TryRemove(name, out _);
        Find(name).Start();
    }

    private ControllerSwitch Find(string name) => _switches.FirstOrDefault(s => s.Name == name) ?? throw new ArgumentException($"No controller runs under the name {name}", nameof(name));

    private async Task SuperviseAsync(ControllerSwitch loop, CancellationToken ct)
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
                _faults[loop.Name] = e.Message;
                LogFault(loop.ShortName, pause, e);
            }

            try
            {
                await Task.Delay(pause, time, ct);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            _faults.TryRemove(loop.Name, out _);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    [LoggerMessage(LogLevel.Error, "Controller {Controller} ended and starts again in {Pause}")]
    private partial void LogFault(string controller, TimeSpan pause, Exception error);
}

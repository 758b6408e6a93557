using Kobune.Api;
using Kobune.Api.Clocks;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.ControllerManager.Metrics;
using Microsoft.Extensions.Logging;

namespace Kobune.ControllerManager.GarbageCollector;

/// <summary>Follows every kind of the server, and works off what the graph asks for.</summary>
internal sealed partial class Collector : IDisposable
{
    private const int Workers = 20;
    private readonly WorkQueue<string> _deletes;
    private readonly WorkQueue<string> _orphans;
    private readonly ResourceMonitors _monitors;
    private readonly DependentRemover _remover;
    private readonly ILogger _logger;

    public Collector(IClient client, IEventRecorder events, ControllerManagerMetrics metrics, TimeProvider time, ILogger logger)
    {
        _logger = logger;
        _deletes = new(time, meter: state => metrics.Queues.Of("garbage_collector_attempt_to_delete", state));
        _orphans = new(time, meter: state => metrics.Queues.Of("garbage_collector_attempt_to_orphan", state));
        var kinds = new OwnerKinds();
        var graph = new OwnerGraph(_deletes.Add, _orphans.Add);
        _monitors = new(client, graph, kinds, metrics.Upkeep, time, logger);
        _remover = new(graph, kinds, new LiveObjects(new(client.Transport, time)), events, _deletes.Add, _monitors.LookAgain);
    }

    public async Task RunAsync(CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var monitors = _monitors.RunAsync(stop.Token);
        try
        {
            await Task.WhenAny(_monitors.FirstSync, monitors); // nothing is judged before everything was seen once
            var workers = Enumerable.Range(0, Workers).Select(_ => WorkAsync(_deletes, _remover.DeleteAsync, stop.Token))
                .Append(WorkAsync(_orphans, OrphanAsync, stop.Token));
            var all = workers.Append(monitors).ToList();
            await await Task.WhenAny(all); // the first to end ends with a fault, or with us
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The normal end.
        }
        finally
        {
            await stop.CancelHereAsync();
            await monitors;
        }
    }

    public void Dispose()
    {
        _deletes.Dispose();
        _orphans.Dispose();
    }

    private async Task<bool> OrphanAsync(string uid, CancellationToken ct)
    {
        await _remover.OrphanAsync(uid, ct);
        return false;
    }

    private async Task WorkAsync(WorkQueue<string> queue, Func<string, CancellationToken, Task<bool>> work, CancellationToken ct)
    {
        await Task.Yield();
        while (true)
        {
            var uid = await queue.TakeAsync(ct);
            try
            {
                if (await work(uid, ct))
                {
                    queue.AddRateLimited(uid);
                }
                else
                {
                    queue.Forget(uid);
                }
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                throw;
            }
            catch (Exception e)
            {
                LogFailed(uid, e.Message);
                queue.AddRateLimited(uid);
            }

            queue.Done(uid);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Garbage collection of {Uid} comes again: {Error}")]
    private partial void LogFailed(string uid, string error);
}

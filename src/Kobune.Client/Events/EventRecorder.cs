using System.Threading.Channels;
using Kobune.Api;
using Kobune.Api.Clocks;
using Kobune.Api.Core.V1;
using Microsoft.Extensions.Logging;

namespace Kobune.Client.Events;

/// <summary>
/// Records Events about objects, as upstream's broadcaster with its correlator: similar ones are aggregated, repeated ones counted, floods cut.
/// Recording never blocks and never fails its caller: of more than <see cref="Capacity"/> events that wait, the newest are dropped and counted.
/// </summary>
public sealed partial class EventRecorder : IEventRecorder, IComponent
{
    /// <summary>Events that may wait to be written.</summary>
    public const int Capacity = 1000;

    private const int MaxAttempts = 12; // client-go's maxTriesPerEvent
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(10);
    private readonly IClient _client;
    private readonly EventSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EventCorrelator _correlator;
    private readonly Channel<Event> _channel;
    private long _dropped;
    private long _written;

    /// <summary>A recorder for one component, "kubelet" on a host or "deployment-controller" on none.</summary>
    public EventRecorder(IClient client, string component, string host, TimeProvider time, ILogger logger)
    {
        _client = client;
        _source = new EventSource { Component = component, Host = host };
        _time = time;
        _logger = logger;
        _correlator = new(time);
        _channel = Channel.CreateBounded<Event>(new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    }

    /// <inheritdoc/>
    public string Name => "events of " + _source.Component;

    /// <summary>Events lost because too many waited.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Events that were taken from the queue and written, or given up.</summary>
    public long Handled => Interlocked.Read(ref _written);

    /// <inheritdoc/>
    public void Record(ObjectReference involved, string type, string reason, string message)
    {
        if (!_channel.Writer.TryWrite(EventFactory.Make(involved, type, reason, message, _source, _time.GetUtcNow())))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                var made = await _channel.Reader.ReadAsync(ct);
                if (_correlator.Correlate(made) is { } correlated)
                {
                    await WriteAsync(correlated, ct);
                }

                Interlocked.Increment(ref _written);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The normal end.
        }
    }

    private async Task WriteAsync(CorrelatedEvent correlated, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                _correlator.Wrote(await SendAsync(correlated, isFirst: attempt == 1, ct));
                return;
            }
            catch (ApiException e)
            {
                // The server said no (a namespace that goes away, a forbidden kind): it will not say yes later. Upstream drops it too.
                LogRejected(correlated.Event.Metadata.Name, e.Message);
                return;
            }
            catch (HttpRequestException e)
            {
                if (attempt >= MaxAttempts)
                {
                    LogGivenUp(correlated.Event.Metadata.Name, e.Message);
                    return;
                }

                await Task.Delay(RetryDelay * (attempt == 1 ? Dice.Of(_time).NextDouble() : 1), _time, ct);
            }
        }
    }

    private async Task<Event> SendAsync(CorrelatedEvent correlated, bool isFirst, CancellationToken ct)
    {
        var made = correlated.Event;
        if (correlated.Patch is { } patch)
        {
            try
            {
                return await _client.PatchAsync<Event>(made.Metadata.Namespace, made.Metadata.Name, patch, null, ct);
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                made = made with { Metadata = made.Metadata with { ResourceVersion = "", Uid = "", CreationTimestamp = null, ManagedFields = [] } }; // it expired meanwhile
            }
        }

        for (var moment = 1; ; moment++)
        {
            try
            {
                return await _client.CreateAsync(made, ct);
            }
            catch (ApiException e) when (e.IsAlreadyExists && isFirst && moment < EventFactory.MomentsInTick)
            {
                // Another event of the object in the same moment of this clock. After a broken connection it may be our own.
                made = made with { Metadata = made.Metadata with { Name = EventFactory.NameFor(made.InvolvedObject.Name, made.FirstTimestamp ?? default, moment) } };
            }
        }
    }

    [LoggerMessage(LogLevel.Debug, "The server rejected event {Name}: {Error}")]
    private partial void LogRejected(string name, string error);

    [LoggerMessage(LogLevel.Warning, "Event {Name} could not be written: {Error}")]
    private partial void LogGivenUp(string name, string error);
}

using System.Runtime.CompilerServices;
using Kobune.Api.Clocks;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Fairness;
using Kobune.ApiServer.Metrics;
using Kobune.ApiServer.Requests;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Pipeline;

/// <summary>
/// Priority and fairness: each request takes seats of its priority level until its answer is written, waits for them in a queue, or is refused with 429.
/// Streams do not count; watches do until they have begun. Source: k8s.io/apiserver, server/filters (priority-and-fairness.go).
/// </summary>
internal sealed class FairnessFilter(FlowControl flows, WorkEstimator estimator, WatchTracker watches, ApiMetrics metrics, TimeProvider time) : IApiFilter
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan MostPatience = TimeSpan.FromMinutes(1);

    private readonly DroppedRequests _dropped = new(time);

    public async ValueTask<ApiResult> InvokeAsync(ApiCall call, ApiHandler next, CancellationToken ct)
    {
        var isWatch = call.Info.Verb == "watch";
        if (!isWatch && IsLongRunning(call.Info))
        {
            return await next(call, ct);
        }

        var schema = flows.Classify(call);
        (call.FlowSchemaUid, call.PriorityLevelUid) = (schema.Uid, schema.Level.Object.Metadata.Uid);
        var estimate = estimator.Estimate(call, schema);
        schema.Seats.Observe(estimate.MaxSeats);
        var request = schema.Level.Start(schema, schema.Distinguisher(call.User!, call.Info), estimate, call, out var rejected) ?? throw Refused(schema, rejected);
        if (request.HasToWait)
        {
            await WaitAsync(request, ct);
        }
        else if (!schema.Level.IsExempt)
        {
            schema.Waited.Observe(0);
        }

        schema.Dispatches();
        var seats = new Seats(request, metrics, isWatch, isWatch || IsRead(call.Info), time);
        call.OnFinished(seats.GiveBack);
        if (!isWatch)
        {
            return await next(call, ct);
        }

        call.OnFinished(watches.Register(call.Info));
        var result = await next(call, ct);
        if (result is WatchResult watch && call.Query.Flag("sendInitialEvents") && call.Query.Flag("allowWatchBookmarks"))
        {
            return watch with { Events = UntilInitialEventsEndAsync(watch.Events, seats, default) };
        }

        seats.GiveBack();
        return result;
    }

    /// <summary>Upstream's long-running requests: watch and proxy verbs, and the streaming subresources.</summary>
    public static bool IsLongRunning(RequestInfo info) =>
        info.Verb is "watch" or "proxy" || info.Subresource is "attach" or "exec" or "proxy" or "log" or "portforward";

    /// <summary>Whether a request counts as a read.</summary>
    public static bool IsRead(RequestInfo info) => info.Verb is "get" or "list" or "watch" or "head" or "options";

    /// <summary>A quarter of the time that the request has in all.</summary>
    private static TimeSpan Patience(ApiCall call)
    {
        var timeout = call.Info.Verb != "watch" && Api.Schema.GoDuration.TryParse(call.Query.Get("timeout")) is > 0 and { } nanos ? TimeSpan.FromTicks(nanos / 100) : RequestTimeout;
        return timeout / 4 < MostPatience ? timeout / 4 : MostPatience;
    }

    private static async IAsyncEnumerable<WatchEvent> UntilInitialEventsEndAsync(IAsyncEnumerable<WatchEvent> events, Seats seats, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var item in events.WithCancellation(ct))
        {
            if (item.Type is not WatchEventType.Added)
            {
                seats.GiveBack(); // the bookmark that ends them, or an error
            }

            yield return item;
        }
    }

    private async Task WaitAsync(FlowRequest request, CancellationToken ct)
    {
        var began = time.GetTimestamp();
        using var patience = new CancellationTokenSource(Patience(request.Call), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            await request.Admitted.UntilAsync(either.Token);
        }
        catch (OperationCanceledException) when (request.Level.GiveUp(request))
        {
            request.Schema.WaitedInVain.Observe(time.GetElapsedTime(began).TotalSeconds);
            if (!ct.IsCancellationRequested)
            {
                throw Refused(request.Schema, "time-out");
            }

            flows.Metrics.Rejected(request.Schema, "cancelled");
            throw;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            request.Level.Finish(request); // admitted in the same moment
            throw;
        }
        catch (OperationCanceledException)
        {
            // its patience ended when its turn came
        }

        request.Schema.Waited.Observe(time.GetElapsedTime(began).TotalSeconds);
    }

    private StatusException Refused(FlowSchemaState schema, string reason)
    {
        flows.Metrics.Rejected(schema, reason);
        _dropped.Record(schema.Level.Name);
        return StatusErrors.Overloaded(_dropped.RetryAfter(schema.Level.Name));
    }

    /// <summary>The seats of one request, given back once.</summary>
    private sealed class Seats
    {
        private readonly FlowRequest _request;
        private readonly ApiMetrics _metrics;
        private readonly TimeProvider _time;
        private readonly bool _isWatch;
        private readonly bool _isRead;
        private int _isGiven;

        public Seats(FlowRequest request, ApiMetrics metrics, bool isWatch, bool isRead, TimeProvider time)
        {
            (_request, _metrics, _isWatch, _isRead, _time) = (request, metrics, isWatch, isRead, time);
            metrics.InFlight(!isRead, 1);
        }

        public void GiveBack()
        {
            if (Interlocked.Exchange(ref _isGiven, 1) != 0)
            {
                return;
            }

            _metrics.InFlight(!_isRead, -1);
            (_isWatch ? _request.Schema.Watched : _request.Schema.Served).Observe(_time.GetElapsedTime(_request.Started).TotalSeconds);
            _request.Level.Finish(_request);
        }
    }
}

using Kobune.Api.FlowControl.V1;
using Kobune.Api.Metrics;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Fairness;

/// <summary>A FlowSchema whose priority level exists, with the places where its requests are counted. Immutable but for the counts.</summary>
internal sealed class FlowSchemaState
{
    private readonly FlowSchema _object;
    private readonly long[] _dispatched;
    private readonly long[] _queuedRequests;
    private readonly long[] _queuedSeats;
    private readonly long[] _executingRequests;
    private readonly long[] _executingSeats;

    public FlowSchemaState(FlowSchema schema, PriorityLevel level, FairnessMetrics metrics)
    {
        (_object, Level) = (schema, level);
        var labels = new LabelValues(level.Name, Name);
        _dispatched = metrics.Dispatched.Cell(labels);
        _queuedRequests = metrics.QueuedRequests.Cell(labels);
        _queuedSeats = metrics.QueuedSeats.Cell(labels);
        _executingRequests = metrics.ExecutingRequests.Cell(labels);
        _executingSeats = metrics.ExecutingSeats.Cell(labels);
        QueueLength = metrics.QueueLength.Cell(labels);
        Seats = metrics.EstimatedSeats.Cell(labels);
        WatchCount = metrics.WatchCount.Cell(labels);
        Served = metrics.ExecutionSeconds.Cell(new(level.Name, Name, "regular"));
        Watched = metrics.ExecutionSeconds.Cell(new(level.Name, Name, "watch"));
        Waited = metrics.WaitSeconds.Cell(new(level.Name, Name, "true"));
        WaitedInVain = metrics.WaitSeconds.Cell(new(level.Name, Name, "false"));
    }

    public string Name => _object.Metadata.Name;

    public string Uid => _object.Metadata.Uid;

    public FlowSchema Object => _object;

    public PriorityLevel Level { get; }

    public Histogram QueueLength { get; }

    public Histogram Seats { get; }

    public Histogram WatchCount { get; }

    /// <summary>Seconds of serving.</summary>
    public Histogram Served { get; }

    /// <summary>Seconds until a watch was begun.</summary>
    public Histogram Watched { get; }

    /// <summary>Seconds of waiting before it was served.</summary>
    public Histogram Waited { get; }

    /// <summary>Seconds of waiting before it was refused.</summary>
    public Histogram WaitedInVain { get; }

    /// <summary>Whether a request is of this schema.</summary>
    public bool Matches(UserInfo user, RequestInfo request)
    {
        foreach (var rule in _object.Spec.Rules)
        {
            if (FlowRules.Match(rule, user, request))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What tells the flows of this schema apart.</summary>
    public string Distinguisher(UserInfo user, RequestInfo request) => _object.Spec.DistinguisherMethod?.Type switch
    {
        "ByUser" => user.Name,
        "ByNamespace" => request.Namespace,
        _ => "",
    };

    public void Dispatches() => Interlocked.Increment(ref _dispatched[0]);

    public void Queued(int requests, int seats)
    {
        Interlocked.Add(ref _queuedRequests[0], requests);
        Interlocked.Add(ref _queuedSeats[0], seats);
    }

    public void Executes(int requests, int seats)
    {
        Interlocked.Add(ref _executingRequests[0], requests);
        Interlocked.Add(ref _executingSeats[0], seats);
    }
}

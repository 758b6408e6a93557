using Kobune.Api.FlowControl.V1;

namespace Kobune.ApiServer.Fairness;

/// <summary>
/// One priority level at work: how many seats it has, who sits, and the queues of who waits. Fair queuing by seat-seconds, over queues that shuffle sharding chooses.
/// Source: k8s.io/apiserver, util/flowcontrol/fairqueuing/queueset. Safe for concurrent callers: one short lock.
/// </summary>
internal sealed partial class PriorityLevel(string name, TimeProvider time)
{
    /// <summary>How long serving a request is taken to need before it is known.</summary>
    public static readonly TimeSpan EstimatedService = TimeSpan.FromMilliseconds(3);

    private readonly Lock _gate = new();
    private readonly List<FlowQueue> _queues = [];
    private QueuingConfiguration? _queuing;
    private int _wantedQueues;
    private int _limit;
    private int _robin;
    private uint _enqueued;
    private double _progress;
    private long _progressAt = time.GetTimestamp();

    public string Name => name;

    /// <summary>The object that it follows.</summary>
    public PriorityLevelConfiguration Object { get; private set; } = new();

    /// <summary>Takes everybody at once; nobody waits.</summary>
    public bool IsExempt { get; private set; }

    /// <summary>Its object is gone; it lives until it is idle.</summary>
    public bool IsQuiescing { get; set; }

    /// <summary>The seats that its shares give it, the least after lending and the most after borrowing.</summary>
    public (int Nominal, int Min, int Max) Limits { get; set; }

    /// <summary>The most seats that one request is taken to need; 0 = no limit of the level's own.</summary>
    public int MaxSeats { get; set; }

    /// <summary>What it could use. Only the one who adjusts the limits looks at it.</summary>
    public SeatDemand Demand { get; } = new(time);

    /// <summary>What it was last meant to have.</summary>
    public double Target { get; set; }

    public int Waiting { get; private set; }

    public int Executing { get; private set; }

    public int SeatsInUse { get; private set; }

    public int SeatsWaiting { get; private set; }

    /// <summary>How often a request at the head of its queue was too wide for the free seats.</summary>
    public Action<FlowRequest>? NotAccommodated { get; set; }

    /// <summary>The seats that it has now.</summary>
    public int Limit
    {
        get
        {
            lock (_gate)
            {
                return _limit;
            }
        }
    }

    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return Waiting == 0 && Executing == 0;
            }
        }
    }

    /// <summary>How far the level has come, in seat-seconds per queue.</summary>
    public double Progress
    {
        get
        {
            lock (_gate)
            {
                return _progress;
            }
        }
    }

    /// <summary>How many queues flows are spread over; 0 where none waits.</summary>
    public int QueueCount => _wantedQueues;

    /// <summary>Follows the object as it is now.</summary>
    public void Configure(PriorityLevelConfiguration level)
    {
        lock (_gate)
        {
            Sync();
            Object = level;
            IsExempt = level.Spec.Type == "Exempt";
            var queuing = level.Spec.Limited?.LimitResponse.Queuing;
            _queuing = queuing ?? _queuing; // those that wait already keep their rules
            _wantedQueues = queuing?.Queues ?? 0;
            while (_queues.Count < _wantedQueues)
            {
                _queues.Add(new());
            }

            // Fewer queues: those that are empty go now, the others when they run empty.
            for (var i = _queues.Count - 1; i >= 0 && _queues.Count > _wantedQueues; i--)
            {
                RemoveIfSpare(_queues[i]);
            }

            DispatchAll();
        }
    }

    /// <summary>It has this many seats from now on.</summary>
    public void SetLimit(int seats)
    {
        lock (_gate)
        {
            Sync();
            _limit = seats;
            DispatchAll();
        }
    }

    /// <summary>Ends a period of the demand.</summary>
    public void EndPeriod()
    {
        lock (_gate)
        {
            Demand.EndPeriod();
        }
    }

    /// <summary>Looks at the queues while nothing changes.</summary>
    public T Inspect<T>(Func<IReadOnlyList<FlowQueue>, T> look)
    {
        lock (_gate)
        {
            return look(_queues);
        }
    }

    /// <summary>Progress runs at the seats in use over the queues that have something to do.</summary>
    private void Sync()
    {
        var now = time.GetTimestamp();
        if (_activeQueues > 0)
        {
            _progress += time.GetElapsedTime(_progressAt, now).TotalSeconds * Math.Min(SeatsInUse + SeatsWaiting, _limit) / _activeQueues;
        }

        _progressAt = now;
    }

    private void NoteDemand() => Demand.Set(SeatsInUse + SeatsWaiting);

    private void RemoveIfSpare(FlowQueue queue)
    {
        if (_queues.Count > _wantedQueues && !queue.IsActive && queue.SeatsInUse == 0)
        {
            _queues.Remove(queue);
            _robin = _queues.Count == 0 ? 0 : _robin % _queues.Count;
        }
    }
}

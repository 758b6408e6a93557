using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Fairness;

internal sealed partial class PriorityLevel
{
    private int _activeQueues;

    /// <summary>A request comes. It is served at once, or it waits; null with a reason (upstream's label) when there is no room for it.</summary>
    public FlowRequest? Start(FlowSchemaState schema, string distinguisher, WorkEstimate estimate, ApiCall call, out string rejected)
    {
        // The hash is made outside of the lock.
        var hash = _wantedQueues > 1 ? ShuffleSharding.Hash(schema.Name, distinguisher) : 0;
        rejected = "";
        lock (_gate)
        {
            Sync();
            if (_wantedQueues == 0)
            {
                if (!IsExempt && !HasRoom(estimate.MaxSeats))
                {
                    rejected = "concurrency-limit";
                    return null;
                }

                var unqueued = new FlowRequest(this, schema, distinguisher, estimate, call) { ArrivedAt = time.GetUtcNow(), Arrival = _progress };
                Execute(unqueued);
                return unqueued;
            }

            var queue = _queues[ChooseQueue(hash)];
            if (SeatsInUse >= _limit && queue.Waiting.Count >= _queuing!.QueueLengthLimit)
            {
                rejected = "queue-full";
                return null;
            }

            var request = new FlowRequest(this, schema, distinguisher, estimate, call) { ArrivedAt = time.GetUtcNow(), Arrival = _progress, Queue = queue };
            if (!queue.IsActive)
            {
                queue.NextDispatch = _progress;
                _activeQueues++;
            }

            schema.QueueLength.Observe(queue.Waiting.Count + 1);
            if (Waiting == 0 && SeatsInUse < _limit && HasRoom(estimate.MaxSeats))
            {
                Begin(request); // nobody is before it
                return request;
            }

            request.BeginWait();
            queue.Enqueue(request);
            Waiting++;
            SeatsWaiting += request.Estimate.MaxSeats;
            schema.Queued(1, request.Estimate.MaxSeats);
            NoteDemand();
            queue.BoundNextDispatch();
            DispatchAll();
            return request;
        }
    }

    /// <summary>A request gives up waiting. False when it is served already.</summary>
    public bool GiveUp(FlowRequest request)
    {
        lock (_gate)
        {
            Sync();
            if (request.Place is null)
            {
                return false;
            }

            Unqueue(request);
            request.Queue!.BoundNextDispatch();
            if (!request.Queue.IsActive)
            {
                _activeQueues--;
                RemoveIfSpare(request.Queue);
            }

            NoteDemand();
            DispatchAll(); // a wide one may have blocked the others
            return true;
        }
    }

    /// <summary>A request was served. Its seats are given back now, or after its additional latency.</summary>
    public void Finish(FlowRequest request)
    {
        lock (_gate)
        {
            Sync();
            Executing--;
            request.Schema.Executes(-1, 0);
            if (request.Queue is { } queue)
            {
                // It was charged for an estimated service; now the true one is known.
                queue.NextDispatch -= request.Estimate.InitialSeats * (EstimatedService - time.GetElapsedTime(request.Started)).TotalSeconds;
                queue.BoundNextDispatch();
                if (--queue.Executing == 0 && queue.Waiting.Count == 0)
                {
                    _activeQueues--;
                }
            }

            if (request.Estimate.AdditionalLatency <= TimeSpan.Zero)
            {
                GiveBack(request);
                DispatchAll();
                return;
            }
        }

        ITimer? timer = null;
        timer = time.CreateTimer(
            _ =>
            {
                lock (_gate)
                {
                    Sync();
                    GiveBack(request);
                    DispatchAll();
                }

                timer?.Dispose();
            },
            null,
            request.Estimate.AdditionalLatency,
            Timeout.InfiniteTimeSpan);
    }

    private void GiveBack(FlowRequest request)
    {
        SeatsInUse -= request.Estimate.MaxSeats;
        request.Schema.Executes(0, -request.Estimate.MaxSeats);
        NoteDemand();
        if (request.Queue is { } queue)
        {
            queue.SeatsInUse -= request.Estimate.MaxSeats;
            RemoveIfSpare(queue);
        }
    }

    /// <summary>The queue of a flow's hand where the least work waits. Hands that overlap are looked at from different ends.</summary>
    private int ChooseQueue(ulong hash)
    {
        Span<int> hand = stackalloc int[Math.Min(Math.Max(_queuing!.HandSize, 1), ShuffleSharding.MaxHandSize)];
        ShuffleSharding.Deal(hash, _wantedQueues, hand);
        var (best, least) = (hand[0], double.MaxValue);
        var offset = (int)(_enqueued++ % (uint)hand.Length);
        for (var i = 0; i < hand.Length; i++)
        {
            var at = hand[(offset + i) % hand.Length];
            if (_queues[at].WorkWaiting < least)
            {
                (best, least) = (at, _queues[at].WorkWaiting);
            }
        }

        return best;
    }

    private void DispatchAll()
    {
        while (Waiting > 0 && SeatsInUse < _limit && DispatchOne())
        {
        }
    }

    /// <summary>Serves the oldest of the queue that would be done first; false when that one needs more seats than are free.</summary>
    private bool DispatchOne()
    {
        var (chosen, chosenAt, least) = ((FlowQueue?)null, 0, double.MaxValue);
        for (var i = 0; i < _queues.Count; i++)
        {
            var at = (_robin + 1 + i) % _queues.Count;
            var queue = _queues[at];
            if (queue.Waiting.First is { Value: var oldest } && queue.NextDispatch + oldest.Work < least)
            {
                (chosen, chosenAt, least) = (queue, at, queue.NextDispatch + oldest.Work);
            }
        }

        if (chosen?.Waiting.First?.Value is not { } request)
        {
            return false;
        }

        if (!HasRoom(request.Estimate.MaxSeats))
        {
            NotAccommodated?.Invoke(request);
            return false;
        }

        _robin = chosenAt; // the next round begins behind it, so that the others win a draw
        Unqueue(request);
        Begin(request);
        chosen.BoundNextDispatch();
        request.Admit();
        return true;
    }

    private void Unqueue(FlowRequest request)
    {
        request.Queue!.Remove(request);
        Waiting--;
        SeatsWaiting -= request.Estimate.MaxSeats;
        request.Schema.Queued(-1, -request.Estimate.MaxSeats);
    }

    private void Begin(FlowRequest request)
    {
        if (request.Estimate.FinalSeats > _limit && _limit > 0)
        {
            // The same work, narrower and longer.
            var latency = request.Estimate.AdditionalLatency * ((double)request.Estimate.FinalSeats / _limit);
            request.Estimate = request.Estimate with { FinalSeats = _limit, AdditionalLatency = latency };
        }

        var queue = request.Queue!;
        queue.NextDispatch += request.Work;
        queue.Executing++;
        queue.SeatsInUse += request.Estimate.MaxSeats;
        Execute(request);
    }

    private void Execute(FlowRequest request)
    {
        request.Started = time.GetTimestamp();
        Executing++;
        SeatsInUse += request.Estimate.MaxSeats;
        request.Schema.Executes(1, request.Estimate.MaxSeats);
        NoteDemand();
    }

    /// <summary>Who needs more seats than there are is served alone.</summary>
    private bool HasRoom(int seats) => seats > _limit ? Executing == 0 : SeatsInUse + seats <= _limit;
}

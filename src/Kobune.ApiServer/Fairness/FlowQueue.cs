namespace Kobune.ApiServer.Fairness;

/// <summary>One queue of a priority level. The level's lock guards it.</summary>
internal sealed class FlowQueue
{
    /// <summary>Who waits, the oldest first.</summary>
    public LinkedList<FlowRequest> Waiting { get; } = [];

    /// <summary>How many of it are served.</summary>
    public int Executing { get; set; }

    /// <summary>The seats of those.</summary>
    public int SeatsInUse { get; set; }

    /// <summary>The work of who waits, in seat-seconds.</summary>
    public double WorkWaiting { get; private set; }

    /// <summary>At which reading of the level's progress the next request would begin, were all queues served evenly.</summary>
    public double NextDispatch { get; set; }

    public bool IsActive => Waiting.Count > 0 || Executing > 0;

    public void Enqueue(FlowRequest request)
    {
        request.Place = Waiting.AddLast(request);
        WorkWaiting += request.Work;
    }

    public void Remove(FlowRequest request)
    {
        Waiting.Remove(request.Place!);
        request.Place = null;
        WorkWaiting = Waiting.Count == 0 ? 0 : WorkWaiting - request.Work;
    }

    /// <summary>What a queue saved up while it had nothing to do does not count: nothing begins before it arrived.</summary>
    public void BoundNextDispatch()
    {
        if (Waiting.First is { Value.Arrival: var arrival } && NextDispatch < arrival)
        {
            NextDispatch = arrival;
        }
    }
}

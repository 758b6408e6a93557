using Kobune.Api.Features;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Fairness;

/// <summary>How many seats a request needs: lists (and watches that begin with one) by what they load, writes by who hears of them. Source: k8s.io/apiserver, util/flowcontrol/request.</summary>
internal sealed class WorkEstimator(ResourceRegistry registry, WatchTracker watches, FeatureGates features)
{
    private const int MostSeats = 10;
    private const int MostListSeats = 100;
    private const int BytesPerSeat = 100_000;
    private const int MostBytes = 1_000_000; // lists are streamed from the cache: no more is in memory at once
    private const int ObjectsPerSeat = 100;
    private const int WatchesPerSeat = 10;
    private const int SampleSize = 32;
    private static readonly TimeSpan EventWork = TimeSpan.FromMilliseconds(5);

    private readonly bool _bySize = features.IsEnabled("SizeBasedListCostEstimate");

    public WorkEstimate Estimate(ApiCall call, FlowSchemaState schema) => call.Info switch
    {
        { IsResourceRequest: false } => new(1),
        { Verb: "list" } info => new(ListSeats(call, info, schema.Level)),
        { Verb: "watch" } info when call.Query.Find("sendInitialEvents") is { } initial && initial is not ("false" or "0") => new(ListSeats(call, info, schema.Level)),
        { Verb: "create" or "update" or "patch" or "apply" or "delete" } info => Write(info, schema),
        _ => new(1),
    };

    private WorkEstimate Write(RequestInfo info, FlowSchemaState schema)
    {
        if (info is { Resource: "serviceaccounts", Subresource: "token" })
        {
            return new(1); // writes nothing
        }

        var count = watches.Interested(info);
        schema.WatchCount.Observe(count);
        if (count < WatchesPerSeat)
        {
            return new(1);
        }

        var wanted = (count + WatchesPerSeat - 1) / WatchesPerSeat;
        var seats = Math.Min(wanted, Most(schema.Level, MostSeats));
        return new(1, seats, EventWork * ((double)wanted / seats));
    }

    private int ListSeats(ApiCall call, RequestInfo info, PriorityLevel level)
    {
        if (info.Name.Length > 0 || registry.FindStored(info.ApiGroup, info.Resource) is not { Cache.State.Index: var index })
        {
            return 1; // one object, or another server's work
        }

        var loaded = index.Count;
        var most = Most(level, _bySize ? MostListSeats : MostSeats);
        if (!_bySize)
        {
            return Math.Clamp((loaded + ObjectsPerSeat - 1) / ObjectsPerSeat, 1, most);
        }

        if (int.TryParse(call.Query.Get("limit"), out var limit) && limit > 0)
        {
            loaded = Math.Min(loaded, limit);
        }

        if (loaded == 0)
        {
            return 1;
        }

        var sample = index.Range("/").Take(SampleSize).Sum(e => (long)e.Json.Length) / Math.Min(index.Count, SampleSize);
        return (int)Math.Clamp((Math.Min(loaded * sample, MostBytes) + BytesPerSeat - 1) / BytesPerSeat, 1, most);
    }

    private static int Most(PriorityLevel level, int most) => level.MaxSeats == 0 ? most : Math.Min(level.MaxSeats, most);
}

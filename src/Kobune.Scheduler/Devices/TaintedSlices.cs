using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;
using Kobune.Client.Informers;
using DeviceTaintRule = Kobune.Api.Resource.V1Beta2.DeviceTaintRule;

namespace Kobune.Scheduler.Devices;

/// <summary>What drivers publish, with the taints that rules add. Worked out once for each state of both.</summary>
/// <param name="slices">What drivers publish.</param>
/// <param name="rules">The rules; null where there are none.</param>
internal sealed class TaintedSlices(ICache<ResourceSlice> slices, ICache<DeviceTaintRule>? rules)
{
    private Known? _known;

    public IReadOnlyList<ResourceSlice> List()
    {
        if (rules is null || rules.Count == 0)
        {
            return slices.List();
        }

        var state = (slices.Generation, rules.Generation); // read first: what changes meanwhile makes this one old
        if (Volatile.Read(ref _known) is { } known && known.State == state)
        {
            return known.Slices;
        }

        IReadOnlyList<DeviceTaintRule> all = [.. rules.List().OrderBy(r => r.Metadata.Name, StringComparer.Ordinal)];
        var found = new Known(state, [.. slices.List().Select(s => DeviceTaintRules.Apply(s, all))]);
        Volatile.Write(ref _known, found);
        return found.Slices;
    }

    private sealed record Known((long, long) State, IReadOnlyList<ResourceSlice> Slices);
}

using Kobune.Api.Discovery.V1;

namespace Kobune.ControllerManager.EndpointSlices;

/// <summary>A slice that is there.</summary>
/// <param name="Slice">As it is.</param>
/// <param name="Endpoints">What it is to have.</param>
/// <param name="Changed">Whether it is written anyway.</param>
internal sealed record KeptSlice(EndpointSlice Slice, List<Endpoint> Endpoints, bool Changed)
{
    /// <summary>All that it had is gone: it goes too.</summary>
    public bool IsEmptied => Endpoints.Count == 0 && Slice.Endpoints.Count > 0;
}

/// <summary>Where new endpoints go, so that few slices are written and these are full. Source: k8s.io/endpointslice, reconcileByPortMapping and getSliceToFill.</summary>
internal static class SliceFilling
{
    /// <summary>Fills slices that are written anyway, the fullest first.</summary>
    public static void Fill(List<KeptSlice> kept, Queue<Endpoint> open, int max)
    {
        foreach (var slice in kept.Where(k => k is { Changed: true, IsEmptied: false }).OrderByDescending(k => k.Endpoints.Count).ToList())
        {
            slice.Endpoints.AddRange(Take(open, max - slice.Endpoints.Count));
        }
    }

    /// <summary>Puts all that is left, where that is less than a slice, into the one unchanged slice that it fills best; false when none has room.</summary>
    public static bool Fit(List<KeptSlice> kept, Queue<Endpoint> open, int max)
    {
        var best = open.Count < max ? kept.Where(k => !k.Changed && k.Endpoints.Count + open.Count <= max).MaxBy(k => k.Endpoints.Count) : null;
        if (best is null)
        {
            return false;
        }

        best.Endpoints.AddRange(Take(open, open.Count));
        kept[kept.IndexOf(best)] = best with { Changed = true };
        return true;
    }

    /// <summary>The next ones, at most so many.</summary>
    public static List<Endpoint> Take(Queue<Endpoint> open, int count)
    {
        var taken = new List<Endpoint>();
        while (count-- > 0 && open.TryDequeue(out var next))
        {
            taken.Add(next);
        }

        return taken;
    }
}

using System.Collections.Concurrent;
using Kobune.Api.Apps.V1;
using Kobune.Client;

namespace Kobune.ControllerManager.DaemonSets;

/// <summary>
/// How often failed pods of a node are taken away: at once, then not before 1 s, 2 s, 4 s, ... 15 min have passed. A pod that its node rejects would else come and go without end.
/// A set's delays are forgotten with it, and when its spec changes. Source: pkg/controller/daemon, failedPodsBackoff.
/// </summary>
internal sealed class FailedPodBackoff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);
    private readonly ConcurrentDictionary<ObjectKey, SetState> _sets = [];

    /// <summary>Whether a failed pod of a node may go now, which is then noted; else when it may.</summary>
    public bool TryDelete(DaemonSet set, string node, DateTimeOffset now, out TimeSpan wait)
    {
        // A key is never reconciled twice at once, so its state needs no lock.
        var state = _sets.AddOrUpdate(
            ObjectKey.Of(set),
            _ => new(set.Metadata.Uid, set.Status.ObservedGeneration),
            (_, known) => known.Is(set) ? known : new(set.Metadata.Uid, set.Status.ObservedGeneration));
        var known = state.Nodes.GetValueOrDefault(node);
        wait = known.Since + known.Delay - now;
        if (known.Delay > TimeSpan.Zero && wait > TimeSpan.Zero)
        {
            return false;
        }

        var isForgotten = known.Delay == TimeSpan.Zero || now - known.Since > 2 * Longest;
        state.Nodes[node] = (now, isForgotten ? First : known.Delay * 2 < Longest ? known.Delay * 2 : Longest);
        wait = TimeSpan.Zero;
        return true;
    }

    /// <summary>The set is gone.</summary>
    public void Forget(ObjectKey key) => _sets.TryRemove(key, out _);

    private sealed record SetState(string Uid, long Generation)
    {
        public Dictionary<string, (DateTimeOffset Since, TimeSpan Delay)> Nodes { get; } = new(StringComparer.Ordinal);

        public bool Is(DaemonSet set) => Uid == set.Metadata.Uid && Generation == set.Status.ObservedGeneration;
    }
}

using Kobune.Scheduler.Cache;

namespace Kobune.Scheduler.Framework;

/// <summary>Which nodes a pod may run on, and what is done when there is none.</summary>
internal sealed partial class SchedulingFramework
{
    /// <summary>Runs all pre-filters. <paramref name="nodeNames"/> is null when any node may fit; <paramref name="narrowedBy"/> are the plugins that named nodes.</summary>
    public Status? PreFilter(CycleState state, PodInfo pod, out HashSet<string>? nodeNames, out List<string> narrowedBy)
    {
        nodeNames = null;
        narrowedBy = [];
        var skipped = new HashSet<IPlugin>(ReferenceEqualityComparer.Instance);
        foreach (var (plugin, runs) in _preFilters)
        {
            var start = state.Meter?.PluginStart() ?? 0;
            var status = plugin.PreFilter(state, pod, out var named);
            state.Meter?.Plugin("PreFilter", plugin, status, start);
            if (status is { Code: StatusCode.Skip })
            {
                skipped.Add(plugin);
                continue;
            }

            Interlocked.Increment(ref runs[0]);
            if (status is not null)
            {
                return status;
            }

            if (named is null)
            {
                continue;
            }

            narrowedBy.Add(plugin.Name);
            if (nodeNames is null)
            {
                nodeNames = new HashSet<string>(named, StringComparer.Ordinal);
            }
            else
            {
                nodeNames.IntersectWith(named);
            }

            if (nodeNames.Count == 0)
            {
                return Status.Unresolvable(
                    plugin.Name,
                    narrowedBy is [var only] ? $"node(s) didn't satisfy plugin {only}" : $"node(s) didn't satisfy plugin(s) [{string.Join(' ', narrowedBy.Order(StringComparer.Ordinal))}] simultaneously");
            }
        }

        state.Filters = Array.FindAll(_filters, filter => !skipped.Contains(filter.Plugin));
        return null;
    }

    /// <summary>The first rejection of a node, or null when it fits.</summary>
    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        foreach (var (plugin, runs) in state.Filters ?? _filters)
        {
            var start = state.Meter?.PluginStart() ?? 0;
            var status = plugin.Filter(state, pod, node);
            state.Meter?.Plugin("Filter", plugin, status, start);
            Interlocked.Increment(ref runs[0]);
            if (status is not null)
            {
                return status;
            }
        }

        return null;
    }

    /// <summary>A pod is on the node that was not when the pre-filters ran.</summary>
    public void AddPod(CycleState state, PodInfo pod, PodInfo added, NodeInfo node)
    {
        node.AddPod(added);
        foreach (var plugin in _preFilterExtensions)
        {
            plugin.AddPod(state, pod, added, node);
        }
    }

    /// <summary>A pod that was there then is not on the node any more.</summary>
    public void RemovePod(CycleState state, PodInfo pod, PodInfo removed, NodeInfo node)
    {
        node.RemovePod(removed.Uid);
        foreach (var plugin in _preFilterExtensions)
        {
            plugin.RemovePod(state, pod, removed, node);
        }
    }

    /// <summary>Runs the post-filters until one succeeds. Without any there is nothing to say.</summary>
    public PostFilterResult PostFilter(CycleState state, PodInfo pod, Diagnosis diagnosis)
    {
        var messages = new List<string>();
        string? nominated = null;
        Func<CancellationToken, Task>? work = null;
        var victims = 0;
        foreach (var plugin in _postFilters)
        {
            var result = plugin.PostFilter(this, state, pod, diagnosis);
            nominated = result.NominatedNodeName ?? nominated;
            work ??= result.Work;
            victims += result.Victims;
            if (result.Status is null || !result.Status.IsRejection)
            {
                return result;
            }

            messages.AddRange(result.Status.Reasons);
        }

        return new PostFilterResult(messages.Count == 0 ? null : Status.Unschedulable("", [.. messages]), nominated, work, victims);
    }
}

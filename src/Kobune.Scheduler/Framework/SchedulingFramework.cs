using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Metrics;

namespace Kobune.Scheduler.Framework;

/// <summary>The plugins by extension point, in order, and how each point is run. Source: pkg/scheduler/framework/runtime.</summary>
internal sealed class SchedulingFramework
{
    public const long MaxNodeScore = 100;

    private readonly IPreEnqueuePlugin[] _preEnqueue;
    private readonly Counted<IPreFilterPlugin>[] _preFilters;
    private readonly IPreFilterExtensions[] _preFilterExtensions;
    private readonly Counted<IFilterPlugin>[] _filters;
    private readonly IPostFilterPlugin[] _postFilters;
    private readonly Counted<IPreScorePlugin>[] _preScores;
    private readonly (Counted<IScorePlugin> Plugin, int Weight)[] _scores;
    private readonly IReservePlugin[] _reserves;
    private readonly IPermitPlugin[] _permits;
    private readonly IPreBindPlugin[] _preBinds;
    private readonly IBindPlugin[] _binds;
    private readonly IPostBindPlugin[] _postBinds;
    private readonly Dictionary<string, IReadOnlyList<EventHint>> _hints;

    /// <param name="plugins">All that there are, in the default order, with the default weight of those that score.</param>
    /// <param name="sets">What a profile wants otherwise.</param>
    /// <param name="runs">Where it is counted how often a plugin (second) was asked at a point (first); null to count nowhere.</param>
    /// <exception cref="FormatException">The profile names a plugin that there is not, or not at that point.</exception>
    public SchedulingFramework(IReadOnlyList<(IPlugin Plugin, int Weight)> plugins, IReadOnlyDictionary<string, PluginSet> sets, Func<string, string, long[]>? runs = null)
    {
        var order = new PluginOrder(plugins, sets);
        QueueSort = At<IQueueSortPlugin>("queueSort") is [var sort] ? sort : throw new FormatException("only one queue sort plugin can be enabled");
        _preEnqueue = At<IPreEnqueuePlugin>("preEnqueue");
        _preFilters = Counting("PreFilter", At<IPreFilterPlugin>("preFilter"));
        _preFilterExtensions = [.. _preFilters.Select(counted => counted.Plugin).OfType<IPreFilterExtensions>()];
        _filters = Counting("Filter", At<IFilterPlugin>("filter"));
        _postFilters = At<IPostFilterPlugin>("postFilter");
        _preScores = Counting("PreScore", At<IPreScorePlugin>("preScore"));
        _scores = [.. order.At<IScorePlugin>("score").Select(entry => (Counting("Score", [entry.Plugin])[0], entry.Weight))];
        _reserves = At<IReservePlugin>("reserve");
        _permits = At<IPermitPlugin>("permit");
        _preBinds = At<IPreBindPlugin>("preBind");
        _binds = At<IBindPlugin>("bind");
        _postBinds = At<IPostBindPlugin>("postBind");
        _hints = plugins.Select(p => p.Plugin).OfType<IEnqueueExtensions>().ToDictionary(plugin => plugin.Name, plugin => plugin.EventsToRegister, StringComparer.Ordinal);
        if (_binds.Length == 0)
        {
            throw new FormatException("at least one bind plugin is needed");
        }

        T[] At<T>(string point)
            where T : class, IPlugin => [.. order.At<T>(point).Select(entry => entry.Plugin)];

        Counted<T>[] Counting<T>(string point, T[] asked)
            where T : class, IPlugin => Array.ConvertAll(asked, plugin => new Counted<T>(plugin, runs?.Invoke(point, plugin.Name) ?? new long[1]));
    }

    public IQueueSortPlugin QueueSort { get; }

    /// <summary>Measures the guesses of plugins; null for nowhere.</summary>
    public (EventMetrics Metrics, TimeProvider Time)? HintMeter { get; init; }

    public Status? PreEnqueue(Pod pod)
    {
        foreach (var plugin in _preEnqueue)
        {
            if (plugin.PreEnqueue(pod) is { } status)
            {
                return status;
            }
        }

        return null;
    }

    /// <summary>Whether a change is worth another try of a pod that these plugins rejected. A plugin without hints wants every change.</summary>
    public bool IsWorthRetrying(Pod pod, IReadOnlySet<string> rejectors, ClusterEvent happened)
    {
        if (happened.Resource == EventResource.Any)
        {
            return true;
        }

        foreach (var rejector in rejectors)
        {
            if (!_hints.TryGetValue(rejector, out var hints))
            {
                return true;
            }

            foreach (var hint in hints)
            {
                if (hint.IsAbout(happened) && Helps(rejector, hint, pod, happened))
                {
                    return true;
                }
            }
        }

        return rejectors.Count == 0;
    }

    private bool Helps(string plugin, EventHint hint, Pod pod, ClusterEvent happened)
    {
        if (HintMeter is not { } meter)
        {
            return hint.Helps?.Invoke(pod, happened) ?? true;
        }

        var start = meter.Time.GetTimestamp();
        var helps = hint.Helps?.Invoke(pod, happened) ?? true;
        meter.Metrics.Guessed(plugin, happened.Label, helps, meter.Time.GetElapsedTime(start));
        return helps;
    }

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

    /// <summary>The weighted sum of all scores per node.</summary>
    public Status? Score(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes, out long[] totals)
    {
        totals = new long[nodes.Count];
        var began = state.Meter?.Now() ?? 0;
        foreach (var (plugin, runs) in _preScores)
        {
            var status = plugin.PreScore(state, pod, nodes);
            if (status is { Code: StatusCode.Skip })
            {
                state.SkipScore.Add(plugin);
                continue;
            }

            Interlocked.Increment(ref runs[0]);
            if (status is not null)
            {
                return status;
            }
        }

        state.Meter?.Point("PreScore", null, began);
        began = state.Meter?.Now() ?? 0;
        var scores = new long[nodes.Count];
        foreach (var ((plugin, runs), weight) in _scores)
        {
            if (state.SkipScore.Contains(plugin))
            {
                continue;
            }

            var start = state.Meter?.PluginStart() ?? 0;
            for (var i = 0; i < scores.Length; i++)
            {
                scores[i] = plugin.Score(state, pod, nodes[i]);
            }

            state.Meter?.Plugin("Score", plugin, null, start);
            Interlocked.Add(ref runs[0], scores.Length);
            plugin.NormalizeScore(scores);
            for (var i = 0; i < scores.Length; i++)
            {
                totals[i] += scores[i] * weight;
            }
        }

        state.Meter?.Point("Score", null, began);
        return null;
    }

    public Status? Reserve(CycleState state, PodInfo pod, string nodeName)
    {
        foreach (var plugin in _reserves)
        {
            if (plugin.Reserve(state, pod, nodeName) is { } status)
            {
                return status;
            }
        }

        return null;
    }

    /// <summary>In reverse order; harmless for plugins that had nothing reserved.</summary>
    public async Task UnreserveAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken ct)
    {
        for (var i = _reserves.Length - 1; i >= 0; i--)
        {
            await _reserves[i].UnreserveAsync(state, pod, nodeName, ct);
        }
    }

    /// <summary>Asks all plugins at once, in the scheduling cycle; the answer may come later.</summary>
    public Task<Status?> PermitAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken ct)
    {
        return _permits.Length == 0
            ? Task.FromResult<Status?>(null)
            : FirstRefusalAsync([.. _permits.Select(plugin => plugin.PermitAsync(state, pod, nodeName, ct))]);

        static async Task<Status?> FirstRefusalAsync(Task<Status?>[] answers) => (await Task.WhenAll(answers)).FirstOrDefault(status => status is not null);
    }

    public async Task<Status?> PreBindAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken ct)
    {
        foreach (var plugin in _preBinds)
        {
            if (await plugin.PreBindAsync(state, pod, nodeName, ct) is { } status)
            {
                return status;
            }
        }

        return null;
    }

    public async Task<Status?> BindAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken ct)
    {
        foreach (var plugin in _binds)
        {
            var status = await plugin.BindAsync(state, pod, nodeName, ct);
            if (status is not { Code: StatusCode.Skip })
            {
                return status;
            }
        }

        return Status.Error("", $"no bind plugin bound pod {pod.Pod.Metadata.Namespace}/{pod.Pod.Metadata.Name}");
    }

    public void PostBind(CycleState state, PodInfo pod, string nodeName)
    {
        foreach (var plugin in _postBinds)
        {
            plugin.PostBind(state, pod, nodeName);
        }
    }
}

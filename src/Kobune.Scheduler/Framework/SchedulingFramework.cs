using Kobune.Api.Core.V1;
using Kobune.Scheduler.Extenders;
using Kobune.Scheduler.Metrics;

namespace Kobune.Scheduler.Framework;

/// <summary>The plugins by extension point, in order, and how each point is run. Source: pkg/scheduler/framework/runtime.</summary>
internal sealed partial class SchedulingFramework
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

    /// <summary>Programs that have a say besides the plugins; null for none.</summary>
    public ExtenderChain? Extenders { get; init; }

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
}

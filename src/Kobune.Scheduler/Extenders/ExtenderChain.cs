using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Metrics;
using Kobune.Scheduler.Preemption;
using Microsoft.Extensions.Logging;

namespace Kobune.Scheduler.Extenders;

/// <summary>All extenders, and when which is asked: those that may be left out come last. Source: pkg/scheduler, schedule_one.go and framework/preemption.</summary>
/// <param name="options">The settings of each.</param>
/// <param name="metrics">Counts those that are at work.</param>
/// <param name="logger">Told of those that are left out.</param>
/// <param name="ct">Ends all questions.</param>
/// <exception cref="FormatException">Certificates that cannot be used.</exception>
internal sealed partial class ExtenderChain(IEnumerable<ExtenderOptions> options, SchedulerMetrics metrics, ILogger logger, CancellationToken ct) : IDisposable
{
    /// <summary>Who rejected, where plugins have their names. It has no hints: every change of the cluster may help.</summary>
    private const string Extender = "Extender";
    private const int MostOfOne = 10;

    private readonly HttpExtender[] _extenders = [.. options.OrderBy(o => o.Ignorable).Select(o => new HttpExtender(o))];

    public bool IsEmpty => _extenders.Length == 0;

    /// <summary>One after the other takes nodes away; why is noted.</summary>
    /// <exception cref="ExtenderException">One failed that may not be left out.</exception>
    public List<NodeInfo> Filter(Pod pod, List<NodeInfo> nodes, Diagnosis diagnosis)
    {
        var before = nodes.Count;
        foreach (var extender in _extenders.Where(e => e.Filters && e.IsInterestedIn(pod)))
        {
            if (nodes.Count == 0)
            {
                break;
            }

            try
            {
                var verdict = extender.Filter(pod, nodes, ct);
                Note(diagnosis, verdict);
                nodes = [.. verdict.Passed];
            }
            catch (ExtenderException e) when (extender.IsIgnorable)
            {
                LogLeftOut(extender.Name, e.Message);
            }
        }

        if (nodes.Count != before)
        {
            diagnosis.UnschedulablePlugins.Add(Extender);
        }

        return nodes;
    }

    /// <summary>Adds to the nodes' scores what extenders think of them, all asked at once. One that fails says nothing.</summary>
    public void Score(Pod pod, IReadOnlyList<NodeInfo> nodes, long[] totals)
    {
        var asked = _extenders.Where(e => e.Prioritizes && e.IsInterestedIn(pod)).ToList();
        if (asked.Count == 0)
        {
            return;
        }

        var places = Enumerable.Range(0, nodes.Count).ToDictionary(i => nodes[i].Name, StringComparer.Ordinal);
        Parallel.ForEach(asked, extender =>
        {
            foreach (var (node, score) in Scores(extender, pod, nodes))
            {
                if (places.TryGetValue(node, out var place))
                {
                    Interlocked.Add(ref totals[place], score * extender.Weight * (SchedulingFramework.MaxNodeScore / MostOfOne));
                }
            }
        });
        ct.ThrowIfCancellationRequested();
    }

    /// <summary>The candidates that all agree with that have a say in preemption.</summary>
    /// <exception cref="ExtenderException">One failed that may not be left out.</exception>
    public IReadOnlyList<Candidate> Preempt(Pod pod, IReadOnlyList<Candidate> candidates, Snapshot snapshot)
    {
        foreach (var extender in _extenders.Where(e => e.Preempts && e.IsInterestedIn(pod)))
        {
            if (candidates.Count == 0)
            {
                break;
            }

            try
            {
                candidates = WithVictims(extender, extender.Preempt(pod, candidates, snapshot, ct));
            }
            catch (ExtenderException e) when (extender.IsIgnorable)
            {
                LogLeftOut(extender.Name, e.Message);
            }
        }

        return candidates;
    }

    /// <summary>The one that binds a pod in the scheduler's place; null when the plugins do.</summary>
    public HttpExtender? BinderOf(Pod pod) => Array.Find(_extenders, e => e.Binds && e.IsInterestedIn(pod));

    public void Dispose()
    {
        foreach (var extender in _extenders)
        {
            extender.Dispose();
        }
    }

    private static void Note(Diagnosis diagnosis, ExtenderVerdict verdict)
    {
        foreach (var (node, reason) in verdict.Unresolvable)
        {
            diagnosis.Set(node, Status.Unresolvable(Extender, reason));
        }

        foreach (var (node, reason) in verdict.Failed.Where(f => !verdict.Unresolvable.ContainsKey(f.Key)))
        {
            diagnosis.Set(node, Status.Unschedulable(Extender, reason));
        }
    }

    private static IReadOnlyList<Candidate> WithVictims(HttpExtender extender, IReadOnlyList<Candidate> candidates) =>
        !extender.IsIgnorable && candidates.FirstOrDefault(c => c.Victims.Count == 0) is { } idle
            ? throw new ExtenderException($"expected at least one victim pod on node {GoQuote.Of(idle.Node)}")
            : [.. candidates.Where(c => c.Victims.Count > 0)];

    private IReadOnlyList<(string Node, long Score)> Scores(HttpExtender extender, Pod pod, IReadOnlyList<NodeInfo> nodes)
    {
        metrics.Prioritizing(1);
        try
        {
            return extender.Prioritize(pod, nodes, ct);
        }
        catch (ExtenderException e)
        {
            LogNoScores(extender.Name, e.Message);
            return [];
        }
        catch (OperationCanceledException)
        {
            return []; // who asked for scores sees the end too
        }
        finally
        {
            metrics.Prioritizing(-1);
        }
    }

    [LoggerMessage(LogLevel.Information, "Extender {Extender} failed and is left out: {Error}")]
    private partial void LogLeftOut(string extender, string error);

    [LoggerMessage(LogLevel.Debug, "Extender {Extender} gave no scores: {Error}")]
    private partial void LogNoScores(string extender, string error);
}

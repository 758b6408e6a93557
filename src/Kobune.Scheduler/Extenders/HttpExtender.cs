using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Preemption;
using static Kobune.Scheduler.Extenders.ExtenderWire;

namespace Kobune.Scheduler.Extenders;

/// <summary>What one extender says. Source: pkg/scheduler, extender.go.</summary>
/// <param name="options">Its settings.</param>
/// <exception cref="FormatException">Certificates that cannot be used.</exception>
internal sealed class HttpExtender(ExtenderOptions options) : IDisposable
{
    private readonly ExtenderConnection _connection = new(options);
    private readonly HashSet<string> _managed = new(options.ManagedResources, StringComparer.Ordinal);

    public string Name => options.UrlPrefix;

    public bool IsIgnorable => options.Ignorable;

    public long Weight => options.Weight;

    public bool Filters => options.FilterVerb.Length > 0;

    public bool Prioritizes => options.PrioritizeVerb.Length > 0;

    public bool Preempts => options.PreemptVerb.Length > 0;

    public bool Binds => options.BindVerb.Length > 0;

    /// <summary>Whether a pod is its business: one of its resources is asked for, or limited.</summary>
    public bool IsInterestedIn(Pod pod) => _managed.Count == 0 || pod.Spec.Containers.Concat(pod.Spec.InitContainers)
        .Any(c => c.Resources.Requests.Keys.Any(_managed.Contains) || c.Resources.Limits.Keys.Any(_managed.Contains));

    /// <summary>Which of the nodes the pod may run on, and why not on others.</summary>
    /// <exception cref="ExtenderException">It failed.</exception>
    public ExtenderVerdict Filter(Pod pod, IReadOnlyList<NodeInfo> nodes, CancellationToken ct)
    {
        var answer = _connection.Ask(options.FilterVerb, Args(pod, nodes, options.NodeCacheCapable), ct);
        if (Text(answer, "Error") is { Length: > 0 } error)
        {
            throw new ExtenderException(error);
        }

        var byName = nodes.ToDictionary(n => n.Name, StringComparer.Ordinal);
        var passed = (Nodes(answer, options.NodeCacheCapable) ?? []).Select(name => byName.GetValueOrDefault(name)
            ?? throw new ExtenderException($"extender {GoQuote.Of(Name)} claims a filtered node {GoQuote.Of(name)} which is not found in the input node list"));
        return new([.. passed], Reasons(answer, "FailedNodes"), Reasons(answer, "FailedAndUnresolvableNodes"));
    }

    /// <summary>How good the nodes are, 0 to 10; it may leave some out.</summary>
    /// <exception cref="ExtenderException">It failed.</exception>
    public IReadOnlyList<(string Node, long Score)> Prioritize(Pod pod, IReadOnlyList<NodeInfo> nodes, CancellationToken ct) =>
        _connection.Ask(options.PrioritizeVerb, Args(pod, nodes, options.NodeCacheCapable), ct) is JsonArray list
            ? [.. list.Select(entry => (Text(entry, "Host"), Number(entry, "Score")))]
            : throw new ExtenderException("json: cannot unmarshal an extender's answer into a list of scores");

    /// <summary>The candidates that it agrees with, with the victims that it wants.</summary>
    /// <exception cref="ExtenderException">It failed, or does not know who is where.</exception>
    public IReadOnlyList<Candidate> Preempt(Pod pod, IReadOnlyList<Candidate> candidates, Snapshot snapshot, CancellationToken ct)
    {
        var answer = _connection.Ask(options.PreemptVerb, Candidates(pod, candidates, options.NodeCacheCapable), ct);
        return [.. Members(answer, "NodeNameToMetaVictims").Select(m => CandidateOf(m.Key, m.Value, snapshot))];
    }

    /// <summary>Binds the pod in the scheduler's place.</summary>
    /// <exception cref="ExtenderException">It failed.</exception>
    public async Task BindAsync(Pod pod, string node, CancellationToken ct)
    {
        var answer = await _connection.AskAsync(options.BindVerb, Binding(pod, node), ct);
        if (Text(answer, "Error") is { Length: > 0 } error)
        {
            throw new ExtenderException(error);
        }
    }

    public void Dispose() => _connection.Dispose();

    private static Dictionary<string, string> Reasons(JsonNode answer, string field) => Members(answer, field)
        .ToDictionary(m => m.Key, m => m.Value is JsonValue value && value.TryGetValue<string>(out var reason) ? reason : "", StringComparer.Ordinal);

    private Candidate CandidateOf(string name, JsonNode? victims, Snapshot snapshot)
    {
        var node = snapshot.Find(name) ?? throw new ExtenderException($"nodeinfo not found for node name {GoQuote.Of(name)}");
        var pods = (Items(victims, "Pods") ?? []).Select(v => Text(v, "UID")).Select(uid => node.Pods.FirstOrDefault(p => p.Uid == uid)
            ?? throw new ExtenderException($"extender: {Name} claims to preempt pod (UID: {uid}) on node: {name}, but the pod is not found on that node"));
        return new(name, [.. pods], (int)Number(victims, "NumPDBViolations"));
    }
}

/// <summary>What an extender says of nodes.</summary>
/// <param name="Passed">Where the pod may run.</param>
/// <param name="Failed">Why not, where the going of other pods may help.</param>
/// <param name="Unresolvable">Why not, where nothing helps.</param>
internal sealed record ExtenderVerdict(IReadOnlyList<NodeInfo> Passed, IReadOnlyDictionary<string, string> Failed, IReadOnlyDictionary<string, string> Unresolvable);

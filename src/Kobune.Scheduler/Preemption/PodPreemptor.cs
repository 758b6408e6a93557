using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Events;
using Kobune.Scheduler.Cache;
using ConditionStatus = Kobune.Api.Core.V1.ConditionStatus;
using Patch = Kobune.Client.Patch;

namespace Kobune.Scheduler.Preemption;

/// <summary>Sends victims away: condition, deletion, Event. Source: pkg/scheduler/framework/preemption.</summary>
internal sealed class PodPreemptor(IClient client, IEventRecorder events, TimeProvider time)
{
    private const string Reason = "PreemptionByScheduler";
    private readonly ConcurrentDictionary<string, bool> _going = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _served = new(StringComparer.Ordinal);

    /// <summary>Whether a preemption deletes the pod now, or has. The cache shows only later that it is going.</summary>
    public bool IsGoing(Pod pod) => _going.ContainsKey(pod.Metadata.Uid) || (pod.Metadata.DeletionTimestamp is not null && pod.Status.Conditions.Any(c => c is { Type: PodConditionType.DisruptionTarget, Status: ConditionStatus.True, Reason: Reason }));

    /// <summary>Forgets the pods of which the cache shows by itself what became of them.</summary>
    public void Forget(Func<string, bool> isSettled)
    {
        foreach (var uid in _going.Keys.Where(isSettled))
        {
            _going.TryRemove(uid, out _);
        }
    }

    /// <summary>Room is about to be made for a pod: <see cref="MakeRoomAsync"/> has to follow, if only with a cancelled token.</summary>
    public void Begin(string uid) => _served[uid] = true;

    /// <summary>Whether room is being made for a pod, so that it need not be tried yet.</summary>
    public bool IsMakingRoomFor(string uid) => _served.ContainsKey(uid);

    /// <summary>Makes room on a node: pods of lower priority lose their nomination to it, victims that are not going already are deleted.</summary>
    /// <exception cref="ApiException">The server refused; some victims may be gone.</exception>
    public async Task MakeRoomAsync(PodInfo pod, string node, IReadOnlyList<Pod> victims, IReadOnlyList<PodInfo> displaced, CancellationToken ct)
    {
        try
        {
            ct.ThrowIfCancellationRequested();
            foreach (var other in displaced)
            {
                await PatchStatusAsync(other.Pod, new JsonObject { ["nominatedNodeName"] = null }, ct);
            }

            await Task.WhenAll(victims.Where(v => v.Metadata.DeletionTimestamp is null).Select(v => PreemptAsync(pod.Pod, node, v, ct)));
        }
        finally
        {
            _served.TryRemove(pod.Uid, out _);
        }
    }

    private async Task PreemptAsync(Pod pod, string node, Pod victim, CancellationToken ct)
    {
        _going[victim.Metadata.Uid] = true;
        try
        {
            if (!await PatchStatusAsync(victim, new JsonObject { ["conditions"] = new JsonArray(Condition(pod, victim)) }, ct) || !await DeleteAsync(victim, ct))
            {
                return;
            }
        }
        catch
        {
            _going.TryRemove(victim.Metadata.Uid, out _);
            throw;
        }

        events.Normal(victim, "Preempted", $"Preempted by pod {pod.Metadata.Uid} on node {node}");
    }

    private JsonObject Condition(Pod pod, Pod victim)
    {
        var old = victim.Status.Conditions.FirstOrDefault(c => c.Type == PodConditionType.DisruptionTarget);
        var since = old?.Status == ConditionStatus.True ? old.LastTransitionTime ?? time.GetUtcNow() : time.GetUtcNow();
        return new JsonObject
        {
            ["type"] = PodConditionType.DisruptionTarget,
            ["observedGeneration"] = victim.Metadata.Generation,
            ["status"] = ConditionStatus.True,
            ["lastTransitionTime"] = since.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["reason"] = Reason,
            ["message"] = $"{pod.Spec.SchedulerName}: preempting to accommodate a higher priority pod",
        };
    }

    /// <summary>False when the pod is gone.</summary>
    private async Task<bool> PatchStatusAsync(Pod pod, JsonObject status, CancellationToken ct)
    {
        try
        {
            var patch = Patch.Strategic(new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid }, ["status"] = status });
            await client.PatchAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name, patch, "status", ct);
            return true;
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            return false;
        }
    }

    private async Task<bool> DeleteAsync(Pod pod, CancellationToken ct)
    {
        try
        {
            await client.DeleteAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name, new DeleteOptions { Preconditions = new() { Uid = pod.Metadata.Uid } }, ct);
            return true;
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            return false; // gone, and another of its name may be there
        }
    }
}

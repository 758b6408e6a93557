using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Events;
using Kobune.ControllerManager.Pods;
using Kobune.ControllerManager.ReplicaSets;

namespace Kobune.ControllerManager.Jobs;

/// <summary>How many pods an action has deleted, how many of them were ready, and the first error.</summary>
internal readonly record struct PodsDeleted(int Count, int Ready, Exception? Error);

/// <summary>What the Job controller does to pods, with its Events.</summary>
internal sealed class JobPods(IClient client, IEventRecorder events, FeatureGates features)
{
    /// <summary>The patch that takes the tracking finalizer away from this revision's pod or, without one, from whatever has its name.</summary>
    public static Patch ReleasePatch(Pod pod, bool onlyThisRevision)
    {
        var metadata = new JsonObject { ["uid"] = pod.Metadata.Uid, ["$deleteFromPrimitiveList/finalizers"] = new JsonArray(JobPodFacts.TrackingFinalizer) };
        if (onlyThisRevision)
        {
            metadata["resourceVersion"] = pod.Metadata.ResourceVersion;
        }

        return Patch.Strategic(new() { ["metadata"] = metadata });
    }

    /// <summary>Creates the pods of a plan; returns how many were made, how many could not be, and the first error.</summary>
    public async Task<(int Created, int Refused, Exception? Error)> CreateAsync(JobFacts facts, IReadOnlyList<int?> indexes, CancellationToken ct)
    {
        var hasLabel = features.IsEnabled("PodIndexLabel");
        var left = new ConcurrentQueue<int?>(indexes);
        var (created, refused) = (0, 0);
        var error = await SlowStart.RunAsync(
            indexes.Count,
            async token =>
            {
                left.TryDequeue(out var index);
                var pod = JobPod.Make(facts.Job, index, index is { } i ? facts.AwaitingReplacement.GetValueOrDefault(i) : null, hasLabel);
                var failure = await CreateAsync(facts.Job, pod, token);
                if (failure is null)
                {
                    Interlocked.Increment(ref created);
                }
                else if (failure is not ApiException { IsNamespaceTerminating: true })
                {
                    Interlocked.Increment(ref refused);
                }

                return failure;
            },
            ct);
        return (created, refused, error);
    }

    /// <summary>Deletes pods. Those that keep their finalizers are counted afterwards; without, they never are.</summary>
    public async Task<PodsDeleted> DeleteAsync(Job job, IReadOnlyList<Pod> pods, bool keepFinalizers, CancellationToken ct)
    {
        var errors = await Task.WhenAll(pods.Select(p => DeleteAsync(job, p, keepFinalizers, ct)));
        var deleted = pods.Where((_, i) => errors[i] is null).ToList();
        return new(deleted.Count, deleted.Count(p => p.IsReady()), errors.FirstOrDefault(e => e is not null));
    }

    /// <summary>Takes the tracking finalizer away from pods; returns the UIDs of those that no longer have it, and the first error.</summary>
    public async Task<(IReadOnlyList<string> Released, Exception? Error)> ReleaseAsync(IReadOnlyList<Pod> pods, CancellationToken ct)
    {
        var errors = await Task.WhenAll(pods.Select(p => ReleaseAsync(p, ct)));
        return ([.. pods.Where((_, i) => errors[i] is null).Select(p => p.Metadata.Uid)], errors.FirstOrDefault(e => e is not null));
    }

    private async Task<Exception?> ReleaseAsync(Pod pod, CancellationToken ct)
    {
        try
        {
            await client.PatchAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name, ReleasePatch(pod, onlyThisRevision: false), null, ct);
            return null;
        }
        catch (ApiException e) when (e.IsNotFound || e.IsInvalid)
        {
            return null; // gone, or another pod has its name by now: the UID does not fit
        }
        catch (ApiException e)
        {
            return e;
        }
    }

    private async Task<Exception?> CreateAsync(Job job, Pod pod, CancellationToken ct)
    {
        try
        {
            var made = await client.CreateAsync(pod, ct);
            events.Normal(job, "SuccessfulCreate", "Created pod: " + made.Metadata.Name);
            return null;
        }
        catch (ApiException e)
        {
            if (!e.IsNamespaceTerminating)
            {
                events.Warning(job, "FailedCreate", "Error creating: " + e.Message);
            }

            return e;
        }
    }

    private async Task<Exception?> DeleteAsync(Job job, Pod pod, bool keepFinalizers, CancellationToken ct)
    {
        if (!keepFinalizers && pod.IsTracked() && await ReleaseAsync(pod, ct) is { } error)
        {
            return error;
        }

        try
        {
            await client.DeleteAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name, new DeleteOptions { Preconditions = new Preconditions { Uid = pod.Metadata.Uid } }, ct);
            events.Normal(job, "SuccessfulDelete", "Deleted pod: " + pod.Metadata.Name);
            return null;
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            return null; // someone else was faster
        }
        catch (ApiException e)
        {
            events.Warning(job, "FailedDelete", "Error deleting: " + e.Message);
            return e;
        }
    }
}

using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Discovery;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Namespaces;

/// <summary>
/// Deletes everything in a namespace, of every kind that discovery names: pods first, the rest once no pod is left. Source:
/// pkg/controller/namespace/deletion/namespaced_resources_deleter.go.
/// </summary>
internal sealed class NamespaceContent(IClient client, ICache<Pod> pods, TimeProvider time)
{
    private static readonly DeleteOptions Background = new() { PropagationPolicy = DeletionPropagation.Background };
    private readonly DiscoveryClient _discovery = new(client.Transport, time);
    private readonly MetadataClient _metadata = new(client.Transport, time);

    /// <param name="ns">The namespace.</param>
    /// <param name="deletedAt">When it was deleted.</param>
    public async Task<ContentReport> DeleteAsync(string ns, DateTimeOffset deletedAt, CancellationToken ct)
    {
        var grace = GraceSeconds(pods.List(ns), time.GetUtcNow() - deletedAt);
        var served = await _discovery.PreferredResourcesAsync(ct);
        var resources = served.Items.Where(r => r.Resource.Namespaced && r.Can("delete")).ToList();
        var work = new Work();
        foreach (var resource in resources.Where(IsPods))
        {
            await EmptyAsync(resource, ns, grace, work, ct);
        }

        if (work.Remaining.Count == 0)
        {
            foreach (var resource in resources.Where(r => !IsPods(r)))
            {
                await EmptyAsync(resource, ns, 0, work, ct);
            }
        }

        return new() { DiscoveryFailures = served.Failures, DeletionFailures = work.Failures, Remaining = work.Remaining, Finalizers = work.Finalizers, GraceSeconds = grace, FoundContent = work.Found };
    }

    private static bool IsPods(ApiResourceInfo resource) => resource.Resource is { Group: "", Plural: "pods" };

    /// <summary>How long pods may take to end; 0 when they have had that time.</summary>
    internal static long GraceSeconds(IEnumerable<Pod> pods, TimeSpan passed)
    {
        var grace = pods.Where(p => p.Status.Phase is not (PodPhase.Succeeded or PodPhase.Failed)).Max(p => p.Spec.TerminationGracePeriodSeconds) ?? 0;
        return passed.TotalSeconds < grace ? grace : 0;
    }

    /// <summary>Why objects that are left should not be; null when they have time, or a finalizer holds one of them.</summary>
    internal static string? Unexpected(string ns, ResourceDescriptor resource, IReadOnlyList<PartialObjectMetadata> left, long grace) =>
        left.Count == 0 || grace > 0 || left.Any(i => i.Metadata.Finalizers.Count > 0) ? null
        : $"unexpected items still remain in namespace: {ns} for gvr: {resource.Group}/{resource.Version}, Resource={resource.Plural}";

    private async Task EmptyAsync(ApiResourceInfo info, string ns, long grace, Work work, CancellationToken ct)
    {
        var resource = info.Resource;
        try
        {
            if (info.Can("list"))
            {
                if ((await _metadata.ListAsync(resource, ns, null, ct)).Items.Count == 0)
                {
                    return; // most kinds, most of the time
                }

                work.Found = true;
            }

            if (!info.Can("deletecollection") || !await DeleteAllAsync(resource, ns, ct))
            {
                await DeleteEachAsync(resource, ns, ct);
            }

            var left = (await _metadata.ListAsync(resource, ns, null, ct)).Items;
            Count(resource, left, work);
            if (Unexpected(ns, resource, left, grace) is { } problem)
            {
                work.Failures.Add(problem);
            }
        }
        catch (ApiException e) when (e.IsNotFound || e.Reason == StatusReason.MethodNotAllowed)
        {
            // The resource went while we looked (a CRD), or it promised a verb that it does not have.
        }
        catch (ApiException e)
        {
            work.Failures.Add(e.Message);
        }
    }

    /// <summary>False when the resource does not do it after all.</summary>
    private async Task<bool> DeleteAllAsync(ResourceDescriptor resource, string ns, CancellationToken ct)
    {
        try
        {
            await _metadata.DeleteCollectionAsync(resource, ns, Background, null, ct);
            return true;
        }
        catch (ApiException e) when (e.IsNotFound || e.Reason == StatusReason.MethodNotAllowed)
        {
            return false;
        }
    }

    private async Task DeleteEachAsync(ResourceDescriptor resource, string ns, CancellationToken ct)
    {
        foreach (var item in (await _metadata.ListAsync(resource, ns, null, ct)).Items)
        {
            try
            {
                await _metadata.DeleteAsync(resource, ns, item.Metadata.Name, Background, ct);
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                // Gone already.
            }
        }
    }

    private static void Count(ResourceDescriptor resource, IReadOnlyList<PartialObjectMetadata> left, Work work)
    {
        if (left.Count == 0)
        {
            return;
        }

        work.Remaining[$"{resource.Plural}.{resource.Group}"] = left.Count;
        foreach (var finalizer in left.SelectMany(i => i.Metadata.Finalizers))
        {
            work.Finalizers[finalizer] = work.Finalizers.GetValueOrDefault(finalizer) + 1;
        }
    }

    private sealed class Work
    {
        public bool Found { get; set; }

        public List<string> Failures { get; } = [];

        public Dictionary<string, int> Remaining { get; } = [];

        public Dictionary<string, int> Finalizers { get; } = [];
    }
}

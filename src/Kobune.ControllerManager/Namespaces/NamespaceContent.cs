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

    public async Task<ContentReport> DeleteAsync(string ns, CancellationToken ct)
    {
        var grace = GraceSeconds(ns);
        var served = await _discovery.PreferredResourcesAsync(ct);
        var resources = served.Items.Where(r => r.Resource.Namespaced && r.Can("delete")).ToList();
        var work = new Work();
        foreach (var resource in resources.Where(IsPods))
        {
            await EmptyAsync(resource, ns, work, ct);
        }

        if (work.Remaining.Count == 0)
        {
            foreach (var resource in resources.Where(r => !IsPods(r)))
            {
                await EmptyAsync(resource, ns, work, ct);
            }
        }

        return new() { DiscoveryFailures = served.Failures, DeletionFailures = work.Failures, Remaining = work.Remaining, Finalizers = work.Finalizers, GraceSeconds = grace, FoundContent = work.Found };
    }

    private static bool IsPods(ApiResourceInfo resource) => resource.Resource is { Group: "", Plural: "pods" };

    private long GraceSeconds(string ns)
    {
        var running = pods.List(ns);
        return running.Count == 0 ? 0 : running.Max(p => p.Metadata.DeletionGracePeriodSeconds ?? p.Spec.TerminationGracePeriodSeconds ?? 0);
    }

    private async Task EmptyAsync(ApiResourceInfo info, string ns, Work work, CancellationToken ct)
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

            Count(resource, await _metadata.ListAsync(resource, ns, null, ct), work);
        }
        catch (ApiException e) when (e.IsNotFound || e.Reason == StatusReason.MethodNotAllowed)
        {
            // The resource went while we looked (a CRD), or it promised a verb that it does not have.
        }
        catch (ApiException e)
        {
            work.Failures.Add($"{resource.Plural}.{resource.Group}: {e.Message}");
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

    private static void Count(ResourceDescriptor resource, ObjectList<PartialObjectMetadata> left, Work work)
    {
        if (left.Items.Count == 0)
        {
            return;
        }

        work.Remaining[$"{resource.Plural}.{resource.Group}"] = left.Items.Count;
        foreach (var finalizer in left.Items.SelectMany(i => i.Metadata.Finalizers))
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

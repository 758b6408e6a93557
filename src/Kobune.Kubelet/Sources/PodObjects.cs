using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Volumes;

namespace Kobune.Kubelet.Sources;

/// <summary>The ConfigMaps and Secrets of this node's pods, each followed while a pod refers to it.</summary>
internal sealed class PodObjects(IClient client, TimeProvider time, Action<PodReference> changed) : IPodObjects
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PodReference, IFollowedObject> _followed = [];
    private CancellationToken _ct;

    public Task<ConfigMap?> FindConfigMapAsync(string ns, string name, CancellationToken ct) => FindAsync<ConfigMap>(new(false, ns, name), ct);

    public Task<Secret?> FindSecretAsync(string ns, string name, CancellationToken ct) => FindAsync<Secret>(new(true, ns, name), ct);

    internal void Start(CancellationToken ct) => _ct = ct;

    /// <summary>Stops following what none of these pods refers to.</summary>
    internal void KeepOnly(IEnumerable<Pod> pods)
    {
        var used = new HashSet<PodReference>();
        foreach (var pod in pods)
        {
            used.UnionWith(PodReferences.Of(pod));
        }

        lock (_lock)
        {
            foreach (var reference in _followed.Keys.Where(r => !used.Contains(r)).ToList())
            {
                _followed[reference].Stop();
                _followed.Remove(reference);
            }
        }
    }

    internal Task StopAsync()
    {
        lock (_lock)
        {
            return Task.WhenAll(_followed.Values.Select(f => f.Task));
        }
    }

    private async Task<T?> FindAsync<T>(PodReference reference, CancellationToken ct)
        where T : class, Kobune.Api.IKubernetesObject<T>
    {
        FollowedObject<T> followed;
        lock (_lock)
        {
            if (_followed.TryGetValue(reference, out var known) && !known.Task.IsCompleted)
            {
                followed = (FollowedObject<T>)known;
            }
            else
            {
                followed = new(client, reference.Namespace, reference.Name, time, () => changed(reference), _ct);
                _followed[reference] = followed;
            }
        }

        try
        {
            return await followed.GetAsync(ct);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException)
        {
            throw new VolumeException(e.Message, e);
        }
    }
}

using System.Collections.Concurrent;
using System.Threading.Channels;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Microsoft.Extensions.Logging;

namespace Kobune.Kubelet.Sources;

/// <summary>The API's image of static pods (kubelet/pod/mirror_client.go): made, kept, and removed with the manifest. Statuses of a static pod go to its mirror.</summary>
internal sealed partial class MirrorPods(IClient client, ICache<Pod> cache, string nodeName, ILogger logger)
{
    internal const string MirrorAnnotation = "kubernetes.io/config.mirror";
    internal const string HashAnnotation = "kubernetes.io/config.hash";
    private readonly ConcurrentDictionary<string, Pod> _statics = new();
    private readonly Channel<(string Ns, string Name)> _queue = Channel.CreateUnbounded<(string, string)>();

    internal static bool IsMirror(Pod pod) => pod.Metadata.Annotations.ContainsKey(MirrorAnnotation);

    internal void Set(Pod pod)
    {
        _statics[pod.Metadata.Uid] = pod;
        _queue.Writer.TryWrite((pod.Metadata.Namespace, pod.Metadata.Name));
    }

    internal void Remove(string uid)
    {
        if (_statics.TryRemove(uid, out var pod))
        {
            _queue.Writer.TryWrite((pod.Metadata.Namespace, pod.Metadata.Name));
        }
    }

    internal void OnMirror(Change<Pod> change) => _queue.Writer.TryWrite((change.Object.Metadata.Namespace, change.Object.Metadata.Name));

    /// <summary>The static pod behind a mirror.</summary>
    internal Pod? StaticOf(Pod mirror) => Find(mirror.Metadata.Namespace, mirror.Metadata.Name);

    /// <summary>The pod of the API that stands for this one: itself, or its mirror; null when there is none now.</summary>
    internal Pod? ApiPod(Pod pod)
    {
        if (!_statics.ContainsKey(pod.Metadata.Uid))
        {
            return pod.Metadata.Annotations.ContainsKey(HashAnnotation) ? null : pod;
        }

        return cache.Find(pod.Metadata.Namespace, pod.Metadata.Name) is { } mirror && IsMirror(mirror) ? mirror : null;
    }

    internal async Task RunAsync(CancellationToken ct)
    {
        await foreach (var (ns, name) in _queue.Reader.ReadAllAsync(ct))
        {
            try
            {
                await ReconcileAsync(ns, name, ct);
            }
            catch (Exception e) when (e is ApiException or HttpRequestException)
            {
                LogFailed(ns, name, e.Message);
            }
        }
    }

    private Pod? Find(string ns, string name) => _statics.Values.FirstOrDefault(p => p.Metadata.Name == name && p.Metadata.Namespace == ns);

    private async Task ReconcileAsync(string ns, string name, CancellationToken ct)
    {
        var wanted = Find(ns, name);
        var mirror = cache.Find(ns, name);
        if (mirror is not null && IsMirror(mirror) && (wanted is null || mirror.Metadata.DeletionTimestamp is not null
            || mirror.Metadata.Annotations[MirrorAnnotation] != wanted.Metadata.Annotations[HashAnnotation]))
        {
            var options = new Kobune.Api.Meta.V1.DeleteOptions { GracePeriodSeconds = 0, Preconditions = new() { Uid = mirror.Metadata.Uid } };
            await client.DeleteAsync<Pod>(ns, name, options, ct); // its end makes the next one
        }
        else if (mirror is null && wanted is not null)
        {
            await client.CreateAsync(await MirrorOfAsync(wanted, ct), ct);
        }
    }

    private async Task<Pod> MirrorOfAsync(Pod pod, CancellationToken ct)
    {
        var node = await client.GetAsync<Node>("", nodeName, ct);
        var annotations = new Dictionary<string, string>(pod.Metadata.Annotations) { [MirrorAnnotation] = pod.Metadata.Annotations[HashAnnotation] };
        return pod with
        {
            Metadata = pod.Metadata with
            {
                Uid = "",
                Annotations = annotations,
                OwnerReferences = [new() { APIVersion = "v1", Kind = "Node", Name = nodeName, Uid = node.Metadata.Uid, Controller = true }],
            },
            Status = PodStatus.Empty,
        };
    }

    [LoggerMessage(LogLevel.Warning, "The mirror of static pod {Namespace}/{Name} was not written: {Message}")]
    private partial void LogFailed(string @namespace, string name, string message);
}

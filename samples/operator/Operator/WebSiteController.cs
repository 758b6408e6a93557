using System.Collections.Concurrent;
using System.Threading.Channels;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Operator;

/// <summary>Watches web sites and their Deployments and reconciles each site that may have changed, one at a time; what failed is tried again.</summary>
public sealed partial class WebSiteController(IKubernetes client, TimeProvider time, ILogger<WebSiteController> logger)
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private readonly WebSiteReconciler _reconciler = new(client, time);
    private readonly Channel<(string Namespace, string Name)> _queue = Channel.CreateUnbounded<(string, string)>();
    private readonly ConcurrentDictionary<(string Namespace, string Name), bool> _waiting = new();

    /// <summary>Runs until it is cancelled.</summary>
    public Task RunAsync(CancellationToken ct) => Task.WhenAll(
        WatchAsync(() => client.CustomObjects.WatchListCustomObjectForAllNamespacesAsync(WebSite.Group, WebSite.Version, WebSite.Plural, cancellationToken: ct), o => Key(KubernetesJson.Deserialize<WebSite>(o.ToString()!)), ct),
        WatchAsync(() => client.AppsV1.WatchListDeploymentForAllNamespacesAsync(labelSelector: WebSiteObjects.Label, cancellationToken: ct), Key, ct),
        WorkAsync(ct));

    private static (string, string) Key(IMetadata<V1ObjectMeta> o) => (o.Metadata.NamespaceProperty, o.Metadata.Name);

    // A watch that begins without a version tells of all objects first, so one that was cut misses nothing.
    private async Task WatchAsync<T>(Func<IAsyncEnumerable<(WatchEventType, T)>> watch, Func<T, (string, string)> key, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await foreach (var (_, item) in watch().WithCancellation(ct))
                {
                    Enqueue(key(item));
                }
            }
            catch (Exception e) when (e is HttpOperationException or HttpRequestException or IOException or KubernetesException)
            {
                LogWatch(e.Message);
                await Task.Delay(Retry, time, ct);
            }
        }
    }

    private async Task WorkAsync(CancellationToken ct)
    {
        await foreach (var site in _queue.Reader.ReadAllAsync(ct))
        {
            _waiting.TryRemove(site, out _); // a change from here on is work of its own
            try
            {
                await _reconciler.ReconcileAsync(site.Namespace, site.Name, ct);
            }
            catch (Exception e) when (e is not OperationCanceledException) // one bad site must not stop the others
            {
                LogFailure(site.Namespace, site.Name, (e as HttpOperationException)?.Response.Content ?? e.Message);
                _ = RetryAsync(site, ct);
            }
        }
    }

    private async Task RetryAsync((string, string) site, CancellationToken ct)
    {
        await Task.Delay(Retry, time, ct);
        Enqueue(site);
    }

    private void Enqueue((string, string) site)
    {
        if (_waiting.TryAdd(site, true))
        {
            _queue.Writer.TryWrite(site);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The watch ended: {Message}")]
    private partial void LogWatch(string message);

    [LoggerMessage(LogLevel.Warning, "{Namespace}/{Name} is tried again: {Message}")]
    private partial void LogFailure(string @namespace, string name, string message);
}

using System.Collections.Concurrent;
using Kobune.Api;
using Kobune.Api.Clocks;
using Kobune.Api.Meta.V1;
using Kobune.Api.Quotas;
using Kobune.Client;
using Kobune.Client.Discovery;
using Kobune.Client.Informers;
using Microsoft.Extensions.Logging;

namespace Kobune.ControllerManager.ResourceQuotas;

/// <summary>
/// Counts objects of kinds of which quotas bound nothing but the number ("count/widgets.example.com"): their metadata is followed for as long as a quota names them. Which kinds there are
/// is asked again from time to time, as they come and go. Source: pkg/controller/resourcequota, resource_quota_monitor.go.
/// </summary>
internal sealed partial class ObjectCounts(IClient client, Action<string?> changed, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<string, Following> _followed = new(StringComparer.Ordinal);
    private readonly DiscoveryClient _discovery = new(client.Transport, time);
    private readonly WakeSignal _changes = new(time);
    private volatile HashSet<string> _wanted = [];

    /// <summary>The number of a kind in a namespace; null when it is not known yet.</summary>
    /// <param name="name">"count/widgets.example.com".</param>
    /// <param name="ns">The namespace.</param>
    public long? Of(string name, string ns) => _followed.TryGetValue(name, out var following) ? following.Counts.Of(ns) : null;

    /// <summary>From now on these are counted, by their names in quotas.</summary>
    public void Want(IEnumerable<string> names)
    {
        var wanted = names.ToHashSet(StringComparer.Ordinal);
        if (!wanted.SetEquals(_wanted))
        {
            _wanted = wanted;
            _changes.Wake();
        }
    }

    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                await _changes.WaitAsync(_wanted.Count > 0 ? Period : null, ct);
                _changes.Forget();
                await RefreshAsync(ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The normal end.
        }
        finally
        {
            foreach (var name in _followed.Keys)
            {
                await StopAsync(name);
            }
        }
    }

    private async Task RefreshAsync(CancellationToken ct)
    {
        var wanted = _wanted;
        var served = new Dictionary<string, ResourceDescriptor>(StringComparer.Ordinal);
        if (wanted.Count > 0)
        {
            try
            {
                foreach (var info in (await _discovery.PreferredResourcesAsync(ct)).Items.Where(i => i.Resource.Namespaced && i.Can("create", "list", "watch", "delete")))
                {
                    served.TryAdd(QuotaUsage.CountName(info.Resource), info.Resource);
                }
            }
            catch (Exception e) when (e is ApiException or HttpRequestException)
            {
                LogDiscoveryFailed(e.Message);
                return; // what is followed is followed on
            }
        }

        foreach (var (name, following) in _followed)
        {
            if (!wanted.Contains(name) || !served.TryGetValue(name, out var resource) || resource != following.Resource)
            {
                await StopAsync(name);
            }
        }

        foreach (var name in wanted.Where(n => !_followed.ContainsKey(n)))
        {
            if (served.TryGetValue(name, out var resource))
            {
                Start(name, resource, ct);
            }
        }
    }

    private void Start(string name, ResourceDescriptor resource, CancellationToken ct)
    {
        var (counts, stop) = (new NamespaceCounts(changed), CancellationTokenSource.CreateLinkedTokenSource(ct));
        var reflector = new Reflector<PartialObjectMetadata>(client.Transport, resource, new ReflectorOptions(), counts, time, logger);
        _followed[name] = new(resource, counts, reflector.RunAsync(stop.Token), stop);
    }

    private async Task StopAsync(string name)
    {
        if (_followed.TryRemove(name, out var following))
        {
            await following.Stop.CancelHereAsync();
            await following.Run;
            following.Stop.Dispose();
        }
    }

    [LoggerMessage(LogLevel.Warning, "The quota controller could not ask which kinds there are: {Error}")]
    private partial void LogDiscoveryFailed(string error);

    private sealed record Following(ResourceDescriptor Resource, NamespaceCounts Counts, Task Run, CancellationTokenSource Stop);
}

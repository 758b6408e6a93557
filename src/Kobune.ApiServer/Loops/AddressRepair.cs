using System.Net;
using System.Text;
using Kobune.Api.Clocks;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;
using Kobune.Api.Networking.V1;
using Kobune.ApiServer.Allocation;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Watch;
using Microsoft.Extensions.Logging;
using static Kobune.ApiServer.Loops.AddressRepairPlan;
using IPAddressRecord = Kobune.Api.Networking.V1.IPAddress;

namespace Kobune.ApiServer.Loops;

/// <summary>
/// Keeps cluster IPs and IPAddress objects true to each other when somebody changed either by hand: each change is looked at, and all of them every three minutes. What looks wrong
/// in the caches is read from the store before anything is done, because two caches need not be at the same revision. Idempotent, safe with several servers.
/// </summary>
internal sealed partial class AddressRepair(ServerContext server, InProcessEndpoint endpoint, ILogger logger)
{
    private const string Path = "/apis/networking.k8s.io/v1/ipaddresses";
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(3);

    private readonly UserInfo _user = UserInfo.Of("system:apiserver", UserNames.Masters);
    private readonly ServerEvents _events = new(endpoint, "ipallocator-repair-controller", server.Time, logger);
    private readonly Lock _lock = new();
    private readonly HashSet<(string Namespace, string Name)> _services = [];
    private readonly HashSet<string> _addresses = [];
    private readonly Dictionary<string, DateTimeOffset> _later = [];
    private readonly WakeSignal _wake = new(server.Time);
    private DateTimeOffset _next = server.Time.GetUtcNow() + Period;

    /// <summary>Runs where IPAddresses are served.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        if (server.Registry.FindStored("networking.k8s.io", "ipaddresses") is not { } addresses)
        {
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task[] followed =
        [
            CacheFollower.RunAsync(server.Registry.FindStored("", "services")!.Cache, All, change => Add(change.Entry?.Read<Service>(), null), stop.Token),
            CacheFollower.RunAsync(addresses.Cache, All, Changed, stop.Token),
        ];
        try
        {
            while (true)
            {
                await WaitAsync(ct);
                await PassAsync(ct);
            }
        }
        finally
        {
            await stop.CancelHereAsync();
            await Task.WhenAll(followed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void All(CacheState? state)
    {
        foreach (var service in server.Objects.List<Service>(""))
        {
            Add(service, null);
        }

        foreach (var address in server.Objects.List<IPAddressRecord>(""))
        {
            Add(null, address);
        }
    }

    /// <summary>An address that was changed or deleted may be missed by its Service.</summary>
    private void Changed(WatchEvent change)
    {
        var address = change.Entry?.Read<IPAddressRecord>();
        var owner = change.Type != WatchEventType.Added && address?.Spec.ParentRef is { } parent && IsOfService(address) ? server.Objects.Find<Service>(parent.Namespace, parent.Name) : null;
        Add(owner, address);
    }

    private void Add(Service? service, IPAddressRecord? address)
    {
        lock (_lock)
        {
            if (service is not null)
            {
                _services.Add((service.Metadata.Namespace, service.Metadata.Name));
            }

            if (address is not null)
            {
                _addresses.Add(address.Metadata.Name);
            }

            _wake.Wake();
        }
    }

    /// <summary>Until something changed, an address is due, or a period has passed: then all of them are.</summary>
    private async Task WaitAsync(CancellationToken ct)
    {
        var due = _later.Values.Append(_next).Min();
        await _wake.WaitAsync(due - server.Time.GetUtcNow(), ct);
        var now = server.Time.GetUtcNow();
        if (now >= _next)
        {
            _next = now + Period;
            All(null);
        }
    }

    private async Task PassAsync(CancellationToken ct)
    {
        List<(string Namespace, string Name)> services;
        List<string> addresses;
        var now = server.Time.GetUtcNow();
        lock (_lock)
        {
            services = [.. _services];
            addresses = [.. _addresses.Union(_later.Where(l => l.Value <= now).Select(l => l.Key))];
            _services.Clear();
            _addresses.Clear();
        }

        IReadOnlyList<IPNetwork> ranges = [.. server.Objects.List<ServiceCIDR>("").SelectMany(c => c.Spec.CIDRs).Where(c => IPNetwork.TryParse(c, out _)).Select(c => IPNetwork.Parse(c))];
        if (ranges.Count == 0)
        {
            return; // the default ServiceCIDR comes first
        }

        foreach (var (ns, name) in services)
        {
            await ServiceAsync(ns, name, ranges, ct);
        }

        foreach (var name in addresses)
        {
            await AddressAsync(name, ct);
        }
    }

    private async Task ServiceAsync(string ns, string name, IReadOnlyList<IPNetwork> ranges, CancellationToken ct)
    {
        if (server.Objects.Find<Service>(ns, name) is not { } seen)
        {
            return;
        }

        foreach (var ip in AddressesOf(seen).Select(Canonical).Where(ip => System.Net.IPAddress.TryParse(ip, out _)))
        {
            var known = server.Objects.Find<IPAddressRecord>("", ip);
            var holder = known?.Spec.ParentRef is { } parent ? server.Objects.Find<Service>(parent.Namespace, parent.Name) : null;
            if (OfService(seen, ip, known, holder, ranges) is null
                || await server.Objects.GetAsync<Service>(ns, name, ct) is not { } live || !AddressesOf(live).Select(Canonical).Contains(ip))
            {
                continue;
            }

            known = await server.Objects.GetAsync<IPAddressRecord>("", ip, ct);
            holder = known?.Spec.ParentRef is { } named ? await server.Objects.GetAsync<Service>(named.Namespace, named.Name, ct) : null;
            await DoAsync(OfService(live, ip, known, holder, ranges), live, ct);
        }
    }

    private async Task AddressAsync(string name, CancellationToken ct)
    {
        _later.Remove(name);
        var now = server.Time.GetUtcNow();
        if (server.Objects.Find<IPAddressRecord>("", name) is not { } seen)
        {
            return;
        }

        if (OfAddress(seen, seen.Spec.ParentRef is { } parent ? server.Objects.Find<Service>(parent.Namespace, parent.Name) : null, now, out var again) is null)
        {
            if (again is { } due)
            {
                _later[name] = due;
            }

            return;
        }

        if (await server.Objects.GetAsync<IPAddressRecord>("", name, ct) is { } live)
        {
            await DoAsync(OfAddress(live, live.Spec.ParentRef is { } named ? await server.Objects.GetAsync<Service>(named.Namespace, named.Name, ct) : null, now, out _), null, ct);
        }
    }

    private async Task DoAsync(Repair? repair, Service? service, CancellationToken ct)
    {
        if (repair is { About: not null })
        {
            await _events.WarnAsync(repair.About, repair.Reason, repair.Action, repair.Message, ct);
        }

        if (repair?.Delete is { } gone)
        {
            await SendAsync("DELETE", $"{Path}/{gone}", default, ct);
        }

        if (repair?.Create is { } made && service is not null)
        {
            await SendAsync("POST", Path, JsonText.Bytes(IPAddressObject.Of(made, service.Metadata.Namespace, service.Metadata.Name)), ct);
        }
    }

    private async Task SendAsync(string method, string path, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        var answer = await endpoint.SendAsync(new InProcessRequest(_user, method, path, body, UserAgent: "kube-apiserver"), ct);
        if (answer.StatusCode is >= 400 and not (404 or 409))
        {
            LogRefused(method, path, Encoding.UTF8.GetString(answer.Body.Json.Span)); // the next period tries again
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Method} {Path} was refused: {Status}")]
    private partial void LogRefused(string method, string path, string status);
}

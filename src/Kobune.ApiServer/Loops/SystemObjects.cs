using System.Globalization;
using System.Net;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.Api.Scheduling.V1;
using Kobune.ApiServer.Allocation;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authentication.Tokens;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Loops;

/// <summary>
/// The objects that an API server keeps itself: system namespaces, priority classes, the default ServiceCIDR, the kubernetes Service with its endpoints, since when tokens
/// in Secrets are tracked, and kube-system/extension-apiserver-authentication. Idempotent, safe with several servers. Source: k8s.io/kubernetes, pkg/controlplane.
/// </summary>
internal sealed partial class SystemObjects(ApiServerOptions options, InProcessEndpoint endpoint, ILogger logger)
{
    private static readonly string[] Namespaces = ["kube-system", "kube-public", "kube-node-lease", "default"];
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private readonly UserInfo _user = UserInfo.Of("system:apiserver", "system:masters");
    private readonly TaskCompletionSource _namespaces = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DefaultServiceRange _range = new(options, endpoint, logger);
    private volatile bool _isDone;

    /// <summary>Whether it was tried to make them once.</summary>
    public bool IsDone => _isDone;

    /// <summary>Ends when the system namespaces were there once, or could not be made.</summary>
    public Task NamespacesStand => _namespaces.Task;

    /// <summary>The first look. Whatever refuses (a webhook that is away, a plugin that denies all) must not keep the server from starting: the next look comes.</summary>
    /// <param name="address">Where clients reach the server. A loopback address gives the kubernetes Service its target port but no endpoints: nobody but this machine reaches it.</param>
    public async Task BeginAsync(IPEndPoint address, CancellationToken ct)
    {
        try
        {
            await EnsureAsync(address, ct);
        }
        catch (InvalidOperationException e)
        {
            LogFailed(e);
        }
        finally
        {
            _namespaces.TrySetResult();
        }

        _isDone = true;
    }

    /// <summary>Makes what is missing and mends what differs. What does not need each other goes out at once, so that it shares commits.</summary>
    private async Task EnsureAsync(IPEndPoint address, CancellationToken ct)
    {
        await Task.WhenAll(Namespaces.Select(name => CreateAsync("/api/v1/namespaces", new Namespace { Metadata = new ObjectMeta { Name = name } }, ct)));
        _namespaces.TrySetResult();
        await Task.WhenAll(
            CreateAsync("/apis/scheduling.k8s.io/v1/priorityclasses", Priority("system-node-critical", 2000001000, "Used for system critical pods that must not be moved from their current node."), ct),
            CreateAsync("/apis/scheduling.k8s.io/v1/priorityclasses", Priority("system-cluster-critical", 2000000000, "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."), ct),
            AuthenticationConfigAsync(ct),
            TokenTrackingAsync(ct),
            RangeAndServiceAsync(address, ct));
    }

    private async Task RangeAndServiceAsync(IPEndPoint address, CancellationToken ct)
    {
        var ready = Task.CompletedTask;
        if (options.Schema.FindResource("networking.k8s.io", "v1", "servicecidrs") is not null)
        {
            await _range.CreateAsync(ct);
            ready = _range.SyncAsync(ct);
        }

        await Task.WhenAll(ready, ServiceAsync(address, ct));
    }

    /// <summary>Looks again now and then: somebody may delete them.</summary>
    public async Task RunAsync(IPEndPoint address, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Period, options.Time);
        while (await timer.WaitForNextTickAsync(ct))
        {
            try
            {
                await EnsureAsync(address, ct);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailed(e);
            }
        }
    }

    private static PriorityClass Priority(string name, int value, string description) =>
        new() { Metadata = new ObjectMeta { Name = name }, Value = value, Description = description, PreemptionPolicy = "PreemptLowerPriority" };

    private async Task AuthenticationConfigAsync(CancellationToken ct)
    {
        if (options.ClientAuthority.Length == 0)
        {
            return;
        }

        var data = new Dictionary<string, string>(options.RequestHeaderEntries) { ["client-ca-file"] = options.ClientAuthority };
        await PutAsync("/api/v1/namespaces/kube-system/configmaps", new ConfigMap
        {
            Metadata = new ObjectMeta { Name = "extension-apiserver-authentication", Namespace = "kube-system" },
            Data = data,
        }, (have, want) => data.All(d => have.Data.GetValueOrDefault(d.Key) == d.Value) ? null : have with { Data = want.Data }, ct);
    }

    /// <summary>Since when uses of tokens in Secrets are written down; a day that cannot be read begins anew.</summary>
    private Task TokenTrackingAsync(CancellationToken ct) => PutAsync(
        "/api/v1/namespaces/kube-system/configmaps",
        new ConfigMap
        {
            Metadata = new ObjectMeta { Name = "kube-apiserver-legacy-service-account-token-tracking", Namespace = "kube-system" },
            Data = new Dictionary<string, string> { ["since"] = LegacyTokenUses.Day(options.Time.GetUtcNow()) },
        },
        (have, want) => DateOnly.TryParseExact(have.Data.GetValueOrDefault("since"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? null : have with { Data = want.Data },
        ct);

    private async Task ServiceAsync(IPEndPoint address, CancellationToken ct)
    {
        var meta = new ObjectMeta { Name = "kubernetes", Namespace = "default" };
        await CreateAsync("/api/v1/namespaces/default/services", new Service
        {
            Metadata = meta with { Labels = new Dictionary<string, string> { ["component"] = "apiserver", ["provider"] = "kubernetes" } },
            Spec = new ServiceSpec
            {
                ClusterIP = ClusterIPRange.ParseAll(options.ServiceRange)[0].First.ToString(),
                IPFamilyPolicy = "SingleStack",
                Type = "ClusterIP",
                Ports = [new ServicePort { Name = "https", Protocol = "TCP", Port = 443, TargetPort = address.Port }],
                SessionAffinity = "None",
            },
        }, ct);
        if (IPAddressText(address) is not { } reachable)
        {
            return;
        }

        var endpoints = new Endpoints
        {
            Metadata = meta with { Labels = new Dictionary<string, string> { ["endpointslice.kubernetes.io/skip-mirror"] = "true" } },
            Subsets = [new EndpointSubset { Addresses = [new EndpointAddress { IP = reachable }], Ports = [new Api.Core.V1.EndpointPort { Name = "https", Port = address.Port, Protocol = "TCP" }] }],
        };
        await PutAsync("/api/v1/namespaces/default/endpoints", endpoints, (have, want) => have.Subsets.SequenceEqual(want.Subsets) ? null : have with { Subsets = want.Subsets }, ct);
        var slice = new EndpointSlice
        {
            Metadata = meta with { Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = "kubernetes" } },
            AddressType = "IPv4",
            Endpoints = [new Endpoint { Addresses = [reachable], Conditions = new EndpointConditions { Ready = true } }],
            Ports = [new Api.Discovery.V1.EndpointPort { Name = "https", Port = address.Port, Protocol = "TCP" }],
        };
        await PutAsync("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", slice, (have, want) =>
            have.Endpoints.SequenceEqual(want.Endpoints) && have.Ports.SequenceEqual(want.Ports) ? null : have with { Endpoints = want.Endpoints, Ports = want.Ports }, ct);
    }

    /// <summary>An address that pods can reach; the unspecified and the loopback ones are none (endpoints may not have them).</summary>
    private static string? IPAddressText(IPEndPoint address) =>
        address.Address.Equals(System.Net.IPAddress.Any) || System.Net.IPAddress.IsLoopback(address.Address) ? null : address.Address.ToString();

    private async Task CreateAsync<T>(string path, T obj, CancellationToken ct)
        where T : class, IKubernetesObject<T>
    {
        var name = obj.Metadata.Name;
        var known = await endpoint.SendAsync(new InProcessRequest(_user, "GET", $"{path}/{name}", UserAgent: "kube-apiserver"), ct);
        if (known.StatusCode == 404)
        {
            var answer = await endpoint.SendAsync(new InProcessRequest(_user, "POST", path, JsonText.Bytes(obj), UserAgent: "kube-apiserver"), ct);
            Check(answer, $"{path}/{name}");
        }
    }

    private async Task PutAsync<T>(string path, T wanted, Func<T, T, T?> mend, CancellationToken ct)
        where T : class, IKubernetesObject<T>
    {
        var place = $"{path}/{wanted.Metadata.Name}";
        var known = await endpoint.SendAsync(new InProcessRequest(_user, "GET", place, UserAgent: "kube-apiserver"), ct);
        if (known.StatusCode == 404)
        {
            Check(await endpoint.SendAsync(new InProcessRequest(_user, "POST", path, JsonText.Bytes(wanted), UserAgent: "kube-apiserver"), ct), place);
        }
        else if (known.StatusCode == 200 && mend(known.Body.Read<T>(), wanted) is { } mended)
        {
            Check(await endpoint.SendAsync(new InProcessRequest(_user, "PUT", place, JsonText.Bytes(mended), UserAgent: "kube-apiserver"), ct), place);
        }
    }

    /// <summary>Another server may have been faster; all else is a failure.</summary>
    private static void Check(InProcessAnswer answer, string what)
    {
        if (answer.StatusCode is >= 400 and not 409)
        {
            var status = answer.Body.Read<Status>();
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"the server's own object {what} could not be kept: {status.Code} {status.Message}"));
        }
    }

    [LoggerMessage(LogLevel.Error, "The server's own objects could not be kept; the next try is in half a minute")]
    private partial void LogFailed(Exception e);
}

using System.Globalization;
using Kobune.Api.ApiRegistration.V1;
using Kobune.Api.Clocks;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Json;
using Kobune.ApiServer.Aggregation;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Metrics;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Watch;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Loops;

/// <summary>
/// Keeps the condition Available of APIServices that lead to other servers. Each is asked when it, its Service or that Service's endpoints change, every 30 s while it
/// answers, and after 5 s, doubling to 30 s, while it does not. Without such an APIService nothing runs. Idempotent, safe with several servers.
/// </summary>
internal sealed partial class ApiServiceAvailability(ServerContext server, AggregatedApis apis, ApiServiceProbe probe, InProcessEndpoint endpoint, AggregationMetrics metrics, ILogger logger)
{
    private const string Path = "/apis/apiregistration.k8s.io/v1/apiservices/";
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(5);

    private readonly UserInfo _user = UserInfo.Of("system:apiserver", UserNames.Masters);
    private readonly Dictionary<string, Asked> _asked = new(StringComparer.Ordinal);
    private readonly WakeSignal _wake = new(server.Time);

    public async Task RunAsync(CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var followed = new List<Task> { CacheFollower.RunAsync(CacheOf("apiregistration.k8s.io", "apiservices"), _wake, stop.Token) };
        try
        {
            while (true)
            {
                var next = await SyncAsync(ct);
                if (apis.All.Count > 0 && followed.Count == 1)
                {
                    followed.Add(CacheFollower.RunAsync(CacheOf("", "services"), _wake, stop.Token));
                    followed.Add(CacheFollower.RunAsync(CacheOf("discovery.k8s.io", "endpointslices"), _wake, stop.Token));
                }

                await _wake.WaitAsync(next - server.Time.GetUtcNow(), ct);
            }
        }
        finally
        {
            await stop.CancelHereAsync();
            await Task.WhenAll(followed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private ResourceCache CacheOf(string group, string plural) => server.Registry.FindStored(group, plural)!.Cache;

    /// <summary>Asks those that are due; tells when the next one is.</summary>
    private async Task<DateTimeOffset?> SyncAsync(CancellationToken ct)
    {
        var all = apis.All;
        foreach (var gone in _asked.Keys.Except(all.Select(a => a.Name)).ToArray())
        {
            _asked.Remove(gone);
            apis.Keep(gone, null);
        }

        var now = server.Time.GetUtcNow();
        var due = all.Select(api => (Api: api, Signature: SignatureOf(api)))
            .Where(a => !_asked.TryGetValue(a.Api.Name, out var known) || known.Signature != a.Signature || known.Due <= now)
            .ToArray();
        var results = await Task.WhenAll(due.Select(a => AskAsync(a.Api, a.Signature, ct)));
        foreach (var (name, asked) in results)
        {
            _asked[name] = asked;
        }

        return _asked.Count == 0 ? null : _asked.Values.Min(a => a.Due);
    }

    private async Task<(string Name, Asked Asked)> AskAsync(AggregatedApi api, string signature, CancellationToken ct)
    {
        var failures = _asked.TryGetValue(api.Name, out var known) && known.Signature == signature ? known.Failures : 0;
        var isPassed = false;
        try
        {
            var condition = ReachabilityPlan.Compute(api, server.Objects.Find<Service>(api.Service.Namespace, api.Service.Name), SlicesOf(api));
            AggregatedDocuments? documents = null;
            if (condition is null)
            {
                (condition, documents) = await probe.AskAsync(api, ct);
            }

            if (documents is not null)
            {
                isPassed = true;
                Keep(api, documents);
            }

            await WriteAsync(api.Name, condition, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(api.Name, e);
        }

        failures = isPassed ? 0 : failures + 1;
        var pause = isPassed ? Period : TimeSpan.FromTicks(Math.Min(Period.Ticks, FirstRetry.Ticks << Math.Min(failures - 1, 4)));
        return (api.Name, new(signature, server.Time.GetUtcNow() + pause, failures));
    }

    /// <summary>Records of equal content are kept as they are, so that discovery's documents live on.</summary>
    private void Keep(AggregatedApi api, AggregatedDocuments documents)
    {
        if (!documents.Equals(apis.DocumentsOf(api)))
        {
            apis.Keep(api.Name, documents);
        }
    }

    /// <summary>What an answer depends on: the APIService without its status, the Service and its slices.</summary>
    private string SignatureOf(AggregatedApi api)
    {
        var service = server.Objects.Find<Service>(api.Service.Namespace, api.Service.Name);
        var slices = SlicesOf(api).Select(s => s.Metadata.ResourceVersion).Order(StringComparer.Ordinal);
        return string.Create(CultureInfo.InvariantCulture, $"{api with { IsAvailable = false }} {service?.Metadata.ResourceVersion} {string.Join(',', slices)}");
    }

    private EndpointSlice[] SlicesOf(AggregatedApi api) =>
        [.. server.Objects.List<EndpointSlice>(api.Service.Namespace).Where(s => s.Metadata.Labels.GetValueOrDefault("kubernetes.io/service-name") == api.Service.Name)];

    private async Task WriteAsync(string name, APIServiceCondition condition, CancellationToken ct)
    {
        for (var code = 409; code == 409;)
        {
            var found = await endpoint.SendAsync(new InProcessRequest(_user, "GET", Path + name, UserAgent: "kube-apiserver"), ct);
            if (found.StatusCode != 200)
            {
                return; // gone
            }

            var item = found.Body.Read<APIService>();
            var status = ApiServiceConditions.Apply(item.Status, condition, server.Time.GetUtcNow());
            if (item.Spec.Service is null || ReferenceEquals(status, item.Status))
            {
                return;
            }

            var answer = await endpoint.SendAsync(new InProcessRequest(_user, "PUT", $"{Path}{name}/status", JsonText.Bytes(item with { Status = status }), UserAgent: "kube-apiserver"), ct);
            code = answer.StatusCode;
            if (code == 200)
            {
                metrics.Changed(name, condition);
                LogChanged(name, condition.Status, condition.Reason, condition.Message);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "APIService {Name}: Available is {Status} ({Reason}: {Message})")]
    private partial void LogChanged(string name, string status, string reason, string message);

    [LoggerMessage(LogLevel.Error, "The availability of APIService {Name} could not be told")]
    private partial void LogFailed(string name, Exception e);

    /// <summary>When an API was asked: for what state of the objects, when again, and how often in vain.</summary>
    private sealed record Asked(string Signature, DateTimeOffset Due, int Failures);
}

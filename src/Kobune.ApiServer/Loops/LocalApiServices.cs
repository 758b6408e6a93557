using Kobune.Api.ApiRegistration.V1;
using Kobune.Api.Clocks;
using Kobune.Api.Json;
using Kobune.Api.Schema;
using Kobune.ApiServer.Aggregation;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.CustomResources;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Loops;

/// <summary>
/// An APIService for each group version that this server answers itself, custom ones included, as upstream's autoregistration keeps them. One that a user made is
/// left alone. Idempotent, safe with several servers.
/// </summary>
internal sealed partial class LocalApiServices(LiveSchema live, Admission.IObjectReader objects, InProcessEndpoint endpoint, TimeProvider time, ILogger logger)
{
    internal const string ManagedLabel = "kube-aggregator.kubernetes.io/automanaged";
    internal const string OnStart = "onstart";
    internal const string Always = "true";
    private const string Path = "/apis/apiregistration.k8s.io/v1/apiservices";
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    private readonly UserInfo _user = UserInfo.Of("system:apiserver", UserNames.Masters);

    public async Task RunAsync(CancellationToken ct)
    {
        var wake = new WakeSignal(time);
        wake.Wake();
        live.Replaced += wake.Wake;
        try
        {
            while (true)
            {
                await wake.WaitAsync(ct);
                if (!await SyncAsync(ct))
                {
                    await Task.Delay(Retry, time, ct);
                    wake.Wake();
                }
            }
        }
        finally
        {
            live.Replaced -= wake.Wake;
        }
    }

    /// <summary>Those that there should be: built-in versions with a known place, and all custom ones.</summary>
    internal static IReadOnlyDictionary<string, APIService> Wanted(ApiSchema schema)
    {
        var wanted = new SortedDictionary<string, APIService>(StringComparer.Ordinal);
        foreach (var resource in schema.Resources.Where(r => r.IsServed))
        {
            var priority = resource.IsCustom ? ApiPriorities.Custom : ApiPriorities.Find(resource.Group, resource.Version);
            if (priority is var (group, version) && $"{resource.Version}.{resource.Group}" is var name && !wanted.ContainsKey(name))
            {
                wanted[name] = new()
                {
                    Metadata = new() { Name = name, Labels = new Dictionary<string, string> { [ManagedLabel] = resource.IsCustom ? Always : OnStart } },
                    Spec = new() { Group = resource.Group, Version = resource.Version, GroupPriorityMinimum = group, VersionPriority = version },
                };
            }
        }

        return wanted;
    }

    /// <summary>False when something was refused: then it is tried again.</summary>
    private async Task<bool> SyncAsync(CancellationToken ct)
    {
        var wanted = Wanted(live.Current);
        var known = objects.List<APIService>("").ToDictionary(s => s.Metadata.Name, StringComparer.Ordinal);
        var isDone = true;
        foreach (var (name, item) in wanted)
        {
            if (!known.TryGetValue(name, out var have))
            {
                isDone &= await SendAsync("POST", Path, JsonText.Bytes(item), ct);
            }
            else if (have.Metadata.Labels.ContainsKey(ManagedLabel) && have.Spec != item.Spec)
            {
                isDone &= await SendAsync("PUT", $"{Path}/{name}", JsonText.Bytes(have with { Spec = item.Spec }), ct);
            }
        }

        foreach (var item in known.Values.Where(s => s.Metadata.Labels.GetValueOrDefault(ManagedLabel) == Always && !wanted.ContainsKey(s.Metadata.Name)))
        {
            isDone &= await SendAsync("DELETE", $"{Path}/{item.Metadata.Name}", default, ct);
        }

        return isDone;
    }

    private async Task<bool> SendAsync(string method, string path, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        var answer = await endpoint.SendAsync(new InProcessRequest(_user, method, path, body, UserAgent: "kube-apiserver"), ct);
        if (answer.StatusCode is >= 400 and not (404 or 409))
        {
            LogRefused(method, path, System.Text.Encoding.UTF8.GetString(answer.Body.Json.Span));
            return false;
        }

        return true; // 404, 409: another server was quicker
    }

    [LoggerMessage(LogLevel.Warning, "{Method} {Path} was refused: {Status}")]
    private partial void LogRefused(string method, string path, string status);
}

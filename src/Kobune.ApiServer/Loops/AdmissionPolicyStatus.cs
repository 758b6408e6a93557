using System.Text;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Watch;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Loops;

/// <summary>
/// Writes the status of ValidatingAdmissionPolicies: the generation that was looked at, and type checking without warnings. Idempotent, safe with several servers.
/// Source: k8s.io/kubernetes, pkg/controller/validatingadmissionpolicystatus (expressions are not checked against the schemas of what they match).
/// </summary>
internal sealed partial class AdmissionPolicyStatus(ServerContext server, InProcessEndpoint endpoint, ILogger logger)
{
    private const string Path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/";
    private readonly UserInfo _user = UserInfo.Of("system:apiserver", UserNames.Masters);

    /// <summary>Follows the policies.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        if (server.Registry.FindStored("admissionregistration.k8s.io", "validatingadmissionpolicies") is not { } kind)
        {
            return;
        }

        while (true)
        {
            var (watcher, state) = kind.Cache.WatchNow(EntryFilter.All);
            try
            {
                await SyncAsync(state, ct);
                while (await watcher.Events.WaitToReadAsync(ct))
                {
                    while (watcher.Events.TryRead(out _))
                    {
                    }

                    await SyncAsync(kind.Cache.State, ct);
                }
            }
            finally
            {
                kind.Cache.Unwatch(watcher);
            }
        }
    }

    private async Task SyncAsync(CacheState state, CancellationToken ct)
    {
        foreach (var policy in state.Index.Range("/").Select(e => e.Read<ValidatingAdmissionPolicy>()).Where(p => p.Status.ObservedGeneration < p.Metadata.Generation))
        {
            var body = Encoding.UTF8.GetBytes($$$"""{"metadata":{"uid":"{{{policy.Metadata.Uid}}}"},"status":{"observedGeneration":{{{policy.Metadata.Generation}}},"typeChecking":{} } }""");
            var request = new InProcessRequest(_user, "PATCH", $"{Path}{policy.Metadata.Name}/status", body, "application/merge-patch+json", "kube-apiserver");
            var answer = await endpoint.SendAsync(request, ct);
            if (answer.StatusCode is >= 400 and not (404 or 409))
            {
                LogRefused(policy.Metadata.Name, Encoding.UTF8.GetString(answer.Body.Json.Span));
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The status of ValidatingAdmissionPolicy {Name} was refused: {Status}")]
    private partial void LogRefused(string name, string status);
}

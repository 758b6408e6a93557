using System.Text;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Json;
using Kobune.ApiServer.Admission.Policies;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Watch;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Loops;

/// <summary>
/// Writes the status of ValidatingAdmissionPolicies: the generation that was looked at, and what type checking says about its expressions. Idempotent, safe with several servers.
/// Source: k8s.io/kubernetes, pkg/controller/validatingadmissionpolicystatus.
/// </summary>
internal sealed partial class AdmissionPolicyStatus(ServerContext server, LiveSchema live, InProcessEndpoint endpoint, ILogger logger)
{
    private const string Path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/";
    private const string Manager = "validatingadmissionpolicy-status";
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
            var warnings = PolicyTypeCheck.Check(policy, live.Current, server.Features.Version.Minor);
            var applied = new ValidatingAdmissionPolicy
            {
                Metadata = new() { Name = policy.Metadata.Name },
                Status = new() { ObservedGeneration = policy.Metadata.Generation, TypeChecking = new() { ExpressionWarnings = warnings } },
            };
            var path = $"{Path}{policy.Metadata.Name}/status?fieldManager={Manager}&force=true";
            var request = new InProcessRequest(_user, "PATCH", path, JsonText.Bytes(applied), "application/apply-patch+yaml", "kube-apiserver");
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

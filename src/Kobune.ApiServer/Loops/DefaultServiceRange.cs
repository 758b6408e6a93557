using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.Api.Networking.V1;
using Kobune.ApiServer.Allocation;
using Kobune.ApiServer.Authentication;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Loops;

/// <summary>
/// The ServiceCIDR of the server's own ranges: made when it is missing, given the second family when the server has one, and said to be ready. One that tells other ranges is
/// left as it is. Idempotent, safe with several servers. Source: k8s.io/kubernetes, pkg/controlplane/controller/defaultservicecidr.
/// </summary>
internal sealed class DefaultServiceRange(ApiServerOptions options, InProcessEndpoint endpoint, ILogger logger)
{
    private const string Manager = "kubernetes-service-cidr-controller";
    private const string Path = "/apis/networking.k8s.io/v1/servicecidrs";
    private const string Own = Path + "/" + ClusterIPRanges.Default;
    private const string Failed = "KubernetesDefaultServiceCIDRError";

    private readonly UserInfo _user = UserInfo.Of("system:apiserver", UserNames.Masters);
    private readonly string[] _ranges = options.ServiceRange.Split(',');
    private readonly ServerEvents _events = new(endpoint, Manager, options.Time, logger);
    private bool _hasSaidOther;
    private bool _hasSaidNotReady;

    /// <summary>Makes it when it is missing.</summary>
    public async Task CreateAsync(CancellationToken ct)
    {
        if ((await SendAsync("GET", Own, default, null, ct)).StatusCode == 404)
        {
            var made = new ServiceCIDR { Metadata = new ObjectMeta { Name = ClusterIPRanges.Default }, Spec = new ServiceCIDRSpec { CIDRs = _ranges } };
            var answer = await SendAsync("POST", Path, JsonText.Bytes(made), null, ct);
            if (answer.StatusCode is >= 400 and not 409)
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"the default ServiceCIDR could not be made: {answer.StatusCode} {answer.Body.Read<Status>().Message}"));
            }
        }
    }

    /// <summary>Brings it, and what it says of itself, in line.</summary>
    public async Task SyncAsync(CancellationToken ct)
    {
        var answer = await SendAsync("GET", Own, default, null, ct);
        if (answer.StatusCode != 200)
        {
            return; // the next round makes it
        }

        var range = answer.Body.Read<ServiceCIDR>();
        if (_ranges.Length == 2 && range.Spec.CIDRs is [var only] && only == _ranges[0])
        {
            await WidenAsync(range, ct);
        }
        else if (range.Metadata.DeletionTimestamp is null)
        {
            await SayAsync(range, ct);
        }
    }

    private async Task WidenAsync(ServiceCIDR range, CancellationToken ct)
    {
        var answer = await SendAsync("PUT", Own, JsonText.Bytes(range with { Spec = range.Spec with { CIDRs = _ranges } }), null, ct);
        if (answer.StatusCode is >= 400 and not 409)
        {
            var why = $"The default ServiceCIDR can not be upgraded from {_ranges[0]} to dual stack {List(_ranges)} : {answer.Body.Read<Status>().Message}";
            await _events.WarnAsync(range, Failed, "", why, ct);
        }
    }

    private async Task SayAsync(ServiceCIDR range, CancellationToken ct)
    {
        var ready = range.Status.Conditions.FirstOrDefault(c => c.Type == "Ready");
        if (!range.Spec.CIDRs.SequenceEqual(_ranges))
        {
            if (!_hasSaidOther)
            {
                _hasSaidOther = true;
                await _events.WarnAsync(range, "KubernetesDefaultServiceCIDRInconsistent", "", $"The default ServiceCIDR {List(range.Spec.CIDRs)} does not match the controller flag configurations {List(_ranges)}", ct);
            }
        }
        else if (ready is { Status: "False" })
        {
            if (!_hasSaidNotReady)
            {
                _hasSaidNotReady = true; // what another component said is not written over
                await _events.WarnAsync(range, ready.Reason, "", "Configuration matches, but " + ready.Message, ct);
            }
        }
        else if (ready is null or { Status: "Unknown" })
        {
            await BeReadyAsync(range, ct);
        }
    }

    private async Task BeReadyAsync(ServiceCIDR range, CancellationToken ct)
    {
        var condition = new JsonObject
        {
            ["type"] = "Ready",
            ["status"] = "True",
            ["reason"] = "",
            ["message"] = "Kubernetes default Service CIDR is ready",
            ["lastTransitionTime"] = Registry.ObjectTree.Rfc3339(options.Time.GetUtcNow()),
        };
        var patch = new JsonObject
        {
            ["apiVersion"] = "networking.k8s.io/v1",
            ["kind"] = "ServiceCIDR",
            ["metadata"] = new JsonObject { ["name"] = ClusterIPRanges.Default },
            ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) },
        };
        var answer = await SendAsync("PATCH", $"{Own}/status?fieldManager={Manager}&force=true", Encoding.UTF8.GetBytes(patch.ToJsonString()), "application/apply-patch+yaml", ct);
        if (answer.StatusCode is >= 400 and not (404 or 409))
        {
            await _events.WarnAsync(range, Failed, "", "The default ServiceCIDR Status can not be set to Ready=True", ct);
        }
    }

    private static string List(IEnumerable<string> ranges) => $"[{string.Join(' ', ranges)}]";

    private ValueTask<InProcessAnswer> SendAsync(string method, string path, ReadOnlyMemory<byte> body, string? contentType, CancellationToken ct) =>
        endpoint.SendAsync(new InProcessRequest(_user, method, path, body, contentType, "kube-apiserver"), ct);
}

using Kobune.Api.Core.V1;
using Kobune.Api.Schema;
using Kobune.Grpc;
using Kobune.Kubelet.Health;

namespace Kobune.Kubelet.Probes;

/// <summary>grpc probes: the health service of the container answers SERVING.</summary>
internal static class GrpcProber
{
    private static readonly GrpcMethod<HealthCheckRequest, HealthCheckResponse> Check = new("grpc.health.v1.Health/Check", HealthCheckRequest.Parser, HealthCheckResponse.Parser);

    internal static async Task<ProbeResult> ProbeAsync(GRPCAction action, string host, TimeSpan timeout, CancellationToken ct)
    {
        var address = HostPort.Join(host, action.Port);
        using var channel = GrpcChannel.ForAddress(new Uri("http://" + address), new() { ConnectTimeout = timeout });
        try
        {
            var answer = await channel.UnaryAsync(Check, new HealthCheckRequest { Service = action.Service ?? "" }, timeout, ct);
            return answer.Status == HealthCheckResponse.Types.ServingStatus.Serving
                ? new(ProbeOutcome.Success, "service healthy")
                : new(ProbeOutcome.Failure, $"service unhealthy (responded with \"{answer.Status.ToString().ToUpperInvariant()}\")");
        }
        catch (RpcException e)
        {
            return e.StatusCode switch
            {
                StatusCode.Unimplemented => new(ProbeOutcome.Failure, $"error: this server does not implement the grpc health protocol (grpc.health.v1.Health): {e.Detail}"),
                StatusCode.DeadlineExceeded => new(ProbeOutcome.Failure, $"timeout: health rpc did not complete within {GoDuration.Format(timeout)}"),
                StatusCode.Unavailable => new(ProbeOutcome.Failure, $"error: connection to {address} failed: {e.Detail}"),
                _ => new(ProbeOutcome.Failure, $"error: health rpc probe failed: {e.Message}"),
            };
        }
    }
}

using Kobune.Api.Core.V1;
using Kobune.Api.Schema;
using Kobune.Grpc;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Probes;

/// <summary>Runs one probe of any kind, with upstream's three attempts for a probe that could not be made.</summary>
internal sealed class ProbeRunner(ICriRuntime runtime, HttpProber http)
{
    private const int MaxOutput = 10 * 1024;

    internal async Task<ProbeResult> RunAsync(Probe probe, Container container, string containerId, string podIP, CancellationToken ct)
    {
        ProbeResult result;
        var tries = 0;
        do
        {
            result = await OnceAsync(probe, container, containerId, podIP, ct);
        }
        while (result.Outcome == ProbeOutcome.Unknown && ++tries < 3);

        return result;
    }

    private async Task<ProbeResult> OnceAsync(Probe probe, Container container, string containerId, string podIP, CancellationToken ct)
    {
        var timeout = TimeSpan.FromSeconds(Math.Max(1, probe.TimeoutSeconds));
        if (probe.Exec is { } exec)
        {
            return await ExecAsync(exec, containerId, timeout, ct);
        }

        if (probe.HTTPGet is { } get)
        {
            return await http.ProbeAsync(get, container, podIP, timeout, ct);
        }

        if (probe.TCPSocket is { } tcp)
        {
            return ProbePort.Resolve(tcp.Port, container) is { } port
                ? await TcpProber.ProbeAsync(tcp.Host.Length > 0 ? tcp.Host : podIP, port, timeout, ct)
                : new(ProbeOutcome.Unknown, $"couldn't find port {tcp.Port} in container {container.Name}");
        }

        return probe.GRPC is { } grpc ? await GrpcProber.ProbeAsync(grpc, podIP, timeout, ct) : new(ProbeOutcome.Unknown, "missing probe handler");
    }

    private async Task<ProbeResult> ExecAsync(ExecAction exec, string containerId, TimeSpan timeout, CancellationToken ct)
    {
        try
        {
            var answer = await runtime.ExecSyncAsync(containerId, exec.Command, timeout, ct);
            var output = answer.Stdout.ToStringUtf8() + answer.Stderr.ToStringUtf8();
            return new(answer.ExitCode == 0 ? ProbeOutcome.Success : ProbeOutcome.Failure, output.Length > MaxOutput ? output[..MaxOutput] : output);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.DeadlineExceeded)
        {
            return new(ProbeOutcome.Failure, $"command timed out: \"{string.Join(' ', exec.Command)}\" timed out after {GoDuration.Format(timeout)}");
        }
        catch (RpcException e)
        {
            return new(ProbeOutcome.Unknown, e.Message);
        }
    }
}

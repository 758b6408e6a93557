using Kobune.Api.Core.V1;
using Kobune.Kubelet.Events;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Probes;

/// <summary>The loop of one probe of one run of a container (kubelet/prober/worker.go).</summary>
internal sealed class ProbeWorker(
    ProbeRunner runner, IKubeletEvents events, TimeProvider time, Pod pod, Container container, ProbeKind kind, Probe probe, RuntimeContainer run, string podIP)
{
    /// <summary>Probes until the container must be restarted, or a startup probe succeeded.</summary>
    /// <param name="set">Takes a result that has reached its threshold; false ends the loop.</param>
    internal async Task RunAsync(Func<bool, bool> set, CancellationToken ct)
    {
        var delay = run.StartedAt + TimeSpan.FromSeconds(probe.InitialDelaySeconds) - time.GetUtcNow();
        if (delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, time, ct);
        }

        var period = TimeSpan.FromSeconds(Math.Max(1, probe.PeriodSeconds));
        bool? last = null;
        var count = 0;
        while (true)
        {
            var result = await runner.RunAsync(probe, container, run.Id, podIP, ct);
            ct.ThrowIfCancellationRequested();
            if (result.Outcome != ProbeOutcome.Unknown)
            {
                count = last == result.IsSuccess ? count + 1 : 1;
                last = result.IsSuccess;
                Tell(result);
                if (count >= Math.Max(1, result.IsSuccess ? probe.SuccessThreshold : probe.FailureThreshold)
                    && (!set(result.IsSuccess) || (kind == ProbeKind.Startup && result.IsSuccess) || (kind != ProbeKind.Readiness && !result.IsSuccess)))
                {
                    return; // a started container needs no startup probe, a condemned one no further
                }
            }
            else
            {
                events.Pod(pod, container, EventReasons.Warning, EventReasons.Unhealthy, $"{kind} probe errored and resulted in unknown state: {result.Output}");
            }

            await Task.Delay(period, time, ct);
        }
    }

    private void Tell(ProbeResult result)
    {
        if (result.Outcome == ProbeOutcome.Failure)
        {
            events.Pod(pod, container, EventReasons.Warning, EventReasons.Unhealthy, $"{kind} probe failed: {result.Output}");
        }
        else if (result.Outcome == ProbeOutcome.Warning)
        {
            events.Pod(pod, container, EventReasons.Warning, EventReasons.ProbeWarning, $"{kind} probe warning: {result.Output}");
        }
    }
}

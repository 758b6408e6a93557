using Kobune.Api.Core.V1;
using Kobune.Grpc;
using Kobune.Kubelet.Probes;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Pods;

/// <summary>A hook did not end well; the message is upstream's.</summary>
internal sealed class HookException(string message) : Exception(message);

/// <summary>postStart and preStop (kubelet/lifecycle/handlers.go).</summary>
internal sealed class LifecycleHooks(ICriRuntime runtime, HttpProber http, TimeProvider time)
{
    /// <exception cref="HookException">The hook failed.</exception>
    internal async Task RunAsync(Pod pod, Container container, LifecycleHandler hook, string containerId, string podIP, TimeSpan limit, CancellationToken ct)
    {
        if (hook.Exec is { } exec)
        {
            await ExecAsync(exec, containerId, limit, ct);
        }
        else if (hook.HTTPGet is { } get)
        {
            // Hooks know no failing status below 400; the request itself must have got an answer.
            var result = await http.ProbeAsync(get, container, podIP, limit == TimeSpan.Zero ? TimeSpan.FromSeconds(30) : limit, ct);
            if (result.Outcome == ProbeOutcome.Failure)
            {
                throw new HookException(result.Output);
            }
        }
        else if (hook.Sleep is { } sleep)
        {
            await Task.Delay(TimeSpan.FromSeconds(sleep.Seconds), time, ct);
        }
        else
        {
            throw new HookException($"invalid handler: container {container.Name} of pod {pod.Metadata.Name} has a hook without an action");
        }
    }

    private async Task ExecAsync(ExecAction exec, string containerId, TimeSpan limit, CancellationToken ct)
    {
        try
        {
            var answer = await runtime.ExecSyncAsync(containerId, exec.Command, limit, ct);
            if (answer.ExitCode != 0)
            {
                throw new HookException($"command '{string.Join(' ', exec.Command)}' exited with {answer.ExitCode}: {answer.Stderr.ToStringUtf8()}");
            }
        }
        catch (RpcException e)
        {
            throw new HookException(e.Detail);
        }
    }
}

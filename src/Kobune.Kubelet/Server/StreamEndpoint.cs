using Kobune.Grpc;
using Kobune.Kubelet.Pods;
using Kobune.Kubelet.Runtime;
using Microsoft.AspNetCore.Http;

namespace Kobune.Kubelet.Server;

/// <summary>exec, attach and port-forward: the runtime's streaming server does the work, the upgraded connection is passed through; and run.</summary>
internal sealed class StreamEndpoint(PodWorkers workers, ICriRuntime runtime, ExecInputs inputs)
{
    internal async Task ExecAsync(HttpContext context, string ns, string pod, string uid, string container)
    {
        if (await RunningAsync(context, ns, pod, uid, container) is not { } run)
        {
            return;
        }

        var query = context.Request.Query;
        var request = new Cri.ExecRequest { ContainerId = run.Id, Tty = Flag(query, "tty"), Stdin = Flag(query, "input", "stdin"), Stdout = Flag(query, "output", "stdout"), Stderr = Flag(query, "error", "stderr") && !Flag(query, "tty") };
        request.Cmd.AddRange(query["command"].Where(c => c is not null)!);
        using var input = request.Stdin ? inputs.Open(run.Id) : null;
        await PassAsync(context, () => runtime.ExecAsync(request, context.RequestAborted));
    }

    internal async Task AttachAsync(HttpContext context, string ns, string pod, string uid, string container)
    {
        if (await RunningAsync(context, ns, pod, uid, container) is not { } run)
        {
            return;
        }

        var query = context.Request.Query;
        var request = new Cri.AttachRequest { ContainerId = run.Id, Tty = Flag(query, "tty"), Stdin = Flag(query, "input", "stdin"), Stdout = Flag(query, "output", "stdout"), Stderr = Flag(query, "error", "stderr") && !Flag(query, "tty") };
        await PassAsync(context, () => runtime.AttachAsync(request, context.RequestAborted));
    }

    internal async Task PortForwardAsync(HttpContext context, string ns, string pod, string uid)
    {
        if (Find(ns, pod, uid) is not { } worker)
        {
            await KubeletServer.TextAsync(context, 404, $"pod \"{pod}\" does not exist\n");
            return;
        }

        var status = await new PodRuntimeReader(runtime).ReadAsync(worker.Uid, context.RequestAborted);
        if (status.ReadySandbox is not { } sandbox)
        {
            await KubeletServer.TextAsync(context, 404, $"failed to find sandboxID for pod {pod}_{ns}({worker.Uid})\n");
            return;
        }

        await PassAsync(context, () => runtime.PortForwardAsync(new Cri.PortForwardRequest { PodSandboxId = sandbox.Id }, context.RequestAborted));
    }

    /// <summary>The old way to run one command: output and error mixed in the body.</summary>
    internal async Task RunAsync(HttpContext context, string ns, string pod, string uid, string container)
    {
        if (await RunningAsync(context, ns, pod, uid, container) is not { } run)
        {
            return;
        }

        var command = (context.Request.Query["cmd"].ToString() ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        try
        {
            var answer = await runtime.ExecSyncAsync(run.Id, command, TimeSpan.Zero, context.RequestAborted);
            await KubeletServer.TextAsync(context, answer.ExitCode == 0 ? 200 : 500, answer.Stdout.ToStringUtf8() + answer.Stderr.ToStringUtf8());
        }
        catch (RpcException e)
        {
            await KubeletServer.TextAsync(context, 500, e.Message);
        }
    }

    private static async Task PassAsync(HttpContext context, Func<Task<string>> url)
    {
        try
        {
            await UpgradePassthrough.RunAsync(context, new Uri(await url()));
        }
        catch (RpcException e)
        {
            await KubeletServer.TextAsync(context, e.StatusCode == StatusCode.NotFound ? 404 : 500, e.Message);
        }
    }

    private async Task<RuntimeContainer?> RunningAsync(HttpContext context, string ns, string pod, string uid, string container)
    {
        if (Find(ns, pod, uid) is not { } worker)
        {
            await KubeletServer.TextAsync(context, 404, $"pod \"{pod}\" does not exist\n");
            return null;
        }

        var status = await new PodRuntimeReader(runtime).ReadAsync(worker.Uid, context.RequestAborted);
        if (status.Find(container) is { IsRunning: true } run)
        {
            return run;
        }

        await KubeletServer.TextAsync(context, 404, $"container not found (\"{container}\")\n");
        return null;
    }

    private PodWorker? Find(string ns, string pod, string uid) => uid.Length > 0 ? workers.Find(uid) : workers.Find(ns, pod);

    /// <summary>The kubelet's own names are input, output and error; the API's are stdin, stdout and stderr.</summary>
    private static bool Flag(IQueryCollection query, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (query.TryGetValue(name, out var value) && value.ToString() is "1" or "true")
            {
                return true;
            }
        }

        return false;
    }
}

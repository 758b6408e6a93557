using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Extenders;

namespace Kobune.Scheduler.Framework;

/// <summary>From the decision for a node to the binding.</summary>
internal sealed partial class SchedulingFramework
{
    public Status? Reserve(CycleState state, PodInfo pod, string nodeName)
    {
        foreach (var plugin in _reserves)
        {
            if (plugin.Reserve(state, pod, nodeName) is { } status)
            {
                return status;
            }
        }

        return null;
    }

    /// <summary>In reverse order; harmless for plugins that had nothing reserved.</summary>
    public async Task UnreserveAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken ct)
    {
        for (var i = _reserves.Length - 1; i >= 0; i--)
        {
            await _reserves[i].UnreserveAsync(state, pod, nodeName, ct);
        }
    }

    /// <summary>Asks all plugins at once, in the scheduling cycle; the answer may come later.</summary>
    public Task<Status?> PermitAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken ct)
    {
        return _permits.Length == 0
            ? Task.FromResult<Status?>(null)
            : FirstRefusalAsync([.. _permits.Select(plugin => plugin.PermitAsync(state, pod, nodeName, ct))]);

        static async Task<Status?> FirstRefusalAsync(Task<Status?>[] answers) => (await Task.WhenAll(answers)).FirstOrDefault(status => status is not null);
    }

    public async Task<Status?> PreBindAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken ct)
    {
        foreach (var plugin in _preBinds)
        {
            if (await plugin.PreBindAsync(state, pod, nodeName, ct) is { } status)
            {
                return status;
            }
        }

        return null;
    }

    /// <summary>By the extender whose business that is, else by the first plugin that does.</summary>
    public async Task<Status?> BindAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken ct)
    {
        if (Extenders?.BinderOf(pod.Pod) is { } binder)
        {
            return await BindAsync(binder, pod, nodeName, ct);
        }

        foreach (var plugin in _binds)
        {
            var status = await plugin.BindAsync(state, pod, nodeName, ct);
            if (status is not { Code: StatusCode.Skip })
            {
                return status;
            }
        }

        return Status.Error("", $"no bind plugin bound pod {pod.Pod.Metadata.Namespace}/{pod.Pod.Metadata.Name}");
    }

    private static async Task<Status?> BindAsync(HttpExtender binder, PodInfo pod, string nodeName, CancellationToken ct)
    {
        try
        {
            await binder.BindAsync(pod.Pod, nodeName, ct);
            return null;
        }
        catch (ExtenderException e)
        {
            return Status.Error("", e.Message);
        }
    }

    public void PostBind(CycleState state, PodInfo pod, string nodeName)
    {
        foreach (var plugin in _postBinds)
        {
            plugin.PostBind(state, pod, nodeName);
        }
    }
}

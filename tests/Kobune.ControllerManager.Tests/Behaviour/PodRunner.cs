using System.Threading.Channels;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>Scheduler and kubelet at their shortest: binds pods, makes them ready, lets deleted ones go.</summary>
internal sealed class PodRunner(IInformer<Pod> pods, IClient client)
{
    public const string NodeName = "n1";
    private int _address;

    public async Task RunAsync(CancellationToken ct)
    {
        var keys = Channel.CreateUnbounded<ObjectKey>();
        using var subscription = pods.Subscribe(change => keys.Writer.TryWrite(change.Key));
        try
        {
            await foreach (var key in keys.Reader.ReadAllAsync(ct))
            {
                if (pods.Cache.Find(key) is { } pod)
                {
                    await StepAsync(pod, ct);
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The end of the test.
        }
    }

    private async Task StepAsync(Pod pod, CancellationToken ct)
    {
        var (ns, name) = ObjectKey.Of(pod);
        try
        {
            if (pod.IsDeleting())
            {
                await client.DeleteAsync<Pod>(ns, name, new DeleteOptions { GracePeriodSeconds = 0 }, ct);
            }
            else if (pod.Spec.NodeName.Length == 0)
            {
                var binding = new Binding { Metadata = new ObjectMeta { Namespace = ns, Name = name }, Target = new ObjectReference { Kind = "Node", Name = NodeName } };
                await client.CreateSubresourceAsync<Pod, Binding, Status>(ns, name, "binding", binding, ct);
            }
            else if (pod.Status.Phase is PodPhase.Pending or "")
            {
                var ip = "10.244.0." + Interlocked.Increment(ref _address);
                var status = pod.Status with
                {
                    Phase = PodPhase.Running,
                    PodIP = ip,
                    PodIPs = [new PodIP { IP = ip }],
                    Conditions = [new PodCondition { Type = PodConditionType.Ready, Status = "True", LastTransitionTime = TimeProvider.System.GetUtcNow() }],
                };
                await client.UpdateStatusAsync(pod with { Status = status }, ct);
            }
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict || e.IsNamespaceTerminating)
        {
            // The next event tells.
        }
    }
}

using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;

namespace Kobune.Kubelet.Statuses;

/// <summary>The status of a pod from what the runtime and the probes say (kubelet_pods.go generateAPIPodStatus). Pure.</summary>
internal static class PodStatusPlan
{
    internal static PodStatus Compute(PodStatusInput input)
    {
        var pod = input.Pod;
        if (input.Runtime.Containers.Count == 0 && input.Old.ContainerStatuses.Count == 0)
        {
            if (input.Old.Phase is PodPhase.Failed or PodPhase.Succeeded)
            {
                return input.Old; // it was refused: containers that never were say nothing later either
            }

            if (input is { Failure: { } refusal, Old.Phase: "" or PodPhase.Pending })
            {
                // It never began: upstream's rejectPod says no more than this.
                return input.Old with
                {
                    ObservedGeneration = pod.Metadata.Generation,
                    Phase = PodPhase.Failed,
                    Reason = refusal.Reason,
                    Message = refusal.Message,
                    QOSClass = PodQuality.QosClass(pod),
                    StartTime = input.Old.StartTime ?? Second(input.Now),
                };
            }
        }

        var init = ContainerStatusPlan.Compute(input, pod.Spec.InitContainers, input.Old.InitContainerStatuses, init: true);
        var containers = ContainerStatusPlan.Compute(input, pod.Spec.Containers, input.Old.ContainerStatuses, init: false);
        var ephemeral = ContainerStatusPlan.Compute(
            input, [.. pod.Spec.EphemeralContainers.Where(c => input.Runtime.Find(c.Name) is not null || input.Old.EphemeralContainerStatuses.Any(s => s.Name == c.Name) || input.Errors.Find(pod.Metadata.Uid, c.Name) is not null).Select(PodContainers.AsContainer)], input.Old.EphemeralContainerStatuses, init: false);
        var (phase, reason, message) = Phase(input, init, containers);
        var podIPs = pod.Spec.HostNetwork ? input.HostIPs : input.Runtime.IPs.Count > 0 ? input.Runtime.IPs : [.. input.Old.PodIPs.Select(ip => ip.IP)];
        return input.Old with
        {
            ObservedGeneration = pod.Metadata.Generation,
            Phase = phase,
            Reason = reason,
            Message = message,
            Conditions = PodConditionPlan.Compute(input, phase, init, containers),
            HostIP = input.HostIPs.Count > 0 ? input.HostIPs[0] : "",
            HostIPs = [.. input.HostIPs.Select(ip => new HostIP { IP = ip })],
            PodIP = podIPs.Count > 0 ? podIPs[0] : "",
            PodIPs = [.. podIPs.Select(ip => new PodIP { IP = ip })],
            StartTime = input.Old.StartTime ?? Second(input.Now),
            InitContainerStatuses = init,
            ContainerStatuses = containers,
            EphemeralContainerStatuses = ephemeral,
            QOSClass = PodQuality.QosClass(pod),
        };
    }

    private static (string Phase, string Reason, string Message) Phase(PodStatusInput input, IReadOnlyList<ContainerStatus> init, IReadOnlyList<ContainerStatus> containers)
    {
        // A pod that has ended never lives again.
        if (input.Old.Phase is PodPhase.Failed or PodPhase.Succeeded)
        {
            return (input.Old.Phase, input.Old.Reason, input.Old.Message);
        }

        if (input.Failure is { } failure)
        {
            return (PodPhase.Failed, failure.Reason, failure.Message);
        }

        var phase = PodPhasePlan.Compute(input.Pod, init, containers, input.Terminated);

        // While containers still stop, the pod has not ended.
        if (input is { Terminating: true, Terminated: false } && phase is PodPhase.Failed or PodPhase.Succeeded && input.Runtime.Containers.Any(c => c.IsRunning))
        {
            phase = input.Old.Phase.Length > 0 ? input.Old.Phase : PodPhase.Running;
        }

        return (phase, "", "");
    }

    private static DateTimeOffset Second(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
}

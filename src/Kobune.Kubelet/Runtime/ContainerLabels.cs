namespace Kobune.Kubelet.Runtime;

/// <summary>The labels and annotations that the kubelet puts on sandboxes and containers (kubelet/types/labels.go, kuberuntime/labels.go): they are its checkpoint.</summary>
internal static class ContainerLabels
{
    internal const string PodName = "io.kubernetes.pod.name";
    internal const string PodNamespace = "io.kubernetes.pod.namespace";
    internal const string PodUid = "io.kubernetes.pod.uid";
    internal const string ContainerName = "io.kubernetes.container.name";
    internal const string Hash = "io.kubernetes.container.hash";
    internal const string RestartCount = "io.kubernetes.container.restartCount";
    internal const string TerminationMessagePath = "io.kubernetes.container.terminationMessagePath";
    internal const string TerminationMessagePolicy = "io.kubernetes.container.terminationMessagePolicy";
    internal const string PreStopHandler = "io.kubernetes.container.preStopHandler";
    internal const string Ports = "io.kubernetes.container.ports";
    internal const string PodDeletionGracePeriod = "io.kubernetes.pod.deletionGracePeriod";
    internal const string PodTerminationGracePeriod = "io.kubernetes.pod.terminationGracePeriod";
}

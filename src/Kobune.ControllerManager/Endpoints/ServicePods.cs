using System.Net;
using System.Net.Sockets;
using Kobune.Api.Core.V1;
using Kobune.Api.Selectors;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.Endpoints;

/// <summary>What both endpoint controllers ask of Services and pods. Source: k8s.io/endpointslice/util and pkg/api/v1/endpoints.</summary>
internal static class ServicePods
{
    public const string HeadlessLabel = "service.kubernetes.io/headless";
    public const string TriggerAnnotation = "endpoints.kubernetes.io/last-change-trigger-time";

    /// <summary>Services of the pod's namespace that select it.</summary>
    public static IEnumerable<ObjectKey> Selecting(ICache<Service> services, Pod pod) =>
        services.List(pod.Metadata.Namespace).Where(s => s.Spec.Selector.Count > 0 && Matches(s, pod)).Select(s => ObjectKey.Of(s));

    /// <summary>The pods that a Service selects.</summary>
    public static IReadOnlyList<Pod> SelectedBy(ICache<Pod> pods, Service service) =>
        pods.List(service.Metadata.Namespace, Selector.FromMap(service.Spec.Selector));

    /// <summary>Whether a change of a pod can matter to any endpoint: nothing but its status counters moved otherwise.</summary>
    public static bool IsRelevant(Change<Pod> change)
    {
        if (change.Old is not { } a || change.New is not { } b)
        {
            return true;
        }

        return a.Metadata.Uid != b.Metadata.Uid
            || a.Status.PodIP != b.Status.PodIP
            || !a.Status.PodIPs.SequenceEqual(b.Status.PodIPs)
            || a.Status.Phase != b.Status.Phase
            || a.IsReady() != b.IsReady()
            || a.IsDeleting() != b.IsDeleting()
            || a.Spec.NodeName != b.Spec.NodeName
            || a.Spec.Hostname != b.Spec.Hostname
            || a.Spec.Subdomain != b.Spec.Subdomain
            || !SameLabels(a, b);
    }

    /// <summary>Whether a pod can be an endpoint: it has an address and has not ended.</summary>
    public static bool CanServe(Pod pod, bool includeTerminating) =>
        !pod.IsTerminal() && pod.Status.PodIP.Length > 0 && (includeTerminating || !pod.IsDeleting());

    /// <summary>The name that a headless Service gives to a pod, or null.</summary>
    public static string? Hostname(Service service, Pod pod) =>
        pod.Spec.Hostname.Length > 0 && pod.Spec.Subdomain == service.Metadata.Name && service.Metadata.Namespace == pod.Metadata.Namespace ? pod.Spec.Hostname : null;

    /// <summary>The container port behind a Service port; null when the pod has none of this name.</summary>
    public static int? TargetPort(Pod pod, ServicePort port)
    {
        if (!port.TargetPort.IsString)
        {
            return port.TargetPort.IntValue != 0 ? port.TargetPort.IntValue : port.Port;
        }

        var protocol = port.Protocol.Length == 0 ? Protocol.TCP : port.Protocol;
        // Init containers with restartPolicy Always are sidecars: they run beside the others.
        var containers = pod.Spec.InitContainers.Where(c => c.RestartPolicy == ContainerRestartPolicy.Always).Concat(pod.Spec.Containers);
        return containers.SelectMany(c => c.Ports)
            .FirstOrDefault(p => p.Name == port.TargetPort.StringValue && (p.Protocol.Length == 0 ? Protocol.TCP : p.Protocol) == protocol)?.ContainerPortValue;
    }

    public static bool IsHeadless(Service service) => service.Spec.ClusterIP is "None" or "";

    public static bool IsIPv6(string ip) => IPAddress.TryParse(ip, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>The pod's addresses of a family.</summary>
    public static IEnumerable<string> Addresses(Pod pod, bool v6)
    {
        var all = pod.Status.PodIPs.Count > 0 ? pod.Status.PodIPs.Select(i => i.IP) : [pod.Status.PodIP];
        return all.Where(ip => ip.Length > 0 && IsIPv6(ip) == v6);
    }

    public static ObjectReference Reference(Pod pod) => new() { Kind = "Pod", Namespace = pod.Metadata.Namespace, Name = pod.Metadata.Name, Uid = pod.Metadata.Uid };

    private static bool Matches(Service service, Pod pod)
    {
        foreach (var (key, value) in service.Spec.Selector)
        {
            if (!pod.Metadata.Labels.TryGetValue(key, out var have) || have != value)
            {
                return false;
            }
        }

        return true;
    }

    private static bool SameLabels(Pod a, Pod b) =>
        a.Metadata.Labels.Count == b.Metadata.Labels.Count && a.Metadata.Labels.All(l => b.Metadata.Labels.TryGetValue(l.Key, out var value) && value == l.Value);
}

using System.Net.Sockets;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Networking.V1;
using Kobune.Api.Rbac.V1;
using IPAddress = System.Net.IPAddress;

namespace Kobune.Node.IngressController;

/// <summary>
/// The objects of the ingress controller that tools and people look for, with ingress-nginx' names. The controller itself runs in the node process, so
/// there is no Deployment and no pod; its Service leads to the node's own ports.
/// </summary>
internal static class IngressManifest
{
    /// <summary>Also the name of the service account, its roles and their bindings.</summary>
    public const string Namespace = "ingress-nginx";

    public const string Controller = "ingress-nginx-controller";

    public const string ClassName = "nginx";

    /// <summary>Whom the controller is to the API server.</summary>
    public const string Identity = $"system:serviceaccount:{Namespace}:{Namespace}";

    private static readonly Dictionary<string, string> Labels = new()
    {
        ["app.kubernetes.io/name"] = Namespace,
        ["app.kubernetes.io/instance"] = Namespace,
        ["app.kubernetes.io/component"] = "controller",
        [AddonObjects.ManagedBy] = AddonObjects.Manager,
    };

    public static Namespace OwnNamespace => new() { Metadata = new() { Name = Namespace, Labels = Labels } };

    public static ServiceAccount ServiceAccount => new() { Metadata = Meta(Namespace) };

    /// <summary>As minikube's addon has it: HSTS would follow people to other programs on the same host name.</summary>
    public static ConfigMap Settings => new() { Metadata = Meta(Controller), Data = new Dictionary<string, string> { ["hsts"] = "false" } };

    public static ClusterRole Role => new()
    {
        Metadata = new() { Name = Namespace, Labels = Labels },
        Rules =
        [
            Rule("", ["configmaps", "endpoints", "nodes", "pods", "secrets"], "list", "watch"),
            Rule("", ["nodes"], "get"),
            Rule("", ["services"], "get", "list", "watch"),
            Rule("networking.k8s.io", ["ingresses"], "get", "list", "watch"),
            Rule("", ["events"], "create", "patch"),
            Rule("networking.k8s.io", ["ingresses/status"], "update"),
            Rule("networking.k8s.io", ["ingressclasses"], "get", "list", "watch"),
            Rule("discovery.k8s.io", ["endpointslices"], "get", "list", "watch"),
        ],
    };

    public static ClusterRoleBinding Binding => new()
    {
        Metadata = new() { Name = Namespace, Labels = Labels },
        RoleRef = new() { APIGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = Namespace },
        Subjects = [new() { Kind = "ServiceAccount", Name = Namespace, Namespace = Namespace }],
    };

    public static IngressClass Class => new()
    {
        Metadata = new() { Name = ClassName, Labels = Labels, Annotations = new Dictionary<string, string> { ["ingressclass.kubernetes.io/is-default-class"] = "true" } },
        Spec = new() { Controller = "k8s.io/ingress-nginx" },
    };

    public static Service Service => new()
    {
        Metadata = Meta(Controller),
        Spec = new()
        {
            Type = "NodePort",
            IPFamilyPolicy = "PreferDualStack",
            Ports =
            [
                new() { Name = "http", Port = 80, Protocol = "TCP", TargetPort = 80, AppProtocol = "http" },
                new() { Name = "https", Port = 443, Protocol = "TCP", TargetPort = 443, AppProtocol = "https" },
            ],
        },
    };

    public static EndpointSlice Slice(string nodeName, IPAddress node) => new()
    {
        Metadata = new()
        {
            Name = Controller + (node.AddressFamily == AddressFamily.InterNetworkV6 ? "-kobune-ipv6" : "-kobune"),
            Namespace = Namespace,
            Labels = new Dictionary<string, string>(Labels)
            {
                ["kubernetes.io/service-name"] = Controller,
                ["endpointslice.kubernetes.io/managed-by"] = AddonObjects.Manager,
            },
        },
        AddressType = node.AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4",
        Endpoints = [new() { Addresses = [node.ToString()], NodeName = nodeName, Conditions = new() { Ready = true, Serving = true, Terminating = false } }],
        Ports = [new() { Name = "http", Port = 80, Protocol = "TCP" }, new() { Name = "https", Port = 443, Protocol = "TCP" }],
    };

    private static Api.Meta.V1.ObjectMeta Meta(string name) => new() { Name = name, Namespace = Namespace, Labels = Labels };

    private static PolicyRule Rule(string group, string[] resources, params string[] verbs) => new() { APIGroups = [group], Resources = resources, Verbs = verbs };
}

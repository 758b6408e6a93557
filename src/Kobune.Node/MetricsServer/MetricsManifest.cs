using System.Net;
using Kobune.Api.ApiRegistration.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Rbac.V1;
using Kobune.Node.IngressController;

namespace Kobune.Node.MetricsServer;

/// <summary>The objects of the metrics server, with the names of its own manifest (components.yaml). It runs in the node process, so there is no Deployment.</summary>
internal static class MetricsManifest
{
    public const string Namespace = "kube-system";
    public const string Name = "metrics-server";
    public const string ApiServiceName = "v1beta1.metrics.k8s.io";
    public const string SliceName = Name + "-kobune";
    public const string Reader = "system:aggregated-metrics-reader";
    public const string Role = "system:metrics-server";
    public const string AuthReader = "metrics-server-auth-reader";
    public const string AuthDelegator = "metrics-server:system:auth-delegator";

    /// <summary>Whom the server is to the API server.</summary>
    public const string Identity = $"system:serviceaccount:{Namespace}:{Name}";

    private static readonly Dictionary<string, string> Labels = new() { ["k8s-app"] = Name, [AddonObjects.ManagedBy] = AddonObjects.Manager };

    private static readonly Subject[] Account = [new() { Kind = "ServiceAccount", Name = Name, Namespace = Namespace }];

    public static ServiceAccount ServiceAccount => new() { Metadata = Meta(Name) };

    /// <summary>Lets those who may view things read metrics too.</summary>
    public static ClusterRole ReaderRole => new()
    {
        Metadata = new()
        {
            Name = Reader,
            Labels = new Dictionary<string, string>(Labels)
            {
                ["rbac.authorization.k8s.io/aggregate-to-admin"] = "true",
                ["rbac.authorization.k8s.io/aggregate-to-edit"] = "true",
                ["rbac.authorization.k8s.io/aggregate-to-view"] = "true",
            },
        },
        Rules = [new() { APIGroups = ["metrics.k8s.io"], Resources = ["pods", "nodes"], Verbs = ["get", "list", "watch"] }],
    };

    public static ClusterRole OwnRole => new()
    {
        Metadata = new() { Name = Role, Labels = Labels },
        Rules =
        [
            new() { APIGroups = [""], Resources = ["nodes/metrics"], Verbs = ["get"] },
            new() { APIGroups = [""], Resources = ["pods", "nodes"], Verbs = ["get", "list", "watch"] },
        ],
    };

    public static RoleBinding AuthReaderBinding => new()
    {
        Metadata = Meta(AuthReader),
        RoleRef = new() { APIGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = "extension-apiserver-authentication-reader" },
        Subjects = Account,
    };

    public static ClusterRoleBinding AuthDelegatorBinding => Binding(AuthDelegator, "system:auth-delegator");

    public static ClusterRoleBinding OwnBinding => Binding(Role, Role);

    public static Service Service => new()
    {
        Metadata = Meta(Name),
        Spec = new() { Ports = [new() { Name = "https", Port = 443, Protocol = "TCP", TargetPort = "https", AppProtocol = "https" }] },
    };

    public static APIService ApiService => new()
    {
        Metadata = new() { Name = ApiServiceName, Labels = Labels },
        Spec = new()
        {
            Group = "metrics.k8s.io",
            Version = "v1beta1",
            GroupPriorityMinimum = 100,
            VersionPriority = 100,
            InsecureSkipTLSVerify = true,
            Service = new() { Name = Name, Namespace = Namespace },
        },
    };

    public static EndpointSlice Slice(string nodeName, IPAddress address, int port) => new()
    {
        Metadata = new()
        {
            Name = SliceName,
            Namespace = Namespace,
            Labels = new Dictionary<string, string>(Labels)
            {
                ["kubernetes.io/service-name"] = Name,
                ["endpointslice.kubernetes.io/managed-by"] = AddonObjects.Manager,
            },
        },
        AddressType = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4",
        Endpoints = [new() { Addresses = [address.ToString()], NodeName = nodeName, Conditions = new() { Ready = true, Serving = true, Terminating = false } }],
        Ports = [new() { Name = "https", Port = port, Protocol = "TCP" }],
    };

    private static Api.Meta.V1.ObjectMeta Meta(string name) => new() { Name = name, Namespace = Namespace, Labels = Labels };

    private static ClusterRoleBinding Binding(string name, string role) => new()
    {
        Metadata = new() { Name = name, Labels = Labels },
        RoleRef = new() { APIGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = role },
        Subjects = Account,
    };
}

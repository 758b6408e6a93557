using Kobune.Api.FlowControl.V1;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Authentication;

namespace Kobune.ApiServer.Fairness;

/// <summary>The objects of priority and fairness that every server has: two pairs are mandatory, the others are suggested. Source: k8s.io/apiserver, apis/flowcontrol/bootstrap.</summary>
internal static class BootstrapFlows
{
    public const string Exempt = "exempt";
    public const string CatchAll = "catch-all";

    /// <summary>"true" on an object whose spec follows this server's.</summary>
    public const string AutoUpdate = "apf.kubernetes.io/autoupdate-spec";

    private const string ByUser = "ByUser";
    private const string ByNamespace = "ByNamespace";
    private static readonly string[] All = ["*"];
    private static readonly string[] Election = ["get", "create", "update"];
    private static readonly string[] Core = [""];
    private static readonly string[] Coordination = ["coordination.k8s.io"];
    private static readonly Subject[] Everybody = Groups(UserNames.Unauthenticated, UserNames.Authenticated);

    public static IReadOnlyList<PriorityLevelConfiguration> MandatoryLevels { get; } =
    [
        Level(CatchAll, new() { Type = "Limited", Limited = new() { NominalConcurrencyShares = 5, LendablePercent = 0, LimitResponse = new() { Type = "Reject" } } }),
        Level(Exempt, new() { Type = "Exempt", Exempt = new() { NominalConcurrencyShares = 0, LendablePercent = 0 } }),
    ];

    public static IReadOnlyList<PriorityLevelConfiguration> SuggestedLevels { get; } =
    [
        Queued("system", 30, 33, 64, 6),
        Queued("node-high", 40, 25, 64, 6),
        Queued("leader-election", 10, 0, 16, 4),
        Queued("workload-high", 40, 50, 128, 6),
        Queued("workload-low", 100, 90, 128, 6),
        Queued("global-default", 20, 50, 128, 6),
    ];

    public static IReadOnlyList<FlowSchema> MandatorySchemas { get; } =
    [
        Schema(Exempt, Exempt, 1, null, Everything(Groups(UserNames.Masters))),
        Schema(CatchAll, CatchAll, 10000, ByUser, Everything(Everybody)),
    ];

    public static IReadOnlyList<FlowSchema> SuggestedSchemas { get; } =
    [
        Schema("system-nodes", "system", 500, ByUser, Everything(Groups(UserNames.Nodes))),
        Schema("system-node-high", "node-high", 400, ByUser, new()
        {
            Subjects = Groups(UserNames.Nodes),
            ResourceRules = [Resources(All, Core, ["nodes", "nodes/status"], clusterScope: true), Resources(All, Coordination, ["leases"])],
        }),
        Schema("probes", Exempt, 2, null, new() { Subjects = Everybody, NonResourceRules = [new() { Verbs = ["get"], NonResourceURLs = ["/healthz", "/readyz", "/livez"] }] }),
        Schema("system-leader-election", "leader-election", 100, ByUser, new()
        {
            Subjects = [.. Users("system:kube-controller-manager", "system:kube-scheduler"), .. Accounts("*")],
            ResourceRules = [Resources(Election, Coordination, ["leases"])],
        }),
        Schema("workload-leader-election", "leader-election", 200, ByUser, new()
        {
            Subjects = Accounts("*"),
            ResourceRules = [Resources(Election, Core, ["endpoints", "configmaps"]), Resources(Election, Coordination, ["leases"])],
        }),
        Schema("endpoint-controller", "workload-high", 150, ByUser, new()
        {
            Subjects = [.. Users("system:kube-controller-manager"), .. Accounts("endpoint-controller", "endpointslicemirroring-controller")],
            ResourceRules = [Resources(Election, Core, ["endpoints"])],
        }),
        Schema("kube-controller-manager", "workload-high", 800, ByNamespace, Everything(Users("system:kube-controller-manager"))),
        Schema("kube-scheduler", "workload-high", 800, ByNamespace, Everything(Users("system:kube-scheduler"))),
        Schema("kube-system-service-accounts", "workload-high", 900, ByNamespace, Everything(Accounts("*"))),
        Schema("service-accounts", "workload-low", 9000, ByUser, Everything(Groups("system:serviceaccounts"))),
        Schema("global-default", "global-default", 9900, ByUser, Everything(Everybody)),
    ];

    private static ObjectMeta Meta(string name) => new() { Name = name, Annotations = new Dictionary<string, string> { [AutoUpdate] = "true" } };

    private static PriorityLevelConfiguration Level(string name, PriorityLevelConfigurationSpec spec) => new() { Metadata = Meta(name), Spec = spec };

    private static PriorityLevelConfiguration Queued(string name, int shares, int lendable, int queues, int hand) => Level(name, new()
    {
        Type = "Limited",
        Limited = new()
        {
            NominalConcurrencyShares = shares,
            LendablePercent = lendable,
            LimitResponse = new() { Type = "Queue", Queuing = new() { Queues = queues, HandSize = hand, QueueLengthLimit = 50 } },
        },
    });

    private static FlowSchema Schema(string name, string level, int precedence, string? distinguisher, PolicyRulesWithSubjects rule) => new()
    {
        Metadata = Meta(name),
        Spec = new()
        {
            PriorityLevelConfiguration = new() { Name = level },
            MatchingPrecedence = precedence,
            DistinguisherMethod = distinguisher is null ? null : new() { Type = distinguisher },
            Rules = [rule],
        },
    };

    private static PolicyRulesWithSubjects Everything(Subject[] subjects) => new()
    {
        Subjects = subjects,
        ResourceRules = [Resources(All, All, All, clusterScope: true)],
        NonResourceRules = [new() { Verbs = All, NonResourceURLs = All }],
    };

    private static ResourcePolicyRule Resources(string[] verbs, string[] groups, string[] resources, bool clusterScope = false) =>
        new() { Verbs = verbs, APIGroups = groups, Resources = resources, Namespaces = All, ClusterScope = clusterScope };

    private static Subject[] Groups(params string[] names) => [.. names.Select(n => new Subject { Kind = "Group", Group = new() { Name = n } })];

    private static Subject[] Users(params string[] names) => [.. names.Select(n => new Subject { Kind = "User", User = new() { Name = n } })];

    private static Subject[] Accounts(params string[] names) =>
        [.. names.Select(n => new Subject { Kind = "ServiceAccount", ServiceAccount = new() { Namespace = "kube-system", Name = n } })];
}

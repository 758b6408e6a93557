using Kobune.Api.Meta.V1;
using Kobune.Api.Rbac.V1;

namespace Kobune.ApiServer.Authorization.Rbac;

/// <summary>Reads bootstrap-policy.txt and kubeadm-policy.txt (their first lines say how).</summary>
internal sealed class PolicyText
{
    private const string Group = "rbac.authorization.k8s.io";

    private static readonly Dictionary<string, string> BootstrapLabels = new() { ["kubernetes.io/bootstrapping"] = "rbac-defaults" };
    private static readonly Dictionary<string, string> BootstrapAnnotations = new() { ["rbac.authorization.kubernetes.io/autoupdate"] = "true" };

    public List<ClusterRole> ClusterRoles { get; } = [];

    public List<ClusterRoleBinding> ClusterRoleBindings { get; } = [];

    public List<Role> Roles { get; } = [];

    public List<RoleBinding> RoleBindings { get; } = [];

    /// <summary>What a cluster has only where a gate is on.</summary>
    public List<(string Gate, ClusterRole Role, ClusterRoleBinding Binding)> Gated { get; } = [];

    /// <summary>What a role has besides only where a gate is on.</summary>
    public List<(string Gate, string Role, IReadOnlyList<PolicyRule> Rules)> More { get; } = [];

    public static PolicyText Load()
    {
        var text = new PolicyText();
        text.Read("bootstrap-policy.txt", isBootstrap: true);
        text.Read("kubeadm-policy.txt", isBootstrap: false);
        text.Aggregate();
        return text;
    }

    private static string[] Words(string text) => [.. text.Split(',', StringSplitOptions.TrimEntries).Select(w => w == "core" ? "" : w)];

    private static PolicyRule Rule(string line)
    {
        var columns = line.Split(" | ");
        return columns.Length == 2
            ? new() { Verbs = Words(columns[0]), NonResourceURLs = Words(columns[1]) }
            : new() { Verbs = Words(columns[0]), APIGroups = Words(columns[1]), Resources = Words(columns[2]), ResourceNames = columns.Length > 3 ? Words(columns[3]) : [] };
    }

    private static Subject SubjectOf(string line)
    {
        var (kind, name) = (line[..line.IndexOf(' ')], line[(line.IndexOf(' ') + 1)..]);
        return kind == "ServiceAccount"
            ? new() { Kind = kind, Namespace = name[..name.IndexOf('/')], Name = name[(name.IndexOf('/') + 1)..] }
            : new() { Kind = kind, APIGroup = Group, Name = name };
    }

    private static (string Namespace, string Name) Split(string name) =>
        name.IndexOf('/') is var slash and >= 0 ? (name[..slash], name[(slash + 1)..]) : ("", name);

    private void Read(string file, bool isBootstrap)
    {
        using var stream = typeof(PolicyText).Assembly.GetManifestResourceStream("Kobune.ApiServer.Authorization.Rbac." + file)
            ?? throw new InvalidOperationException($"resource {file} is missing");
        using var reader = new StreamReader(stream);
        foreach (var block in reader.ReadToEnd().Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            string[] lines = [.. block.Split('\n').Where(l => l.Length > 0 && l[0] != '#')];
            if (lines.Length > 0)
            {
                Add(lines[0], [.. lines.Skip(1).Select(l => l.Trim())], isBootstrap);
            }
        }
    }

    private void Add(string head, string[] lines, bool isBootstrap)
    {
        var words = head.Split(' ');
        var (space, name) = words[0] == "gated" ? ("", "system:controller:" + words[2]) : Split(words[1]);
        var metadata = new ObjectMeta
        {
            Name = name,
            Namespace = space,
            Labels = isBootstrap ? BootstrapLabels : new Dictionary<string, string>(),
            Annotations = isBootstrap ? BootstrapAnnotations : new Dictionary<string, string>(),
        };
        PolicyRule[] Rules() => [.. lines.Where(l => l.Contains(" | ", StringComparison.Ordinal)).Select(Rule)];
        Subject[] Subjects() => [.. lines.Select(SubjectOf)];
        RoleRef Reference(string kind) => new() { APIGroup = Group, Kind = kind, Name = words[3] };
        switch (words[0])
        {
            case "gated":
                var account = new Subject { Kind = "ServiceAccount", Namespace = "kube-system", Name = words[2] };
                Gated.Add((words[1], new() { Metadata = metadata, Rules = Rules() }, new() { Metadata = metadata, Subjects = [account], RoleRef = new() { APIGroup = Group, Kind = "ClusterRole", Name = name } }));
                break;
            case "more":
                More.Add((words[1], words[2], Rules()));
                break;
            case "clusterrole":
                ClusterRoles.Add(new() { Metadata = WithLabels(metadata, lines), Rules = Rules(), AggregationRule = AggregationOf(lines) });
                break;
            case "role":
                Roles.Add(new() { Metadata = metadata, Rules = Rules() });
                break;
            case "clusterrolebinding":
                ClusterRoleBindings.Add(new() { Metadata = metadata, Subjects = Subjects(), RoleRef = Reference("ClusterRole") });
                break;
            default:
                RoleBindings.Add(new() { Metadata = metadata, Subjects = Subjects(), RoleRef = Reference("Role") });
                break;
        }
    }

    private static ObjectMeta WithLabels(ObjectMeta metadata, string[] lines)
    {
        var labels = new Dictionary<string, string>(metadata.Labels);
        foreach (var line in lines.Where(l => l.StartsWith("label ", StringComparison.Ordinal)))
        {
            var pair = line["label ".Length..].Split('=');
            labels[pair[0]] = pair[1];
        }

        return metadata with { Labels = labels };
    }

    private static AggregationRule? AggregationOf(string[] lines)
    {
        LabelSelector[] selectors =
        [
            .. lines.Where(l => l.StartsWith("aggregate ", StringComparison.Ordinal)).Select(l => l["aggregate ".Length..].Split('='))
                .Select(pair => new LabelSelector { MatchLabels = new Dictionary<string, string> { [pair[0]] = pair[1] } }),
        ];
        return selectors.Length == 0 ? null : new() { ClusterRoleSelectors = selectors };
    }

    // admin contains edit contains view: until nothing changes any more.
    private void Aggregate()
    {
        for (var changed = true; changed;)
        {
            changed = false;
            for (var i = 0; i < ClusterRoles.Count; i++)
            {
                if (ClusterRoles[i] is not { AggregationRule: { } aggregation } role)
                {
                    continue;
                }

                var wanted = aggregation.ClusterRoleSelectors.SelectMany(s => s.MatchLabels);
                PolicyRule[] rules =
                [
                    .. ClusterRoles.Where(r => !ReferenceEquals(r, role) && wanted.Any(w => r.Metadata.Labels.GetValueOrDefault(w.Key) == w.Value))
                        .OrderBy(r => r.Metadata.Name, StringComparer.Ordinal).SelectMany(r => r.Rules).Distinct(),
                ];
                if (!rules.SequenceEqual(role.Rules))
                {
                    ClusterRoles[i] = role with { Rules = rules };
                    changed = true;
                }
            }
        }
    }
}

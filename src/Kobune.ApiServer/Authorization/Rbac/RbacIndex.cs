using Kobune.Api.Rbac.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Authorization.Rbac;

/// <summary>Who was granted what, by subject. An immutable snapshot; a new one is made when a role or binding changes, keeping the compiled roles that did not.</summary>
internal sealed class RbacIndex
{
    private readonly Dictionary<string, Subjects> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Subjects> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<object, CompiledRole> _compiled = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, ClusterRole> _clusterRoles;
    private readonly Dictionary<(string, string), Role> _roles;

    public RbacIndex(IObjectReader objects, (long, long, long, long) generation, RbacIndex? previous)
    {
        Generation = generation;
        _clusterRoles = objects.List<ClusterRole>("").ToDictionary(r => r.Metadata.Name, StringComparer.Ordinal);
        _roles = objects.List<Role>("").ToDictionary(r => (r.Metadata.Namespace, r.Metadata.Name));
        foreach (var binding in objects.List<ClusterRoleBinding>(""))
        {
            Add(binding.RoleRef, binding.Subjects, "", $"ClusterRoleBinding \"{binding.Metadata.Name}\"", previous);
        }

        foreach (var binding in objects.List<RoleBinding>(""))
        {
            Add(binding.RoleRef, binding.Subjects, binding.Metadata.Namespace, $"RoleBinding \"{binding.Metadata.Name}/{binding.Metadata.Namespace}\"", previous);
        }
    }

    public (long, long, long, long) Generation { get; }

    /// <summary>The reason why it is allowed, or null; <paramref name="problems"/> then names roles that are bound but missing.</summary>
    public string? Allow(UserInfo user, RequestInfo request, out string problems)
    {
        problems = "";
        var @namespace = request.IsResourceRequest ? request.Namespace : "";
        if (_users.TryGetValue(user.Name, out var own) && own.Allow(request, @namespace) is { } reason)
        {
            return reason;
        }

        var groups = user.Groups;
        for (var i = 0; i < groups.Count; i++)
        {
            if (_groups.TryGetValue(groups[i], out var shared) && shared.Allow(request, @namespace) is { } sharedReason)
            {
                return sharedReason;
            }
        }

        problems = Problems(user, @namespace);
        return null;
    }

    /// <summary>All rules of a user in a namespace (cluster-wide ones included; those alone for the empty name).</summary>
    public IReadOnlyList<PolicyRule> RulesOf(UserInfo user, string @namespace, out IReadOnlyList<string> problems)
    {
        var grants = SubjectsOf(user).SelectMany(s => s.In(@namespace)).ToList();
        problems = [.. grants.Where(g => g.Role is null).Select(g => g.Text).Distinct()];
        return [.. grants.Where(g => g.Role is not null).SelectMany(g => g.Role!.Rules)];
    }

    /// <summary>The rules of the role that is referred to, or null when it is missing.</summary>
    public IReadOnlyList<PolicyRule>? RulesOf(RoleRef reference, string @namespace) => reference.Kind == "ClusterRole"
        ? _clusterRoles.GetValueOrDefault(reference.Name)?.Rules
        : _roles.GetValueOrDefault((@namespace, reference.Name))?.Rules;

    private static string Describe(Subject subject, string @namespace) => subject.Kind == "ServiceAccount"
        ? $"ServiceAccount \"{subject.Name}/{(subject.Namespace.Length > 0 ? subject.Namespace : @namespace)}\""
        : $"{subject.Kind} \"{subject.Name}\"";

    private string Problems(UserInfo user, string @namespace)
    {
        string[] missing = [.. SubjectsOf(user).SelectMany(s => s.In(@namespace)).Where(g => g.Role is null).Select(g => g.Text).Distinct()];
        return missing.Length switch { 0 => "", 1 => "RBAC: " + missing[0], _ => $"RBAC: [{string.Join(", ", missing)}]" };
    }

    private IEnumerable<Subjects> SubjectsOf(UserInfo user)
    {
        if (_users.TryGetValue(user.Name, out var own))
        {
            yield return own;
        }

        foreach (var group in user.Groups)
        {
            if (_groups.TryGetValue(group, out var shared))
            {
                yield return shared;
            }
        }
    }

    private void Add(RoleRef reference, IReadOnlyList<Subject> subjects, string @namespace, string binding, RbacIndex? previous)
    {
        var role = Compile(reference, @namespace, previous);
        foreach (var subject in subjects)
        {
            // A grant of a missing role stays as its problem: the refusal names it.
            var text = role is null
                ? $"{reference.Kind.ToLowerInvariant()}.rbac.authorization.k8s.io \"{reference.Name}\" not found"
                : $"RBAC: allowed by {binding} of {reference.Kind} \"{reference.Name}\" to {Describe(subject, @namespace)}";
            SubjectsFor(subject, @namespace)?.Add(@namespace, new(role, text));
        }
    }

    private CompiledRole? Compile(RoleRef reference, string @namespace, RbacIndex? previous)
    {
        object? source = reference.Kind == "ClusterRole" ? _clusterRoles.GetValueOrDefault(reference.Name) : _roles.GetValueOrDefault((@namespace, reference.Name));
        if (source is null)
        {
            return null;
        }

        if (!_compiled.TryGetValue(source, out var compiled))
        {
            compiled = previous?._compiled.GetValueOrDefault(source) ?? new(source is ClusterRole cluster ? cluster.Rules : ((Role)source).Rules);
            _compiled[source] = compiled;
        }

        return compiled;
    }

    private Subjects? SubjectsFor(Subject subject, string @namespace)
    {
        var (map, name) = subject.Kind switch
        {
            "User" => (_users, subject.Name),
            "Group" => (_groups, subject.Name),
            "ServiceAccount" when subject.Namespace.Length + @namespace.Length > 0 =>
                (_users, UserNames.ServiceAccount(subject.Namespace.Length > 0 ? subject.Namespace : @namespace, subject.Name)),
            _ => (null, ""),
        };
        if (map is null)
        {
            return null;
        }

        if (!map.TryGetValue(name, out var found))
        {
            map[name] = found = new();
        }

        return found;
    }

    private readonly record struct Grant(CompiledRole? Role, string Text);

    private sealed class Subjects
    {
        private readonly List<Grant> _cluster = [];
        private Dictionary<string, List<Grant>>? _byNamespace;

        public void Add(string @namespace, Grant grant)
        {
            if (@namespace.Length == 0)
            {
                _cluster.Add(grant);
                return;
            }

            _byNamespace ??= new(StringComparer.Ordinal);
            if (!_byNamespace.TryGetValue(@namespace, out var list))
            {
                _byNamespace[@namespace] = list = [];
            }

            list.Add(grant);
        }

        public string? Allow(RequestInfo request, string @namespace) =>
            Allow(_cluster, request)
            ?? (@namespace.Length > 0 && _byNamespace is not null && _byNamespace.TryGetValue(@namespace, out var local) ? Allow(local, request) : null);

        public IEnumerable<Grant> In(string @namespace) =>
            @namespace.Length > 0 && _byNamespace is not null && _byNamespace.TryGetValue(@namespace, out var local) ? _cluster.Concat(local) : _cluster;

        private static string? Allow(List<Grant> grants, RequestInfo request)
        {
            foreach (var grant in grants)
            {
                if (grant.Role is not null && grant.Role.Allows(request))
                {
                    return grant.Text;
                }
            }

            return null;
        }
    }
}

using System.Text;
using System.Text.Json;
using Kobune.Api.Audit.V1;
using Kobune.Api.Json;
using Kobune.Api.Schema;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Fields;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Audit;

/// <summary>What a policy says of one request.</summary>
internal readonly record struct AuditDecision(AuditLevel Level, IReadOnlyList<AuditStage> OmitStages, bool OmitManagedFields)
{
    public bool Omits(AuditStage stage) => OmitStages.Contains(stage);
}

/// <summary>An audit policy: the first rule that matches a request decides. Source: k8s.io/apiserver, audit/policy. Immutable.</summary>
public sealed class AuditPolicy
{
    private static readonly string[] Levels = Enum.GetNames<AuditLevel>();
    private static readonly string[] Stages = Enum.GetNames<AuditStage>();

    private readonly (PolicyRule Rule, AuditDecision Decision)[] _rules;
    private readonly AuditDecision _otherwise;

    private AuditPolicy(Policy policy)
    {
        var omitted = StagesOf(policy.OmitStages);
        _otherwise = new(AuditLevel.None, omitted, policy.OmitManagedFields);
        _rules = [.. policy.Rules.Select(r => (r, new AuditDecision(Enum.Parse<AuditLevel>(r.Level), [.. omitted.Union(StagesOf(r.OmitStages))], r.OmitManagedFields ?? policy.OmitManagedFields)))];
    }

    /// <summary>Nothing of anything.</summary>
    public static AuditPolicy None { get; } = new(new Policy());

    /// <summary>Reads a policy file.</summary>
    /// <exception cref="FormatException">The file, and what is wrong with it.</exception>
    public static AuditPolicy Load(string file)
    {
        try
        {
            return Parse(File.ReadAllText(file));
        }
        catch (Exception e) when (e is FormatException or IOException)
        {
            throw new FormatException($"loading audit policy file {file}: {e.Message}");
        }
    }

    /// <summary>Reads a policy, YAML or JSON.</summary>
    /// <exception cref="FormatException">What is wrong with it.</exception>
    public static AuditPolicy Parse(string text)
    {
        try
        {
            var json = ObjectReader.Parse(YamlToJson.Convert(Encoding.UTF8.GetBytes(text), null));
            var (apiVersion, kind) = ObjectReader.ReadTypeMeta(json);
            if ((apiVersion, kind) != ("audit.k8s.io/v1", "Policy") || ApiSchema.BuiltIn.FindKind(apiVersion, kind) is not { } type)
            {
                throw new FormatException($"unknown group version field {apiVersion} in policy of kind \"{kind}\"; wanted is Policy of audit.k8s.io/v1");
            }

            var strict = new StrictErrors();
            var tree = ObjectReader.Read(json, type, strict);
            if (strict.Message is { } unknown)
            {
                throw new FormatException(unknown);
            }

            var policy = JsonText.Read<Policy>(FieldJson.Write(tree));
            return Problems(policy).FirstOrDefault() is { } problem ? throw new FormatException(problem) : new(policy);
        }
        catch (ObjectDecodeException e)
        {
            throw new FormatException(e.Message);
        }
        catch (JsonException e)
        {
            throw new FormatException(e.Message);
        }
    }

    internal AuditDecision Evaluate(UserInfo? user, RequestInfo request)
    {
        foreach (var (rule, decision) in _rules)
        {
            if (Matches(rule, user, request))
            {
                return decision;
            }
        }

        return _otherwise;
    }

    private static AuditStage[] StagesOf(IReadOnlyList<string> names) => [.. names.Select(Enum.Parse<AuditStage>)];

    private static IEnumerable<string> Problems(Policy policy)
    {
        if (policy.Rules.Count == 0)
        {
            yield return "loaded illegal policy with 0 rules";
        }

        foreach (var stage in policy.OmitStages.Where(s => !Stages.Contains(s)))
        {
            yield return $"omitStages: Invalid value: \"{stage}\": allowed stages are {string.Join(',', Stages)}";
        }

        for (var i = 0; i < policy.Rules.Count; i++)
        {
            var (rule, path) = (policy.Rules[i], $"rules[{i}]");
            if (!Levels.Contains(rule.Level))
            {
                yield return $"{path}.level: Unsupported value: \"{rule.Level}\": supported values: {string.Join(", ", Levels.Select(l => $"\"{l}\""))}";
            }

            foreach (var stage in rule.OmitStages.Where(s => !Stages.Contains(s)))
            {
                yield return $"{path}.omitStages: Invalid value: \"{stage}\": allowed stages are {string.Join(',', Stages)}";
            }

            if (rule.NonResourceURLs.Count > 0 && (rule.Resources.Count > 0 || rule.Namespaces.Count > 0))
            {
                yield return $"{path}.nonResourceURLs: Invalid value: {FieldValue.Show(rule.NonResourceURLs)}: rules cannot apply to both regular resources and non-resource URLs";
            }

            foreach (var url in rule.NonResourceURLs.Where(u => u != "*" && !u.StartsWith('/')))
            {
                yield return $"{path}.nonResourceURLs: Invalid value: \"{url}\": non-resource URL rules must begin with a '/' character";
            }

            foreach (var url in rule.NonResourceURLs.Where(u => u.Length > 1 && u[..^1].Contains('*', StringComparison.Ordinal)))
            {
                yield return $"{path}.nonResourceURLs: Invalid value: \"{url}\": non-resource URL wildcards '*' must be the final character of the rule";
            }

            foreach (var resources in rule.Resources.Where(r => r.ResourceNames.Count > 0 && r.Resources.Count == 0))
            {
                yield return $"{path}.resources.resourceNames: Invalid value: {FieldValue.Show(resources.ResourceNames)}: using resourceNames requires at least one resource";
            }
        }
    }

    private static bool Matches(PolicyRule rule, UserInfo? user, RequestInfo request)
    {
        if ((rule.Users.Count > 0 && !(user is not null && rule.Users.Contains(user.Name)))
            || (rule.UserGroups.Count > 0 && !(user is not null && rule.UserGroups.Any(user.Groups.Contains)))
            || (rule.Verbs.Count > 0 && !rule.Verbs.Contains(request.Verb)))
        {
            return false;
        }

        return rule.Namespaces.Count > 0 || rule.Resources.Count > 0 ? request.IsResourceRequest && MatchesResource(rule, request)
            : rule.NonResourceURLs.Count == 0 || (!request.IsResourceRequest && rule.NonResourceURLs.Any(u => IsPath(u, request.Path)));
    }

    private static bool IsPath(string rule, string path) => rule == "*" || rule == path || (rule.EndsWith('*') && path.StartsWith(rule[..^1], StringComparison.Ordinal));

    private static bool MatchesResource(PolicyRule rule, RequestInfo request)
    {
        if (rule.Namespaces.Count > 0 && !rule.Namespaces.Contains(request.Namespace))
        {
            return false;
        }

        return rule.Resources.Count == 0 || rule.Resources.Any(r => r.Group == request.ApiGroup && (r.Resources.Count == 0
            || ((r.ResourceNames.Count == 0 || r.ResourceNames.Contains(request.Name)) && r.Resources.Any(name => IsResource(name, request)))));
    }

    private static bool IsResource(string rule, RequestInfo request)
    {
        if (rule == "*")
        {
            return true;
        }

        var slash = rule.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return rule == request.Resource && request.Subresource.Length == 0;
        }

        var (resource, subresource) = (rule[..slash], rule[(slash + 1)..]);
        return (resource == "*" && request.Subresource.Length > 0 && subresource == request.Subresource)
            || (resource == request.Resource && (subresource == "*" || (request.Subresource.Length > 0 && subresource == request.Subresource)));
    }
}

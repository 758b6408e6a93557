using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.AdmissionRegistration;

/// <summary>Validation of webhooks with upstream's words (pkg/apis/admissionregistration/validation).</summary>
internal static class WebhookRules
{
    private const int MaxMatchConditions = 64;
    private static readonly string[] Reviews = ["v1", "v1beta1"];
    private static readonly string[] Operations = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];

    public static bool IsKnownReview(string version) => Reviews.Contains(version);

    public static void Validate(IReadOnlyList<WebhookFields> hooks, WebhookLeniency leniency, IMatchConditions? conditions, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < hooks.Count; i++)
        {
            var path = $"webhooks[{i}]";
            Webhook(hooks[i], path, leniency, conditions, errors);
            ReviewVersions(hooks[i].ReviewVersions, $"{path}.admissionReviewVersions", leniency.ReviewVersions, errors);
            if (!leniency.Names && hooks[i].Name.Length > 0 && !names.Add(hooks[i].Name))
            {
                errors.Duplicate($"{path}.name", hooks[i].Name);
            }
        }
    }

    private static void Webhook(WebhookFields hook, string path, WebhookLeniency leniency, IMatchConditions? conditions, FieldErrors errors)
    {
        QualifiedName(hook.Name, $"{path}.name", errors);
        for (var i = 0; i < hook.Rules.Count; i++)
        {
            Rule(hook.Rules[i], $"{path}.rules[{i}]", errors);
        }

        OneOf(hook.FailurePolicy, $"{path}.failurePolicy", errors, "Fail", "Ignore");
        OneOf(hook.MatchPolicy, $"{path}.matchPolicy", errors, "Equivalent", "Exact");
        string[] effects = leniency.SideEffects ? ["None", "NoneOnDryRun", "Some", "Unknown"] : ["None", "NoneOnDryRun"];
        if (hook.SideEffects is null)
        {
            errors.Required($"{path}.sideEffects", $"must specify one of {string.Join(", ", effects)}");
        }

        OneOf(hook.SideEffects, $"{path}.sideEffects", errors, effects);
        if (hook.TimeoutSeconds is < 1 or > 30)
        {
            errors.Invalid($"{path}.timeoutSeconds", hook.TimeoutSeconds, "the timeout value must be between 1 and 30 seconds");
        }

        errors.Selector($"{path}.namespaceSelector", hook.NamespaceSelector, leniency.Selectors);
        errors.Selector($"{path}.objectSelector", hook.ObjectSelector, leniency.Selectors);

        OneOf(hook.ReinvocationPolicy, $"{path}.reinvocationPolicy", errors, "IfNeeded", "Never");
        ClientConfig(hook.ClientConfig, $"{path}.clientConfig", errors);
        if (!leniency.MatchConditions)
        {
            Conditions(hook.MatchConditions, $"{path}.matchConditions", e => conditions?.Problems(e) ?? [], errors);
        }
    }

    private static void OneOf(string? value, string path, FieldErrors errors, params string[] supported)
    {
        if (value is not null && !supported.Contains(value))
        {
            errors.NotSupported(path, value, supported);
        }
    }

    /// <summary>k8s.io/apimachinery, util/validation, IsFullyQualifiedName.</summary>
    private static void QualifiedName(string name, string path, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(path, "");
        }
        else if (NameValidation.Dns1123Subdomain(name) is { Count: > 0 } problems)
        {
            errors.Invalid(path, name, string.Join(",", problems));
        }
        else if (name.Split('.').Length < 3)
        {
            errors.Invalid(path, name, "should be a domain with at least three segments separated by dots");
        }
    }

    /// <summary>One rule, of a webhook or of a policy.</summary>
    public static void Rule(RuleWithOperations rule, string path, FieldErrors errors)
    {
        Wildcard(rule.Operations, $"{path}.operations", "operations", errors);
        for (var i = 0; i < rule.Operations.Count; i++)
        {
            if (!Operations.Contains(rule.Operations[i]))
            {
                errors.NotSupported($"{path}.operations[{i}]", rule.Operations[i], Operations);
            }
        }

        Wildcard(rule.APIGroups, $"{path}.apiGroups", "API groups", errors);
        Wildcard(rule.APIVersions, $"{path}.apiVersions", "API versions", errors);
        for (var i = 0; i < rule.APIVersions.Count; i++)
        {
            if (rule.APIVersions[i].Length == 0)
            {
                errors.Required($"{path}.apiVersions[{i}]", "");
            }
        }

        Resources(rule.Resources, $"{path}.resources", errors);
        OneOf(rule.Scope, $"{path}.scope", errors, "*", "Cluster", "Namespaced");
    }

    private static void Wildcard(IReadOnlyList<string> items, string path, string what, FieldErrors errors)
    {
        if (items.Count == 0)
        {
            errors.Required(path, "");
        }

        if (items.Count > 1 && items.Contains("*"))
        {
            errors.Invalid(path, items, $"if '*' is present, must not specify other {what}");
        }
    }

    private static void Resources(IReadOnlyList<string> resources, string path, FieldErrors errors)
    {
        if (resources.Count == 0)
        {
            errors.Required(path, "");
        }

        var (allOf, everyonesOwn) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var hasPlain = false;
        for (var i = 0; i < resources.Count; i++)
        {
            var item = resources[i];
            var slash = item.IndexOf('/', StringComparison.Ordinal);
            if (item.Length == 0)
            {
                errors.Required($"{path}[{i}]", "");
            }

            if (slash < 0)
            {
                hasPlain = item.Length == 0 ? hasPlain : item != "*"; // the last one counts, as upstream has it
                continue;
            }

            var (resource, subresource) = (item[..slash], item[(slash + 1)..]);
            if (allOf.Contains(resource))
            {
                errors.Invalid($"{path}[{i}]", item, $"if '{resource}/*' is present, must not specify {item}");
            }

            if (everyonesOwn.Contains(subresource))
            {
                errors.Invalid($"{path}[{i}]", item, $"if '*/{subresource}' is present, must not specify {item}");
            }

            _ = subresource == "*" && allOf.Add(resource);
            _ = resource == "*" && everyonesOwn.Add(subresource);
        }

        if (resources.Count > 1 && resources.Contains("*/*"))
        {
            errors.Invalid(path, resources, "if '*/*' is present, must not specify other resources");
        }

        if (hasPlain && resources.Contains("*"))
        {
            errors.Invalid(path, resources, "if '*' is present, must not specify other resources without subresources");
        }
    }

    private static void ReviewVersions(IReadOnlyList<string> versions, string path, bool allowsUnknown, FieldErrors errors)
    {
        if (versions.Count == 0)
        {
            errors.Required(path, $"must specify one of {string.Join(", ", Reviews)}");
            return;
        }

        ClientRules.Versions(versions, path, allowsUnknown, errors);
    }

    private static void ClientConfig(WebhookClientConfig config, string path, FieldErrors errors)
    {
        if ((config.URL is null) == (config.Service is null))
        {
            errors.Required(path, "exactly one of url or service is required");
        }
        else if (config.URL is { } url)
        {
            ClientRules.Url(url, $"{path}.url", errors);
        }
        else
        {
            var service = config.Service!;
            ClientRules.Service(service.Namespace, service.Name, service.Path, service.Port ?? 443, $"{path}.service", errors);
        }
    }

    /// <summary>Match conditions, of a webhook or of a policy; <paramref name="problems"/> tells why an expression cannot be used.</summary>
    public static void Conditions(IReadOnlyList<MatchCondition> items, string path, Func<string, IReadOnlyList<string>> problems, FieldErrors errors)
    {
        if (items.Count > MaxMatchConditions)
        {
            errors.TooMany(path, items.Count, MaxMatchConditions);
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            var (name, expression) = (items[i].Name, items[i].Expression.Trim());
            if (expression.Length == 0)
            {
                errors.Required($"{path}[{i}].expression", "");
            }
            else
            {
                errors.Names($"{path}[{i}].expression", expression, problems(expression));
            }

            errors.RequiredName($"{path}[{i}].name", name, NameValidation.QualifiedName);
            if (name.Length > 0 && !names.Add(name))
            {
                errors.Duplicate($"{path}[{i}].name", name);
            }
        }
    }
}

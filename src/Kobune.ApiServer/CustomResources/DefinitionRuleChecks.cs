using System.Globalization;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Registry;
using Kobune.Cel.Schemas;

namespace Kobune.ApiServer.CustomResources;

/// <summary>
/// What the schemas of a definition and their validation rules must be like. Source: k8s.io/apiextensions-apiserver, apis/apiextensions/validation,
/// ValidateCustomResourceDefinitionOpenAPISchema.
/// </summary>
internal sealed class DefinitionRuleChecks
{
    private const ulong RuleLimit = 10_000_000;
    private const ulong TotalLimit = 100_000_000;
    private const int Shown = 4;
    private static readonly string[] Reasons = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];
    private readonly FieldErrors _ofSchema = new();
    private readonly FieldErrors _ofRules = new();
    private readonly List<(string Path, ulong Cost)> _costs = [];
    private readonly bool _isUnchanged;
    private readonly int _minor;
    private ulong _total;

    private DefinitionRuleChecks(bool isUnchanged, int minor)
    {
        _isUnchanged = isUnchanged;
        _minor = minor;
    }

    /// <summary>Where rules stand: how often values can occur in one object (null: without bound), and whether the schema is a resource's root.</summary>
    private sealed record Scope(ulong? Cardinality, bool IsResource);

    /// <summary>What a schema inherits from those around it.</summary>
    /// <param name="NoDefault">Why it may have no default.</param>
    /// <param name="IsInMeta">It describes metadata, kind or apiVersion of a resource.</param>
    /// <param name="Uncorrelatable">The path above which values before and after cannot be matched.</param>
    private sealed record Place(string? NoDefault = null, bool IsInMeta = false, string? Uncorrelatable = null);

    /// <summary>Checks a schema and all of its rules.</summary>
    /// <param name="schema">The root.</param>
    /// <param name="path">Its field path.</param>
    /// <param name="isStructural">Rules of other schemas are not compiled.</param>
    /// <param name="isUnchanged">The version had this schema before: the cost of its single rules is not questioned again.</param>
    /// <param name="errors">Takes the problems.</param>
    public static void Validate(JsonObject schema, string path, bool isStructural, bool isUnchanged, FieldErrors errors)
    {
        var checks = new DefinitionRuleChecks(isUnchanged, errors.Features.Version.Minor);
        checks.Node(schema, path, isStructural ? new(1, true) : null, new(), isRoot: true);
        checks.Total(path);
        foreach (var error in checks._ofSchema.Items.Concat(checks._ofRules.Items))
        {
            errors.Add(error.Type, error.Field, error.Message);
        }
    }

    private void Node(JsonObject schema, string path, Scope? scope, Place place, bool isRoot = false)
    {
        var known = _ofSchema.Items.Count;
        SchemaRules.Before(schema, path, place.NoDefault, place.IsInMeta, _ofSchema);
        Children(schema, path, scope, place, isRoot);
        SchemaRules.After(schema, path, _ofSchema);
        var rules = ValidationRule.Of(schema);
        for (var i = 0; i < rules.Count; i++)
        {
            Text(rules[i], schema, $"{path}.{ValidationRule.Field}[{i}]");
        }

        if (rules.Count > 0 && _ofSchema.Items.Count == known && scope is not null)
        {
            Compile(rules, schema, path, scope, place.Uncorrelatable);
        }
    }

    private void Children(JsonObject schema, string path, Scope? scope, Place place, bool isRoot)
    {
        if (schema["additionalProperties"] is JsonObject values)
        {
            Node(values, $"{path}.additionalProperties", Below(scope, schema, values), place.IsInMeta ? place with { NoDefault = "inside additionalProperties applying to object metadata" } : place);
        }

        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            if (property is JsonObject inner)
            {
                Node(inner, $"{path}.properties[{name}]", Below(scope, schema, inner), Of(name, schema, path, place, isRoot));
            }
        }

        if (schema["not"] is JsonObject not)
        {
            Node(not, $"{path}.not", null, place);
        }

        foreach (var list in (ReadOnlySpan<string>)["allOf", "oneOf", "anyOf"])
        {
            var index = 0;
            foreach (var part in schema.Schemas(list))
            {
                Node(part, $"{path}.{list}[{index++}]", null, place);
            }
        }

        if (schema["items"] is JsonObject items)
        {
            var isMatched = schema.TextAt("x-kubernetes-list-type") == "map";
            Node(items, $"{path}.items", Below(scope, schema, items), isMatched ? place : place with { Uncorrelatable = place.Uncorrelatable ?? path });
        }
    }

    private static Place Of(string property, JsonObject schema, string path, Place place, bool isRoot)
    {
        if (schema["x-kubernetes-map-type"] is not null && schema.TextAt("x-kubernetes-map-type") is not ("atomic" or "granular"))
        {
            place = place with { Uncorrelatable = place.Uncorrelatable ?? path };
        }

        var isMeta = property is "metadata" or "kind" or "apiVersion" && (isRoot || schema.Flag("x-kubernetes-embedded-resource"));
        return isMeta ? place with { IsInMeta = true, NoDefault = isRoot ? $"in top-level {property}" : place.NoDefault } : place;
    }

    private static Scope? Below(Scope? scope, JsonObject schema, JsonObject child)
    {
        if (scope is null)
        {
            return null;
        }

        var factor = schema.TextAt("type") switch
        {
            "object" when schema["additionalProperties"] is not null => schema.Number("maxProperties"),
            "array" => schema.Number("maxItems"),
            _ => 1,
        };
        var cardinality = scope.Cardinality is { } many && factor is { } most ? Multiply(many, (ulong)Math.Max(0, most)) : (ulong?)null;
        return new(cardinality, child.Flag("x-kubernetes-embedded-resource"));
    }

    private void Text(ValidationRule rule, JsonObject schema, string path)
    {
        if (string.IsNullOrWhiteSpace(rule.Rule))
        {
            _ofSchema.Required($"{path}.rule", "rule is not specified");
        }
        else if (rule.Message.Length > 0 && rule.Message.Trim().Length == 0)
        {
            _ofSchema.Invalid($"{path}.message", rule.Message, "must be non-empty if specified");
        }
        else if (HasLines(rule.Message.Trim()))
        {
            _ofSchema.Invalid($"{path}.message", rule.Message, "must not contain line breaks");
        }
        else if (HasLines(rule.Rule.Trim()) && rule.Message.Length == 0)
        {
            _ofSchema.Required($"{path}.message", "message must be specified if rule contains line breaks");
        }

        if (rule.MessageExpression.Length > 0 && rule.MessageExpression.Trim().Length == 0)
        {
            _ofSchema.Required($"{path}.messageExpression", "messageExpression must be non-empty if specified");
        }

        if (rule.Reason is { } reason && !Reasons.Contains(reason))
        {
            _ofSchema.NotSupported($"{path}.reason", reason, Reasons);
        }

        FieldPath(rule.FieldPath, schema, $"{path}.fieldPath");
    }

    private void FieldPath(string value, JsonObject schema, string path)
    {
        if (value.Length == 0)
        {
            return;
        }

        if (value.Trim().Length == 0)
        {
            _ofSchema.Invalid(path, value, "must be non-empty if specified");
        }

        if (HasLines(value))
        {
            _ofSchema.Invalid(path, value, "must not contain line breaks");
        }

        if (RuleFieldPath.Normalize(value, schema) is null)
        {
            _ofSchema.Invalid(path, value, "must be a valid path");
        }
    }

    private static bool HasLines(string text) => text.AsSpan().ContainsAny('\n', '\r');

    private void Compile(IReadOnlyList<ValidationRule> rules, JsonObject schema, string path, Scope scope, string? uncorrelatable)
    {
        if (CelSchemaTypes.Of(RuleSchema.Of(schema), "SelfType", scope.IsResource) is not { } types)
        {
            _ofRules.Add("InternalError", $"{path}.{ValidationRule.Field}", $"Internal error: internal error: failed to retrieve type information for {ValidationRule.Field}");
            return;
        }

        for (var i = 0; i < rules.Count; i++)
        {
            Rule(CompiledRule.Of(rules[i], schema, types, _minor), $"{path}.{ValidationRule.Field}[{i}]", scope, uncorrelatable);
        }
    }

    private void Rule(CompiledRule rule, string path, Scope scope, string? uncorrelatable)
    {
        Cost("estimated rule cost", $"{path}.rule", Multiply(rule.MaxCost, scope.Cardinality ?? rule.MaxCardinality));
        if (rule.Problem is { } problem)
        {
            _ofRules.Add("FieldValueInvalid", $"{path}.rule", $"Invalid value: {rule.Rule.ToJson()}: {problem}");
        }

        if (rule.MessageProblem is { } wrong)
        {
            _ofRules.Add("FieldValueInvalid", $"{path}.messageExpression", $"Invalid value: {rule.Rule.ToJson()}: {wrong}");
        }
        else if (rule.MessageProgram is not null)
        {
            Cost("estimated messageExpression cost", $"{path}.messageExpression", rule.MessageMaxCost);
        }

        if (!rule.UsesOldSelf && rule.Rule.OptionalOldSelf is { } optional)
        {
            _ofRules.Invalid($"{path}.optionalOldSelf", optional, "may not be set if oldSelf is not used in rule");
        }
        else if (rule.UsesOldSelf && uncorrelatable is not null)
        {
            _ofRules.Invalid($"{path}.rule", rule.Rule.Rule, $"oldSelf cannot be used on the uncorrelatable portion of the schema within {uncorrelatable}");
        }
    }

    private void Cost(string name, string path, ulong cost)
    {
        if (!_isUnchanged && cost > RuleLimit)
        {
            _ofRules.Forbidden(path, Exceeds(name, cost, RuleLimit));
        }

        _total = ulong.MaxValue - _total < cost ? ulong.MaxValue : _total + cost;
        if (cost >= TotalLimit / 100)
        {
            _costs.Add((path, cost));
        }
    }

    private void Total(string path)
    {
        if (_total <= TotalLimit)
        {
            return;
        }

        foreach (var (rule, _) in _costs.OrderByDescending(c => c.Cost).Take(Shown))
        {
            _ofRules.Forbidden(rule, "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema");
        }

        _ofRules.Forbidden(path, Exceeds($"{ValidationRule.Field} estimated rule cost total for entire OpenAPIv3 schema", _total, TotalLimit));
    }

    private static string Exceeds(string name, ulong cost, ulong limit)
    {
        var times = (double)cost / limit;
        var factor = times > 100 ? "more than 100x" : times.ToString(times < 1.5 ? "F6" : "F1", CultureInfo.InvariantCulture) + "x";
        return $"{name} exceeds budget by factor of {factor} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)";
    }

    private static ulong Multiply(ulong x, ulong y) => x != 0 && ulong.MaxValue / x < y ? ulong.MaxValue : x * y;
}

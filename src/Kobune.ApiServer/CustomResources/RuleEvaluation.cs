using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Registry;
using Kobune.Cel;
using Kobune.Cel.Schemas;
using Kobune.Cel.Values;

namespace Kobune.ApiServer.CustomResources;

/// <summary>Runs the rules of a schema on an object, within one budget of costs. Source: k8s.io/apiextensions-apiserver, apiserver/schema/cel/validation.go.</summary>
internal sealed class RuleEvaluation
{
    private const long Budget = 10_000_000;
    private const int MaxMessage = 5 * 1024;
    private readonly FieldErrors _errors;
    private readonly CancellationToken _ct;
    private long _budget = Budget;

    private RuleEvaluation(FieldErrors errors, CancellationToken ct)
    {
        _errors = errors;
        _ct = ct;
    }

    /// <summary>Runs all rules. <paramref name="old"/> is the object before the update, null for a new one.</summary>
    public static void Validate(JsonObject obj, JsonObject? old, RuleNode root, FieldErrors errors, CancellationToken ct) =>
        new RuleEvaluation(errors, ct).Node(root, "", obj, old, old is null ? Correlation.None : new(new(obj, old), null));

    /// <summary>Runs all rules on a default, which is its own old value, but is not let pass for that.</summary>
    public static void Validate(JsonNode value, RuleNode node, string path, FieldErrors errors, CancellationToken ct) =>
        new RuleEvaluation(errors, ct).Node(node, path, value, value, Correlation.None);

    private void Node(RuleNode node, string path, JsonNode? value, JsonNode? old, Correlation correlation)
    {
        if (value is null || _budget < 0)
        {
            return;
        }

        Rules(node, path, value, old, correlation);
        foreach (var part in node.AllOf)
        {
            Node(part, path, value, old, new(null, correlation.Parent));
        }

        if (value is JsonArray list && node.Items is { } items)
        {
            List(items, path, list, OldItems(node, old as JsonArray), correlation);
        }
        else if (value is JsonObject map)
        {
            Map(node, path, map, old as JsonObject, correlation);
        }
    }

    private void Map(RuleNode node, string path, JsonObject map, JsonObject? old, Correlation correlation)
    {
        foreach (var (name, value) in map)
        {
            if (node.Values is { } values)
            {
                Node(values, $"{path}[{name}]", value, old?[name], correlation.Field(name, value, old?[name]));
            }

            if (node.Properties.TryGetValue(name, out var property))
            {
                Node(property, path.Length == 0 ? name : $"{path}.{name}", value, old?[name], correlation.Field(name, value, old?[name]));
            }
        }
    }

    private void List(RuleNode items, string path, JsonArray list, Func<JsonNode?, JsonNode?> oldOf, Correlation correlation)
    {
        for (var i = 0; i < list.Count; i++)
        {
            var old = oldOf(list[i]);
            Node(items, $"{path}[{i}]", list[i], old, correlation.Item(list[i], old));
        }
    }

    /// <summary>Only items of lists with keys have a counterpart.</summary>
    private static Func<JsonNode?, JsonNode?> OldItems(RuleNode node, JsonArray? old)
    {
        if (old is null || node.Schema.TextAt("x-kubernetes-list-type") != "map")
        {
            return _ => null;
        }

        string[] names = [.. node.Schema.TextsAt("x-kubernetes-list-map-keys")];
        string KeyOf(JsonNode? item) => string.Join(',', names.Select(n => (item as JsonObject)?[n]?.ToJsonString() ?? "null"));
        var byKey = old.OfType<JsonObject>().GroupBy(KeyOf).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        return item => byKey.GetValueOrDefault(KeyOf(item));
    }

    private void Rules(RuleNode node, string path, JsonNode value, JsonNode? old, Correlation correlation)
    {
        if (node.Rules.Count == 0)
        {
            return;
        }

        var field = path.Length == 0 ? "<nil>" : path;
        var type = node.Types.Type;
        if (_budget <= 0)
        {
            Exhausted(field, type);
            return;
        }

        var self = CelJson.Wrap(value, node.Types);
        var before = old is null ? null : CelJson.Wrap(old, node.Types);
        foreach (var rule in node.Rules)
        {
            if (_budget < 0)
            {
                return;
            }

            if (rule.Problem is { } problem)
            {
                _errors.Invalid(field, type, $"rule compile error: {problem}"); // the definition was stored by a release that knew more
                continue;
            }

            if (rule.Program is null || (rule.UsesOldSelf && before is null && rule.Rule.OptionalOldSelf != true))
            {
                continue; // empty, or about a change where nothing is to compare with
            }

            Run(rule, field, type, value, new Variables(self, before, rule.Rule.OptionalOldSelf == true), correlation);
        }
    }

    private void Run(CompiledRule rule, string field, string type, JsonNode value, Variables variables, Correlation correlation)
    {
        var result = rule.Program!.Evaluate(variables, _ct);
        _ct.ThrowIfCancellationRequested();
        if (result.Cost > long.MaxValue || (long)result.Cost > _budget)
        {
            Exhausted(field, type);
            return;
        }

        _budget -= (long)result.Cost;
        if (result.Error is { } problem)
        {
            Failed(rule.Rule, field, type, problem, result.Outcome);
            return;
        }

        if (result.Value is CelBool { Value: true })
        {
            return;
        }

        var target = rule.FieldPath.Length == 0 ? field : field == "<nil>" ? rule.FieldPath : $"{field}.{rule.FieldPath}";
        var (message, stop) = rule.MessageProgram is null ? (null, null) : Message(rule.MessageProgram, variables.ForMessage);
        var shown = stop is null ? type is "object" or "array" ? "" : $": {Shown(value)}" : $": {FieldValue.Show(type)}";
        var found = Problem(stop is null ? rule.Rule.Reason : null, target, shown, stop ?? message ?? rule.Rule.Failure);
        if (rule.UsesOldSelf || !correlation.IsUnchanged)
        {
            _errors.Add(found.Type, found.Field, found.Message);
        }
        else
        {
            _errors.Warn(found);
        }
    }

    private static string Shown(JsonNode value) => value.GetValueKind() == JsonValueKind.String ? FieldValue.Show(value.GetValue<string>()) : GoValue.Show(value);

    /// <summary>The message that an expression makes, null when it makes none that can be shown; or why nothing more is run.</summary>
    private (string? Text, string? Stop) Message(CelProgram program, Variables variables)
    {
        var result = program.Evaluate(variables, _ct);
        _ct.ThrowIfCancellationRequested();
        if (result.Cost > long.MaxValue || (long)result.Cost > _budget)
        {
            _budget = -1;
            return (null, "messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run");
        }

        if (result.Outcome == CelOutcome.CostLimitExceeded)
        {
            _budget = -1;
            return (null, $"no further validation rules will be run due to call cost exceeds limit for messageExpression: {FieldValue.Show(program.Text)}");
        }

        _budget -= (long)result.Cost;
        var text = (result.Value as CelString)?.Value.Trim() ?? "";
        return (text.Length == 0 || text.Contains('\n') || Encoding.UTF8.GetByteCount(text) > MaxMessage ? null : text, null);
    }

    private void Failed(ValidationRule rule, string field, string type, string problem, CelOutcome outcome)
    {
        if (outcome == CelOutcome.CostLimitExceeded)
        {
            _errors.Invalid(field, type, $"'{problem}': no further validation rules will be run due to call cost exceeds limit for rule: {rule.Shown}");
            _budget = -1;
            return;
        }

        _errors.Invalid(field, type, problem.StartsWith("no such overload", StringComparison.Ordinal)
            ? $"'{problem}': call arguments did not match a supported operator, function or macro signature for rule: {rule.Shown}"
            : $"{problem} evaluating rule: {rule.Shown}");
    }

    private void Exhausted(string field, string type)
    {
        _errors.Invalid(field, type, "validation failed due to running out of cost budget, no further validation rules will be run");
        _budget = -1;
    }

    /// <summary>Scalars are shown, objects and lists are not.</summary>
    private static FieldError Problem(string? reason, string field, string shown, string detail) => reason switch
    {
        "FieldValueForbidden" => new(reason, field, $"Forbidden: {detail}"),
        "FieldValueRequired" => new(reason, field, $"Required value: {detail}"),
        "FieldValueDuplicate" => new(reason, field, $"Duplicate value{shown}"),
        _ => new("FieldValueInvalid", field, $"Invalid value{shown}: {detail}"),
    };

    /// <summary>self and oldSelf of one value.</summary>
    private sealed class Variables(CelValue self, CelValue? old, bool isOptional) : ICelActivation
    {
        /// <summary>As upstream has it, a message sees the old value itself even where the rule sees an optional one.</summary>
        public Variables ForMessage => isOptional ? new(self, old, false) : this;

        public CelValue? Find(string name) => name switch
        {
            "self" => self,
            "oldSelf" when isOptional => old is null ? CelOptional.None : CelOptional.Of(old),
            "oldSelf" => old,
            _ => null,
        };
    }
}

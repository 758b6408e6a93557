using System.Text.Json.Nodes;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Patches;
using Kobune.ApiServer.Fields;
using Kobune.Cel.Schemas;
using Kobune.Cel.Values;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>A MutatingAdmissionPolicy, compiled. Immutable. Source: k8s.io/apiserver, admission/plugin/policy/mutating and its folder patch.</summary>
internal sealed class MutatingPolicy : CompiledPolicy
{
    private const long MostExact = (1L << 53) - 1;

    private readonly IReadOnlyList<(bool IsConfiguration, PolicyExpression Expression)> _mutations;

    public MutatingPolicy(MutatingAdmissionPolicy policy, int minor)
        : this(policy.Metadata.Name, policy.Spec, new(minor, policy.Spec.ParamKind is not null, isMutating: true))
    {
    }

    private MutatingPolicy(string name, MutatingAdmissionPolicySpec spec, PolicyCompiler compiler)
        : base(name, spec.ParamKind, spec.FailurePolicy, spec.MatchConstraints, compiler, spec.Variables, spec.MatchConditions)
    {
        IsReinvocable = spec.ReinvocationPolicy == "IfNeeded";
        _mutations =
        [
            .. spec.Mutations.Select(m => m.PatchType == "ApplyConfiguration"
                ? (true, compiler.Configuration(m.ApplyConfiguration?.Expression ?? ""))
                : (false, compiler.Patch(m.JSONPatch?.Expression ?? ""))),
        ];
    }

    /// <summary>Whether it wants to see the object again when others changed it.</summary>
    public bool IsReinvocable { get; }

    /// <summary>How many mutations there are; they are made in order.</summary>
    public int Count => _mutations.Count;

    /// <summary>What a mutation makes of an object, which stays as it is.</summary>
    /// <exception cref="MutationException">It cannot be made.</exception>
    public JsonObject Mutate(int mutation, JsonObject shown, FieldShape shape, ExpressionInput input, CancellationToken ct)
    {
        var (isConfiguration, expression) = _mutations[mutation];
        if (expression.Problem is { } problem)
        {
            throw new MutationException(problem);
        }

        ExpressionOutcome outcome;
        try
        {
            outcome = new ExpressionRun(input, Variables, ExpressionRun.PolicyBudget, ct).Evaluate(expression);
        }
        catch (BudgetExceededException e)
        {
            throw new MutationException(e.Message);
        }

        var value = outcome.Value ?? throw new MutationException(outcome.Error!);
        return isConfiguration ? Configure(shown, value, shape) : Patch(shown, value);
    }

    private static JsonObject Configure(JsonObject shown, CelValue value, FieldShape shape)
    {
        if (value is not MutationObject made)
        {
            throw new MutationException($"unsupported return type from ApplyConfiguration expression: {value.Type.Name}");
        }

        CheckNames(made);
        if (UnfitValues.ProblemOf(made, shape) is { } unfit)
        {
            throw new MutationException($"error applying patch: failed to convert patch object to typed object: {unfit}");
        }

        var configuration = (JsonObject)Json(made, "invalid return type")!;
        configuration["apiVersion"] = shown["apiVersion"]?.DeepClone();
        configuration["kind"] = shown["kind"]?.DeepClone();
        if (AppliedFields.ProblemOf(configuration, shape) is { } problem)
        {
            throw new MutationException($"error applying patch: failed to convert patch object to typed object: {problem}");
        }

        var atomic = new List<string>();
        FindAtomic(configuration, shape, "", atomic);
        if (atomic.Count > 0)
        {
            throw new MutationException($"error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: {string.Join(", ", atomic)}");
        }

        return (JsonObject)FieldMerge.Merge(shown.DeepClone(), configuration, shape)!;
    }

    /// <summary>What can only be set as a whole: a policy that means to change a part of it would take the rest away.</summary>
    private static void FindAtomic(JsonNode? node, FieldShape shape, string path, List<string> found)
    {
        switch (node)
        {
            case JsonObject map:
                if (shape.IsAtomic)
                {
                    found.Add(path);
                }

                foreach (var (name, value) in map)
                {
                    FindAtomic(value, shape.Child(name), $"{path}.{name}", found);
                }

                break;
            case JsonArray list when shape.Type is not null:
                if (!shape.IsSet && !shape.IsMapList)
                {
                    found.Add(path);
                }

                for (var i = 0; i < list.Count; i++)
                {
                    FindAtomic(list[i], shape.Item, $"{path}[{i}]", found);
                }

                break;
        }
    }

    private static JsonObject Patch(JsonObject shown, CelValue value)
    {
        var operations = new JsonArray();
        foreach (var operation in value is CelList list ? Enumerable.Range(0, list.Count).Select(i => list[i]) : throw new MutationException("type mismatch: JSONPatchType.expression should evaluate to array"))
        {
            operations.Add((JsonNode)(operation is MutationObject made ? Operation(made) : throw new MutationException($"type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch: {operation.Type.Name}")));
        }

        try
        {
            return JsonPatch.Apply((JsonObject)shown.DeepClone(), operations);
        }
        catch (PatchException e) when (e.IsFailedTest)
        {
            return shown; // a test that fails keeps the whole patch from being made
        }
        catch (PatchException e)
        {
            throw new MutationException($"JSON Patch: {e.Message}");
        }
    }

    private static JsonObject Operation(MutationObject made)
    {
        var operation = new JsonObject { ["op"] = Text(made, "op"), ["path"] = Text(made, "path") };
        if (Text(made, "from") is { Length: > 0 } from)
        {
            operation["from"] = from;
        }

        if (made.Field("value") is { } value)
        {
            if (value is MutationObject inner)
            {
                CheckNames(inner);
            }

            operation["value"] = WireNumbers(Json(value, "JSONPath valueExpression evaluated to a type that could not marshal to JSON"));
        }

        return operation;
    }

    /// <summary>Whole numbers that a double cannot hold exactly become texts, as in the JSON of protocol buffers, through which upstream's values go.</summary>
    private static JsonNode? WireNumbers(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                return new JsonObject(map.Select(p => KeyValuePair.Create(p.Key, WireNumbers(p.Value))));
            case JsonArray list:
                return new JsonArray([.. list.Select(i => WireNumbers(i))]);
            case JsonValue number when number.TryGetValue<long>(out var signed) && signed is < -MostExact or > MostExact:
            case JsonValue unsigned when unsigned.TryGetValue<ulong>(out var large) && large > MostExact:
                return JsonValue.Create(node.ToJsonString());
            default:
                return node?.DeepClone();
        }
    }

    private static string Text(MutationObject made, string field) => made.Field(field) is CelString text ? text.Value : "";

    private static void CheckNames(MutationObject made)
    {
        if (made.CheckTypeNames() is { Count: > 0 } problems)
        {
            throw new MutationException($"type mismatch: {string.Join('\n', problems)}");
        }
    }

    private static JsonNode? Json(CelValue value, string otherwise) =>
        CelJson.TryToJson(value, out var json, out var problem) ? json : throw new MutationException($"{otherwise}: {problem}");
}

/// <summary>A mutation cannot be made; the message is the client's.</summary>
internal sealed class MutationException(string message) : Exception(message);

using System.Text.Json.Nodes;
using Kobune.Cel;
using Kobune.Cel.Schemas;
using Kobune.Cel.Types;

namespace Kobune.ApiServer.CustomResources;

/// <summary>A rule made ready to run, or what is wrong with it. Source: k8s.io/apiextensions-apiserver, apiserver/schema/cel/compilation.go.</summary>
internal sealed record CompiledRule(ValidationRule Rule)
{
    private const ulong MaxRequest = 3 * 1024 * 1024;

    /// <summary>Null when it is empty or wrong.</summary>
    public CelProgram? Program { get; private init; }

    public CelProgram? MessageProgram { get; private init; }

    public string? Problem { get; private init; }

    public string? MessageProblem { get; private init; }

    public bool UsesOldSelf { get; private init; }

    /// <summary>The rule's fieldPath as messages show it; empty when it has none.</summary>
    public string FieldPath { get; private init; } = "";

    /// <summary>What one evaluation costs at most.</summary>
    public ulong MaxCost { get; private init; }

    public ulong MessageMaxCost { get; private init; }

    /// <summary>How many values of the schema fit into one request.</summary>
    public ulong MaxCardinality { get; private init; }

    /// <summary>Compiles for release 1.<paramref name="minor"/> against the schema at which the rule stands and its types.</summary>
    public static CompiledRule Of(ValidationRule rule, JsonObject schema, CelSchemaTypes types, int minor)
    {
        if (string.IsNullOrWhiteSpace(rule.Rule))
        {
            return new(rule);
        }

        var environment = CelKubernetes.Environment(minor).WithTypes(types)
            .WithVariable("self", types.Type)
            .WithVariable("oldSelf", rule.OptionalOldSelf == true ? CelType.Optional(types.Type) : types.Type);
        var compiled = environment.Compile(rule.Rule);
        if (!compiled.Succeeded)
        {
            return new(rule) { Problem = $"compilation failed: {compiled.Issues}" };
        }

        if (compiled.Program.OutputType.Kind != CelKind.Bool)
        {
            return new(rule) { Problem = "cel expression must evaluate to a bool" };
        }

        var usesOldSelf = compiled.Program.Uses("oldSelf");
        if (compiled.Program.Problem is { } problem)
        {
            return new(rule) { Problem = $"program instantiation failed: {problem}", UsesOldSelf = usesOldSelf };
        }

        var made = new CompiledRule(rule)
        {
            Program = compiled.Program,
            FieldPath = RuleFieldPath.Normalize(rule.FieldPath, schema) ?? "",
            UsesOldSelf = usesOldSelf,
            MaxCost = compiled.Program.EstimateCost(types).Max,
            MaxCardinality = MaxRequest / (ulong)(types.MinSize + 1),
        };
        return rule.MessageExpression.Length == 0 ? made : WithMessage(made, environment.Compile(rule.MessageExpression), types);
    }

    private static CompiledRule WithMessage(CompiledRule rule, CelCompilation message, CelSchemaTypes types)
    {
        if (!message.Succeeded)
        {
            return rule with { MessageProblem = $"messageExpression compilation failed: {message.Issues}" };
        }

        return message.Program.OutputType.Kind != CelKind.String ? rule with { MessageProblem = "messageExpression must evaluate to a string" }
            : message.Program.Problem is { } problem ? rule with { MessageProblem = $"messageExpression instantiation failed: {problem}" }
            : rule with { MessageProgram = message.Program, MessageMaxCost = message.Program.EstimateCost(types).Max };
    }
}

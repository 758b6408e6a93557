using System.Globalization;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Schema;
using Kobune.Cel.Schemas;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>
/// Checks a policy's expressions against the schemas of the kinds that it means, as far as those are named without wildcards. Pure; whatever it finds changes nothing of what the policy does.
/// Source: k8s.io/apiserver, admission/plugin/policy/validating, typechecking.go.
/// </summary>
internal static class PolicyTypeCheck
{
    private const int MostKinds = 10;

    /// <summary>What is wrong, by field, in upstream's words.</summary>
    public static IReadOnlyList<ExpressionWarning> Check(ValidatingAdmissionPolicy policy, ApiSchema schema, int minor)
    {
        var compilers = Kinds(policy.Spec.MatchConstraints, schema).Select(k => (Kind: k, Compiler: Compiler(policy.Spec, k, schema, minor))).Where(c => c.Compiler is not null).ToArray();
        var warnings = new List<ExpressionWarning>();
        for (var i = 0; i < policy.Spec.Validations.Count; i++)
        {
            var validation = policy.Spec.Validations[i];
            Add(validation.Expression, string.Create(CultureInfo.InvariantCulture, $"spec.validations[{i}].expression"));
            if (validation.MessageExpression.Length > 0)
            {
                Add(validation.MessageExpression, string.Create(CultureInfo.InvariantCulture, $"spec.validations[{i}].messageExpression"));
            }
        }

        return warnings;

        void Add(string expression, string field)
        {
            var found = compilers.Select(c => (c.Kind, Issues: c.Compiler!.Check(expression))).Where(f => f.Issues is not null).ToArray();
            if (found.Length > 0)
            {
                warnings.Add(new() { FieldRef = field, Warning = string.Join('\n', found.Select(f => $"{Name(f.Kind)}: {f.Issues}\n")) });
            }
        }
    }

    private static string Name(ResourceSchema kind) => $"{kind.Group}/{kind.Version}, Kind={kind.Kind}";

    /// <summary>The kinds that rules name, sorted; the first ten.</summary>
    private static List<ResourceSchema> Kinds(MatchResources? match, ApiSchema schema)
    {
        var kinds = new List<ResourceSchema>();
        foreach (var rule in match?.ResourceRules ?? [])
        {
            if (rule.APIGroups.Any(IsOpen) || rule.APIVersions.Any(IsOpen))
            {
                continue;
            }

            var count = 0;
            var named =
                from g in rule.APIGroups.Order(StringComparer.Ordinal)
                from v in rule.APIVersions.Order(StringComparer.Ordinal)
                from r in rule.Resources.Where(r => r.AsSpan().IndexOfAny('*', '/') < 0).Order(StringComparer.Ordinal)
                select schema.FindResource(g, v, r);
            foreach (var resource in named.OfType<ResourceSchema>().Where(r => r.IsServed))
            {
                kinds.Add(resource);
                if (++count == MostKinds)
                {
                    return Sorted(kinds);
                }
            }
        }

        return Sorted(kinds);
    }

    private static bool IsOpen(string name) => name.Contains('*', StringComparison.Ordinal);

    private static List<ResourceSchema> Sorted(List<ResourceSchema> kinds) =>
        [.. kinds.DistinctBy(Name).OrderBy(k => k.Group, StringComparer.Ordinal).ThenBy(k => k.Version, StringComparer.Ordinal).ThenBy(k => k.Kind, StringComparer.Ordinal)];

    /// <summary>Parameters without a known schema are no variable; variables that do not compile are of any type.</summary>
    private static PolicyCompiler? Compiler(ValidatingAdmissionPolicySpec spec, ResourceSchema kind, ApiSchema schema, int minor)
    {
        if (TypesOf(kind.Type, kind.Kind) is not { } types)
        {
            return null;
        }

        var parameters = spec.ParamKind is { } param && schema.FindKind(param.APIVersion, param.Kind) is { } known ? TypesOf(known, param.Kind + "Params") : null;
        var compiler = new PolicyCompiler(AdmissionVariables.Typed(minor, types, parameters));
        foreach (var variable in spec.Variables)
        {
            compiler.AddVariable(variable.Name, variable.Expression);
        }

        return compiler;
    }

    private static CelSchemaTypes? TypesOf(SchemaType kind, string name) => TypeSchema.Of(kind) is { } schema ? CelSchemaTypes.Of(schema, name, isResource: true) : null;
}

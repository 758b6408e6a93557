using System.Text.RegularExpressions;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Admission.Policies;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.AdmissionRegistration;

/// <summary>What the specs of both kinds of policies have.</summary>
internal sealed record PolicySpec(string? FailurePolicy, ParamKind? ParamKind, MatchResources? MatchConstraints, IReadOnlyList<MatchCondition> MatchConditions, IReadOnlyList<Variable> Variables, bool IsMutating = false);

/// <summary>Validation of what both kinds of policies have, with upstream's words (pkg/apis/admissionregistration/validation).</summary>
internal static partial class PolicySpecRules
{
    private static readonly string[] Reserved =
        ["true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while"];

    /// <summary>Adds the variables to the compiler: what is compiled later may name them, match conditions may not.</summary>
    public static void Validate(PolicySpec spec, PolicyCompiler compiler, FieldErrors errors)
    {
        if (spec.FailurePolicy is null)
        {
            errors.Required("spec.failurePolicy", "");
        }
        else if (spec.FailurePolicy is not ("Fail" or "Ignore"))
        {
            errors.NotSupported("spec.failurePolicy", spec.FailurePolicy, ["Fail", "Ignore"]);
        }

        if (spec.ParamKind is { } kind)
        {
            Kind(kind, "spec.paramKind", errors);
        }

        Constraints(spec.MatchConstraints, spec.IsMutating, "spec.matchConstraints", errors);
        WebhookRules.Conditions(spec.MatchConditions, "spec.matchConditions", text => Problems(compiler.Condition(text)), errors);
        for (var i = 0; i < spec.Variables.Count; i++)
        {
            Variable(compiler, spec.Variables[i], $"spec.variables[{i}]", errors);
        }
    }

    /// <summary>Why an expression cannot be used; nothing when it can.</summary>
    public static IReadOnlyList<string> Problems(PolicyExpression expression) => expression.Problem is { } problem ? [problem] : [];

    private static void Constraints(MatchResources? match, bool isMutating, string path, FieldErrors errors)
    {
        if (match is null)
        {
            errors.Required(path, "");
            return;
        }

        MatchResourcesRules.Validate(match, path, errors);
        if (match.ResourceRules.Count == 0)
        {
            errors.Required($"{path}.resourceRules", "");
        }

        if (isMutating)
        {
            MatchResourcesRules.Mutable(match, path, errors);
        }
    }

    private static void Kind(ParamKind kind, string path, FieldErrors errors)
    {
        var parts = kind.APIVersion.Split('/');
        if (kind.APIVersion.Length == 0)
        {
            errors.Required($"{path}.apiVersion", "");
        }
        else if (parts.Length > 2)
        {
            errors.Invalid($"{path}.apiVersion", kind.APIVersion, $"unexpected GroupVersion string: {kind.APIVersion}");
        }
        else
        {
            Version(parts.Length == 2 ? parts[0] : "", parts[^1], kind.APIVersion, $"{path}.apiVersion", errors);
        }

        if (kind.Kind.Length == 0)
        {
            errors.Required($"{path}.kind", "");
        }
        else if (NameValidation.Dns1035Label(kind.Kind.ToLowerInvariant()) is { Count: > 0 } problems)
        {
            errors.Invalid($"{path}.kind", kind.Kind, $"may have mixed case, but should otherwise match: {string.Join(',', problems)}");
        }
    }

    private static void Version(string group, string version, string apiVersion, string path, FieldErrors errors)
    {
        if (group.Length > 0 && NameValidation.Dns1123Subdomain(group) is { Count: > 0 } inGroup)
        {
            errors.Invalid(path, group, string.Join(',', inGroup));
        }

        if (version.Length == 0)
        {
            errors.Invalid(path, apiVersion, "version must be specified");
        }
        else if (NameValidation.Dns1035Label(version) is { Count: > 0 } inVersion)
        {
            errors.Invalid(path, version, string.Join(',', inVersion));
        }
    }

    private static void Variable(PolicyCompiler compiler, Variable variable, string path, FieldErrors errors)
    {
        if (string.IsNullOrWhiteSpace(variable.Name))
        {
            errors.Required($"{path}.name", "name is not specified");
        }
        else if (!Identifier().IsMatch(variable.Name) || Reserved.Contains(variable.Name))
        {
            errors.Invalid($"{path}.name", variable.Name, "name is not a valid CEL identifier");
        }

        if (string.IsNullOrWhiteSpace(variable.Expression))
        {
            errors.Required($"{path}.expression", "expression is not specified");
        }
        else
        {
            errors.Names($"{path}.expression", variable.Expression, Problems(compiler.AddVariable(variable.Name, variable.Expression).Expression));
        }
    }

    [GeneratedRegex(@"^[_a-zA-Z][_a-zA-Z0-9]*\z")]
    private static partial Regex Identifier();
}

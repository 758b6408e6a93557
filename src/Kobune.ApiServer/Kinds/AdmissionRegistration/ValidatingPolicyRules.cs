using System.Text;
using System.Text.RegularExpressions;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Admission.Policies;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.AdmissionRegistration;

/// <summary>Validation of ValidatingAdmissionPolicies with upstream's words (pkg/apis/admissionregistration/validation).</summary>
internal static partial class ValidatingPolicyRules
{
    private const int MostAuditAnnotations = 20;
    private const int MostAuditExpression = 5 * 1024;
    private const string NeedsOne = "validations or auditAnnotations must contain at least one item";
    private static readonly string[] Reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge"];
    private static readonly string[] Reserved =
        ["true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while"];

    public static void Validate(ValidatingAdmissionPolicy policy, int minor, bool ignoresConditions, FieldErrors errors)
    {
        var spec = policy.Spec;
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

        Constraints(spec.MatchConstraints, "spec.matchConstraints", errors);
        var compiler = new PolicyCompiler(minor, spec.ParamKind is not null);
        if (!ignoresConditions)
        {
            WebhookRules.Conditions(spec.MatchConditions, "spec.matchConditions", text => Problems(compiler.Condition(text)), errors); // before the variables, which they may not name
        }

        for (var i = 0; i < spec.Variables.Count; i++)
        {
            Variable(compiler, spec.Variables[i], $"spec.variables[{i}]", errors);
        }

        if (spec.Validations.Count == 0 && spec.AuditAnnotations.Count == 0)
        {
            errors.Required("spec.validations", NeedsOne);
            errors.Required("spec.auditAnnotations", NeedsOne);
            return;
        }

        for (var i = 0; i < spec.Validations.Count; i++)
        {
            Validation(compiler, spec.Validations[i], $"spec.validations[{i}]", errors);
        }

        AuditAnnotations(compiler, policy.Metadata.Name, spec.AuditAnnotations, "spec.auditAnnotations", errors);
    }

    private static void Constraints(MatchResources? match, string path, FieldErrors errors)
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

    private static void Validation(PolicyCompiler compiler, Validation validation, string path, FieldErrors errors)
    {
        if (string.IsNullOrWhiteSpace(validation.Expression))
        {
            errors.Required($"{path}.expression", "expression is not specified");
        }
        else
        {
            errors.Names($"{path}.expression", validation.Expression, Problems(compiler.Condition(validation.Expression)));
        }

        if (validation.MessageExpression.Length > 0 && validation.MessageExpression.Trim().Length == 0)
        {
            errors.Invalid($"{path}.messageExpression", validation.MessageExpression, "must be non-empty if specified");
        }
        else if (validation.MessageExpression.Length > 0)
        {
            errors.Names($"{path}.messageExpression", validation.MessageExpression, Problems(compiler.Message(validation.MessageExpression)));
        }

        var message = validation.Message.Trim();
        if (validation.Message.Length > 0 && message.Length == 0)
        {
            errors.Invalid($"{path}.message", validation.Message, "message must be non-empty if specified");
        }
        else if (message.AsSpan().IndexOfAny('\n', '\r') >= 0)
        {
            errors.Invalid($"{path}.message", validation.Message, "message must not contain line breaks");
        }

        if (validation.Reason is { } reason && !Reasons.Contains(reason))
        {
            errors.NotSupported($"{path}.reason", reason, Reasons);
        }
    }

    private static void AuditAnnotations(PolicyCompiler compiler, string policy, IReadOnlyList<AuditAnnotation> annotations, string path, FieldErrors errors)
    {
        if (annotations.Count > MostAuditAnnotations)
        {
            errors.Invalid(path, annotations.Select(a => a.Key).ToArray(), $"must not have more than {MostAuditAnnotations} auditAnnotations");
        }

        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < annotations.Count; i++)
        {
            AuditAnnotation(compiler, policy, annotations[i], $"{path}[{i}]", errors);
            if (!keys.Add(annotations[i].Key))
            {
                errors.Duplicate($"{path}[{i}].key", annotations[i].Key);
            }
        }
    }

    private static void AuditAnnotation(PolicyCompiler compiler, string policy, AuditAnnotation annotation, string path, FieldErrors errors)
    {
        if (policy.Length > 0)
        {
            var name = $"{policy}/{annotation.Key}";
            errors.Names($"{path}.key", name, NameValidation.QualifiedName(name));
        }
        else
        {
            errors.Invalid($"{path}.key", annotation.Key, "requires metadata.name be non-empty");
        }

        var expression = annotation.ValueExpression.Trim();
        if (expression.Length == 0)
        {
            errors.Required($"{path}.valueExpression", "valueExpression is not specified");
        }
        else if (Encoding.UTF8.GetByteCount(expression) > MostAuditExpression)
        {
            errors.Required($"{path}.valueExpression", $"must not exceed {MostAuditExpression} bytes in length");
        }
        else
        {
            errors.Names($"{path}.valueExpression", annotation.ValueExpression, Problems(compiler.AuditValue(expression)));
        }
    }

    private static IReadOnlyList<string> Problems(PolicyExpression expression) => expression.Problem is { } problem ? [problem] : [];

    [GeneratedRegex(@"^[_a-zA-Z][_a-zA-Z0-9]*\z")]
    private static partial Regex Identifier();
}

using System.Text;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Admission.Policies;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.AdmissionRegistration;

/// <summary>Validation of ValidatingAdmissionPolicies with upstream's words (pkg/apis/admissionregistration/validation).</summary>
internal static class ValidatingPolicyRules
{
    private const int MostAuditAnnotations = 20;
    private const int MostAuditExpression = 5 * 1024;
    private const string NeedsOne = "validations or auditAnnotations must contain at least one item";
    private static readonly string[] Reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge"];
    public static void Validate(ValidatingAdmissionPolicy policy, int minor, bool ignoresConditions, FieldErrors errors)
    {
        var spec = policy.Spec;
        var compiler = new PolicyCompiler(minor, spec.ParamKind is not null);
        PolicySpecRules.Validate(new(spec.FailurePolicy, spec.ParamKind, spec.MatchConstraints, ignoresConditions ? [] : spec.MatchConditions, spec.Variables), compiler, errors);
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

    /// <summary>What was found when the expressions were looked at.</summary>
    public static void Status(ValidatingAdmissionPolicyStatus status, FieldErrors errors)
    {
        var warnings = status.TypeChecking?.ExpressionWarnings ?? [];
        for (var i = 0; i < warnings.Count; i++)
        {
            var path = $"status.typeChecking.expressionWarnings[{i}]";
            errors.RequiredName(path + ".warning", warnings[i].Warning);
            errors.RequiredName(path + ".fieldRef", warnings[i].FieldRef.Trim());
        }

        ConditionRules.Validate(status.Conditions, "status.conditions", errors);
    }

    private static void Validation(PolicyCompiler compiler, Validation validation, string path, FieldErrors errors)
    {
        if (string.IsNullOrWhiteSpace(validation.Expression))
        {
            errors.Required($"{path}.expression", "expression is not specified");
        }
        else
        {
            errors.Names($"{path}.expression", validation.Expression, PolicySpecRules.Problems(compiler.Condition(validation.Expression)));
        }

        if (validation.MessageExpression.Length > 0 && validation.MessageExpression.Trim().Length == 0)
        {
            errors.Invalid($"{path}.messageExpression", validation.MessageExpression, "must be non-empty if specified");
        }
        else if (validation.MessageExpression.Length > 0)
        {
            errors.Names($"{path}.messageExpression", validation.MessageExpression, PolicySpecRules.Problems(compiler.Message(validation.MessageExpression)));
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
            errors.Names($"{path}.valueExpression", annotation.ValueExpression, PolicySpecRules.Problems(compiler.AuditValue(expression)));
        }
    }
}

using Kobune.Api.AdmissionRegistration.V1;
using Kobune.ApiServer.Admission.Policies;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.AdmissionRegistration;

/// <summary>Validation of MutatingAdmissionPolicies with upstream's words (pkg/apis/admissionregistration/validation).</summary>
internal static class MutatingPolicyRules
{
    public static void Validate(MutatingAdmissionPolicy policy, int minor, bool ignoresConditions, FieldErrors errors)
    {
        var spec = policy.Spec;
        var compiler = new PolicyCompiler(minor, spec.ParamKind is not null, isMutating: true);
        PolicySpecRules.Validate(new(spec.FailurePolicy, spec.ParamKind, spec.MatchConstraints, ignoresConditions ? [] : spec.MatchConditions, spec.Variables, IsMutating: true), compiler, errors);
        if (spec.Mutations.Count == 0)
        {
            errors.Required("spec.mutations", "mutations must contain at least one item");
        }

        for (var i = 0; i < spec.Mutations.Count; i++)
        {
            Mutation(compiler, spec.Mutations[i], $"spec.mutations[{i}]", errors);
        }

        if (spec.ReinvocationPolicy.Length == 0)
        {
            errors.Required("spec.reinvocationPolicy", "");
        }
        else if (spec.ReinvocationPolicy is not ("IfNeeded" or "Never"))
        {
            errors.NotSupported("spec.reinvocationPolicy", spec.ReinvocationPolicy, ["IfNeeded", "Never"]);
        }
    }

    private static void Mutation(PolicyCompiler compiler, Mutation mutation, string path, FieldErrors errors)
    {
        switch (mutation.PatchType)
        {
            case "ApplyConfiguration":
                Only(mutation.ApplyConfiguration?.Expression, $"{path}.applyConfiguration", compiler.Configuration, mutation.JSONPatch is not null, $"{path}.jsonPatch", mutation.PatchType, errors);
                break;
            case "JSONPatch":
                Only(mutation.JSONPatch?.Expression, $"{path}.jsonPatch", compiler.Patch, mutation.ApplyConfiguration is not null, $"{path}.applyConfiguration", mutation.PatchType, errors);
                break;
            case "":
                errors.Required($"{path}.patchType", "");
                break;
            default:
                errors.NotSupported($"{path}.patchType", mutation.PatchType, ["ApplyConfiguration", "JSONPatch"]);
                break;
        }
    }

    private static void Only(string? expression, string path, Func<string, PolicyExpression> compile, bool hasOther, string other, string type, FieldErrors errors)
    {
        if (expression is null)
        {
            errors.Required(path, $"must be specified when patchType is {type}");
        }
        else if (expression.Trim() is { Length: > 0 } trimmed)
        {
            errors.Names($"{path}.expression", trimmed, PolicySpecRules.Problems(compile(trimmed)));
        }
        else
        {
            errors.Required($"{path}.expression", "");
        }

        if (hasOther)
        {
            errors.Invalid(other, $"{{{other[(other.LastIndexOf('.') + 1)..]}}}", $"must not be specified when patchType is {type}");
        }
    }
}

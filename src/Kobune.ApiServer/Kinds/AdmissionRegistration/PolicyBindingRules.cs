using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.AdmissionRegistration;

/// <summary>Validation of the bindings of admission policies with upstream's words (pkg/apis/admissionregistration/validation).</summary>
internal static class PolicyBindingRules
{
    private const string Exclusive = "name and selector are mutually exclusive";
    private static readonly string[] Actions = ["Audit", "Deny", "Warn"];

    public static void Validate(MutatingAdmissionPolicyBinding binding, FieldErrors errors)
    {
        Validate(binding.Spec.PolicyName, binding.Spec.ParamRef, binding.Spec.MatchResources, "spec.matchResources", errors);
        MatchResourcesRules.Mutable(binding.Spec.MatchResources, "spec.matchResources", errors);
    }

    public static void Validate(ValidatingAdmissionPolicyBinding binding, FieldErrors errors)
    {
        Validate(binding.Spec.PolicyName, binding.Spec.ParamRef, binding.Spec.MatchResources, "spec.matchResouces", errors); // upstream has the letter less
        ValidationActions(binding.Spec.ValidationActions, "spec.validationActions", errors);
    }

    private static void Validate(string policy, ParamRef? parameters, MatchResources? match, string path, FieldErrors errors)
    {
        errors.RequiredName("spec.policyName", policy, NameValidation.Dns1123Subdomain);
        if (parameters is not null)
        {
            Reference(parameters, "spec.paramRef", errors);
        }

        if (match is not null)
        {
            MatchResourcesRules.Validate(match, path, errors);
        }
    }

    private static void Reference(ParamRef reference, string path, FieldErrors errors)
    {
        if (reference.Name.Length > 0)
        {
            errors.Names($"{path}.name", reference.Name, NameValidation.PathSegmentName(reference.Name));
            if (reference.Selector is not null)
            {
                errors.Forbidden($"{path}.name", Exclusive);
            }
        }

        errors.Selector($"{path}.selector", reference.Selector);
        if (reference.Selector is not null && reference.Name.Length > 0)
        {
            errors.Forbidden($"{path}.selector", Exclusive);
        }

        if (reference.Selector is null && reference.Name.Length == 0)
        {
            errors.Required(path, "one of name or selector must be specified");
        }

        if (string.IsNullOrEmpty(reference.ParameterNotFoundAction))
        {
            errors.Required($"{path}.parameterNotFoundAction", "");
        }
        else if (reference.ParameterNotFoundAction is not ("Deny" or "Allow"))
        {
            errors.NotSupported($"{path}.parameterNotFoundAction", reference.ParameterNotFoundAction, ["Deny", "Allow"]);
        }
    }

    private static void ValidationActions(IReadOnlyList<string> actions, string path, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < actions.Count; i++)
        {
            if (!Actions.Contains(actions[i]))
            {
                errors.NotSupported($"{path}[{i}]", actions[i], Actions);
            }

            if (!seen.Add(actions[i]))
            {
                errors.Duplicate($"{path}[{i}]", actions[i]);
            }
        }

        if (seen.Contains("Deny") && seen.Contains("Warn"))
        {
            errors.Invalid(path, actions, "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)");
        }

        if (seen.Count == 0)
        {
            errors.Required(path, "at least one validation action is required");
        }
    }
}

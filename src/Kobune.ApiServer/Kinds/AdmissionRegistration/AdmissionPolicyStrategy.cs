using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.AdmissionRegistration;

/// <summary>Defaults of admission policies and their bindings (pkg/apis/admissionregistration/*/defaults.go, of MatchResources wherever it stands) and their validation. <paramref name="plural"/> names the kind, <paramref name="minor"/> the release whose expressions they have.</summary>
internal sealed class AdmissionPolicyStrategy(string plural, int minor = 36) : KindStrategy
{
    public override (string Group, string Resource) Resource => ("admissionregistration.k8s.io", plural);

    public override void Validate(EncodedObject obj, FieldErrors errors) => Validate(obj, ignoresConditions: false, errors);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        if (subresource == "status")
        {
            if (plural == "validatingadmissionpolicies")
            {
                ValidatingPolicyRules.Status(obj.Read<ValidatingAdmissionPolicy>().Status, errors);
            }

            return;
        }

        var ignoresConditions = false;
        if (plural == "validatingadmissionpolicies")
        {
            var (now, before) = (obj.Read<ValidatingAdmissionPolicy>().Spec, old.Read<ValidatingAdmissionPolicy>().Spec);
            ignoresConditions = now.ParamKind == before.ParamKind && now.MatchConditions.SequenceEqual(before.MatchConditions);
        }
        else if (plural == "mutatingadmissionpolicies")
        {
            var (now, before) = (obj.Read<MutatingAdmissionPolicy>().Spec, old.Read<MutatingAdmissionPolicy>().Spec);
            ignoresConditions = now.ParamKind == before.ParamKind && now.MatchConditions.SequenceEqual(before.MatchConditions);
        }

        Validate(obj, ignoresConditions, errors);
    }

    private void Validate(EncodedObject obj, bool ignoresConditions, FieldErrors errors)
    {
        if (plural == "validatingadmissionpolicies")
        {
            ValidatingPolicyRules.Validate(obj.Read<ValidatingAdmissionPolicy>(), minor, ignoresConditions, errors);
        }
        else if (plural == "validatingadmissionpolicybindings")
        {
            PolicyBindingRules.Validate(obj.Read<ValidatingAdmissionPolicyBinding>(), errors);
        }
        else if (plural == "mutatingadmissionpolicies")
        {
            MutatingPolicyRules.Validate(obj.Read<MutatingAdmissionPolicy>(), minor, ignoresConditions, errors);
        }
        else
        {
            PolicyBindingRules.Validate(obj.Read<MutatingAdmissionPolicyBinding>(), errors);
        }
    }

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Child("spec");
        if (!plural.EndsWith("bindings", StringComparison.Ordinal))
        {
            spec?.Default("failurePolicy", "Fail");
        }

        if ((spec.Child("matchConstraints") ?? spec.Child("matchResources")) is not { } match)
        {
            return;
        }

        match.Default("matchPolicy", "Equivalent");
        match.Need("namespaceSelector");
        match.Need("objectSelector");
        foreach (var rule in match.Items("resourceRules").Concat(match.Items("excludeResourceRules")))
        {
            rule.Default("scope", "*");
        }
    }
}

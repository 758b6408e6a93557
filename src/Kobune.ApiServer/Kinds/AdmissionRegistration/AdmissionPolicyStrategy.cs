using System.Text.Json.Nodes;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.AdmissionRegistration;

/// <summary>Defaults of admission policies and their bindings (pkg/apis/admissionregistration/*/defaults.go, of MatchResources wherever it stands): which objects they match. <paramref name="plural"/> names the kind.</summary>
internal sealed class AdmissionPolicyStrategy(string plural) : KindStrategy
{
    public override (string Group, string Resource) Resource => ("admissionregistration.k8s.io", plural);

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

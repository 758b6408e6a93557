using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>No Service may take up addresses of others; those that a Service has already may stay or go.</summary>
internal sealed class DenyServiceExternalIPs : IValidatingAdmission
{
    public string Name => "DenyServiceExternalIPs";

    public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (!request.IsFor("", "services") || request.Operation is not (AdmissionOperation.Create or AdmissionOperation.Update) || request.Object?.Child("spec") is not { } spec)
        {
            return default;
        }

        var before = request.OldObject?.ToTree().Child("spec").Texts("externalIPs") ?? [];
        return spec.Texts("externalIPs").All(before.Contains) ? default : throw request.Refusal("Use of external IPs is denied by admission control");
    }
}

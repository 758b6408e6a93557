namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>Admits everything; upstream keeps the name.</summary>
internal sealed class AlwaysAdmit : IValidatingAdmission
{
    public string Name => "AlwaysAdmit";

    public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct) => default;
}

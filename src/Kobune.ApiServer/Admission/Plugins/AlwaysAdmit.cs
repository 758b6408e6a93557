namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>Lets everything through; upstream keeps it for old configurations.</summary>
internal sealed class AlwaysAdmit : IValidatingAdmission
{
    public string Name => "AlwaysAdmit";

    public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct) => default;
}

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>Refuses every write; for trying out what a client makes of that.</summary>
internal sealed class AlwaysDeny : IMutatingAdmission, IValidatingAdmission
{
    public string Name => "AlwaysDeny";

    public ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct) => throw request.Refusal("admission control is denying all modifications");

    public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct) => throw request.Refusal("admission control is denying all modifications");
}

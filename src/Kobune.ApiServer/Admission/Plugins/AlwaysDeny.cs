namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>Refuses every write and connection, the server's own too.</summary>
internal sealed class AlwaysDeny : IMutatingAdmission, IValidatingAdmission
{
    public string Name => "AlwaysDeny";

    public ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct) => ValidateAsync(request, ct);

    public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct) => throw request.Refusal("admission control is denying all modifications");
}

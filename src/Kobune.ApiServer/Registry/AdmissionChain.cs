using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Registry;

/// <summary>The admission plugins in their order: all mutating ones, later all validating ones.</summary>
internal sealed class AdmissionChain(IReadOnlyList<IAdmissionPlugin> plugins)
{
    private readonly IMutatingAdmission[] _mutating = [.. plugins.OfType<IMutatingAdmission>()];
    private readonly IValidatingAdmission[] _validating = [.. plugins.OfType<IValidatingAdmission>()];

    public async ValueTask MutateAsync(AdmissionRequest request, ApiCall call, CancellationToken ct)
    {
        foreach (var plugin in _mutating)
        {
            await plugin.MutateAsync(request, ct);
        }

        Warn(request, call);
    }

    public async ValueTask ValidateAsync(AdmissionRequest request, ApiCall call, CancellationToken ct)
    {
        foreach (var plugin in _validating)
        {
            await plugin.ValidateAsync(request, ct);
        }

        Warn(request, call);
    }

    private static void Warn(AdmissionRequest request, ApiCall call)
    {
        foreach (var warning in request.Warnings)
        {
            call.Warn(warning);
        }
    }
}

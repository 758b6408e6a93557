namespace Kobune.ApiServer.Admission;

/// <summary>All plugins in upstream's order: first every mutating one, later (after validation of the object) every validating one.</summary>
public sealed class AdmissionChain
{
    private readonly IReadOnlyList<IMutatingAdmission> _mutating;
    private readonly IReadOnlyList<IValidatingAdmission> _validating;

    /// <summary>Takes plugins in the order in which they are asked.</summary>
    public AdmissionChain(IReadOnlyList<IAdmissionPlugin> plugins)
    {
        Plugins = plugins;
        _mutating = [.. plugins.OfType<IMutatingAdmission>()];
        _validating = [.. plugins.OfType<IValidatingAdmission>()];
    }

    /// <summary>All plugins.</summary>
    public IReadOnlyList<IAdmissionPlugin> Plugins { get; }

    /// <summary>The mutating phase. The first refusal ends it.</summary>
    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        foreach (var plugin in _mutating)
        {
            await plugin.MutateAsync(request, ct);
        }
    }

    /// <summary>The validating phase. The first refusal ends it.</summary>
    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        foreach (var plugin in _validating)
        {
            await plugin.ValidateAsync(request, ct);
        }
    }
}

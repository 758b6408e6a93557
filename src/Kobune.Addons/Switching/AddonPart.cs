using Kobune.Client;

namespace Kobune.Addons.Switching;

/// <summary>What an addon is in a node process.</summary>
/// <param name="Addon">Its name in the catalogue.</param>
/// <param name="Start">Makes its components for these settings ("" for none). They run until the addon is switched off or its settings change.</param>
public sealed record AddonPart(string Addon, Func<string, IReadOnlyList<IComponent>> Start)
{
    /// <summary>
    /// Takes back what the addon left in the API. Called when it was switched off, and once after each start of the node process while it is off, so it
    /// succeeds when there is nothing to do.
    /// </summary>
    public Func<CancellationToken, Task>? Remove { get; init; }
}

namespace Kobune.Cli.Paths;

/// <summary>The way to a target, hop by hop.</summary>
/// <param name="Target">As the user named it.</param>
/// <param name="Hops">In the packet's order.</param>
internal sealed record PathReport(string Target, IReadOnlyList<Hop> Hops)
{
    /// <summary>The first hop at fault; null when the packet arrives.</summary>
    public Hop? Broken => Hops.FirstOrDefault(h => h.State == HopState.Broken);
}

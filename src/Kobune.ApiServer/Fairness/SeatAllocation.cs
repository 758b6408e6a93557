namespace Kobune.ApiServer.Fairness;

/// <summary>What one priority level may get of the server's seats.</summary>
/// <param name="Lower">At least.</param>
/// <param name="Upper">At most.</param>
/// <param name="Target">What it could use.</param>
internal readonly record struct SeatClaim(double Lower, double Upper, double Target);

/// <summary>
/// Divides seats: each level gets the same fraction of its target, but never less than its lower and never more than its upper bound.
/// Source: k8s.io/apiserver, util/flowcontrol (conc_alloc.go); solved here by walking the fractions at which a bound begins or ends to bind. Pure.
/// </summary>
internal static class SeatAllocation
{
    private const double LeastTarget = 0.001;

    /// <summary>The shares, whose sum is <paramref name="seats"/>, and the fraction; null when the bounds do not allow the sum.</summary>
    public static (double[] Shares, double Fraction)? Divide(double seats, IReadOnlyList<SeatClaim> claims)
    {
        const double Slack = 1e-7;
        if (claims.Sum(c => c.Lower) > seats + Slack || claims.Sum(c => c.Upper) < seats - Slack)
        {
            return null;
        }

        // The sum of the shares is a rising, piecewise linear function of the fraction; its corners are the bounds over the targets.
        double[] corners = [.. claims.SelectMany(c => new[] { c.Lower / Target(c), c.Upper / Target(c) }).Order()];
        var (from, fraction) = (0.0, corners.Length == 0 ? 0 : corners[^1]);
        foreach (var corner in corners)
        {
            if (Total(claims, corner) >= seats)
            {
                var (low, high) = (Total(claims, from), Total(claims, corner));
                fraction = high - low < Slack ? corner : from + ((corner - from) * (seats - low) / (high - low));
                break;
            }

            from = corner;
        }

        return ([.. claims.Select(c => Share(c, fraction))], fraction);
    }

    private static double Target(SeatClaim claim) => Math.Max(claim.Target, LeastTarget);

    private static double Share(SeatClaim claim, double fraction) => Math.Clamp(fraction * Target(claim), claim.Lower, claim.Upper);

    private static double Total(IReadOnlyList<SeatClaim> claims, double fraction) => claims.Sum(c => Share(c, fraction));
}

using Kobune.Ingress.Certificates;

namespace Kobune.Ingress.Routing;

/// <summary>The locations of one host, in the order in which they are tried. Immutable.</summary>
/// <param name="Name">"shop.example.com", "*.example.com", or "_" for all others.</param>
/// <param name="Locations">Never empty: a host always has a root.</param>
/// <param name="Certificate">What it shows; null when no Ingress gives it TLS.</param>
internal sealed record HostRoutes(string Name, IReadOnlyList<Location> Locations, ServerCertificate? Certificate)
{
    public Location Match(string path)
    {
        foreach (var location in Locations)
        {
            if (location.Pattern.Matches(path))
            {
                return location;
            }
        }

        return Locations[^1]; // "*" and other targets that are no path
    }
}

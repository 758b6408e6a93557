using System.Globalization;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.ApiServer.Admission;

namespace Kobune.ApiServer.Outbound;

/// <summary>Where a Service's port leads: one of its ready endpoints, so that no rule for its cluster IP is needed.</summary>
internal static class ServiceEndpoints
{
    /// <summary>The port of this name or number; the only one, or the one without a name, for "".</summary>
    public static ServicePort? Port(Service service, string port) =>
        service.Spec.Ports.FirstOrDefault(p => port.Length == 0
            ? service.Spec.Ports.Count == 1 || p.Name.Length == 0
            : p.Name == port || p.Port.ToString(CultureInfo.InvariantCulture) == port);

    /// <summary>Address and port of one of the ready endpoints behind the port of this name, by chance; null when there is none.</summary>
    /// <param name="objects">The server's own view.</param>
    /// <param name="service">The Service.</param>
    /// <param name="port">The port's name; empty for one without.</param>
    /// <param name="allows">Which addresses may be taken; null for all.</param>
    public static (string Address, int Port)? Pick(IObjectReader objects, Service service, string port, Func<string, bool>? allows = null)
    {
        var ready = new List<(string, int)>();
        foreach (var slice in objects.List<EndpointSlice>(service.Metadata.Namespace))
        {
            if (slice.Metadata.Labels.GetValueOrDefault("kubernetes.io/service-name") == service.Metadata.Name && slice.Ports.FirstOrDefault(p => (p.Name ?? "") == port) is { Port: { } number })
            {
                ready.AddRange(slice.Endpoints.Where(e => e.Conditions.Ready != false && e.Addresses is [var address, ..] && allows?.Invoke(address) != false).Select(e => (e.Addresses[0], number)));
            }
        }

        return ready.Count == 0 ? null : ready[Random.Shared.Next(ready.Count)];
    }
}

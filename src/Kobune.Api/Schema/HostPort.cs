using System.Globalization;

namespace Kobune.Api.Schema;

/// <summary>A host and a port in one text (Go's net.JoinHostPort).</summary>
public static class HostPort
{
    /// <summary>"10.96.0.1:80", "[fd00::1]:80".</summary>
    /// <param name="host">A name, or an address without brackets.</param>
    /// <param name="port">The port; null for none after the colon.</param>
    public static string Join(string host, int? port) => string.Create(CultureInfo.InvariantCulture, $"{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}");
}

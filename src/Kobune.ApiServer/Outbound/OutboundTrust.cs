using System.Globalization;
using System.Text;

namespace Kobune.ApiServer.Outbound;

/// <summary>How an aggregated API server or a webhook shows who it is. Equal trusts share connections.</summary>
/// <param name="ServerName">The name that its certificate must have, "metrics-server.kube-system.svc".</param>
/// <param name="Authorities">PEM of the authorities that it may be signed by; empty for those of the system.</param>
/// <param name="SkipsVerification">Whether any certificate will do.</param>
public sealed record OutboundTrust(string ServerName, string Authorities, bool SkipsVerification)
{
    /// <summary>PEM of the certificate that this server shows it; empty for what it shows everyone.</summary>
    public string Certificate { get; init; } = "";

    /// <summary>PEM of the key of <see cref="Certificate"/>.</summary>
    public string Key { get; init; } = "";

    /// <summary>What ToString() shows: no key, for texts end up in logs.</summary>
    private bool PrintMembers(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"ServerName = {ServerName}, SkipsVerification = {SkipsVerification}, HasCertificate = {Certificate.Length > 0}");
        return true;
    }
}

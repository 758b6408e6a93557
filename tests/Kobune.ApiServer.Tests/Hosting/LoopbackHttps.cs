using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Kobune.ApiServer.Tests.Hosting;

/// <summary>A real HTTPS server on a loopback port, with a certificate of its own for localhost.</summary>
internal sealed class LoopbackHttps : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly X509Certificate2 _certificate;

    private LoopbackHttps(WebApplication application, X509Certificate2 certificate)
    {
        (_application, _certificate) = (application, certificate);
        var bound = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Address = new UriBuilder("https", "localhost", new Uri(bound).Port).Uri;
    }

    public Uri Address { get; }

    /// <summary>What a client has to trust.</summary>
    public string AuthorityPem => _certificate.ExportCertificatePem();

    /// <param name="serve">Answers.</param>
    /// <param name="names">Names in the certificate beside localhost.</param>
    public static async Task<LoopbackHttps> StartAsync(RequestDelegate serve, params IEnumerable<string> names)
    {
        var certificate = Certificate(["localhost", .. names]);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseHttps(certificate)));
        var application = builder.Build();
        application.Run(serve);
        await application.StartAsync(TestContext.Current.CancellationToken);
        return new(application, certificate);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _certificate.Dispose();
    }

    private static X509Certificate2 Certificate(IEnumerable<string> hosts)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=loopback", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
    }
}

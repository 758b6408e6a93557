using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Extenders;

namespace Kobune.Scheduler.Tests.Extenders;

/// <summary>Extenders over HTTPS.</summary>
public sealed class ExtenderTlsTests : IAsyncLifetime
{
    private readonly X509Certificate2 _certificate = Certificate("extender.test");
    private readonly LittleExtender _server;

    public ExtenderTlsTests()
    {
        _server = new(_certificate);
        _server.Answers["filter"] = (200, """{"NodeNames":["n"]}""");
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _certificate.Dispose();
    }

    /// <summary>What is trusted: "own" is the server's certificate, "other" one that did not sign it.</summary>
    [Theory]
    [InlineData("", "", true, false, true)] // enableHTTPS without authorities takes any certificate
    [InlineData("", "", false, false, false)]
    [InlineData("", "", false, true, true)]
    [InlineData("own", "extender.test", true, false, true)]
    [InlineData("own", "", true, false, false)] // the certificate is not the address's
    [InlineData("other", "extender.test", true, false, false)]
    public void The_server_is_known_by_its_certificate(string authority, string name, bool isHttps, bool isInsecure, bool works)
    {
        using var other = Certificate("extender.test");
        var pem = authority switch { "own" => _certificate.ExportCertificatePem(), "other" => other.ExportCertificatePem(), _ => null };
        var options = new ExtenderOptions { UrlPrefix = _server.Url, FilterVerb = "filter", NodeCacheCapable = true, EnableHttps = isHttps, Tls = new() { Authorities = new(null, pem), ServerName = name, Insecure = isInsecure } };
        using var extender = new HttpExtender(options);
        var node = new NodeInfo(Objects.Node("n"));
        if (works)
        {
            Assert.Equal("n", Assert.Single(extender.Filter(Objects.Pod("p"), [node], TestContext.Current.CancellationToken).Passed).Name);
        }
        else
        {
            Assert.Throws<ExtenderException>(() => extender.Filter(Objects.Pod("p"), [node], TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public void Certificates_that_cannot_be_used_are_told_at_the_start()
    {
        var gone = new ExtenderOptions { UrlPrefix = "http://x", Tls = new() { Authorities = new("/nonexistent/ca.crt", null) } };
        Assert.StartsWith("extender http://x: ", Assert.Throws<FormatException>(() => new HttpExtender(gone)).Message, StringComparison.Ordinal);
        var both = gone with { Tls = new() { Insecure = true, Authorities = new(null, "x") } };
        Assert.Equal("extender http://x: specifying a root certificates file with the insecure flag is not allowed", Assert.Throws<FormatException>(() => new HttpExtender(both)).Message);
    }

    private static X509Certificate2 Certificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}

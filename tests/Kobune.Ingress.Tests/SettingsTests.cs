using System.Net;
using Kobune.Ingress.Access;
using Kobune.Ingress.Settings;

namespace Kobune.Ingress.Tests;

/// <summary>Annotations and ConfigMap keys to settings.</summary>
public class SettingsTests
{
    [Theory]
    [InlineData("8m", 8L << 20)]
    [InlineData("1k", 1024L)]
    [InlineData("2G", 2L << 30)]
    [InlineData("512", 512L)]
    [InlineData("0", 0L)]
    [InlineData("1.5m", null)]
    [InlineData("m", null)]
    [InlineData("", null)]
    [InlineData("99999999999999g", null)]
    public void Sizes(string text, long? bytes) => Assert.Equal(bytes, SizeText.Parse(text));

    [Fact]
    public void Defaults_are_ingress_nginx_s()
    {
        var settings = Parse();
        Assert.Equal((true, false, 308, 1L << 20, 5.0, 60.0, 60.0, 3), (settings.SslRedirect, settings.ForceSslRedirect, settings.HttpRedirectCode, settings.BodySize, settings.ConnectTimeout.TotalSeconds, settings.SendTimeout.TotalSeconds, settings.ReadTimeout.TotalSeconds, settings.NextUpstreamTries));
        Assert.Equal(NextUpstream.Default, settings.NextUpstream);
        Assert.Equal("max-age=31536000; includeSubDomains", GlobalSettings.Default.HstsHeader);
    }

    [Fact]
    public void Annotations_are_read()
    {
        var settings = Parse("proxy-body-size=8m", "proxy-connect-timeout=7", "proxy-read-timeout=120", "proxy-send-timeout=90", "ssl-redirect=false", "backend-protocol=grpcs", "proxy-next-upstream=error http_502 non_idempotent", "upstream-vhost=inner.test", "app-root=/home");
        Assert.Equal((8L << 20, 7.0, 120.0, 90.0, false, BackendProtocol.Grpcs), (settings.BodySize, settings.ConnectTimeout.TotalSeconds, settings.ReadTimeout.TotalSeconds, settings.SendTimeout.TotalSeconds, settings.SslRedirect, settings.Protocol));
        Assert.Equal((NextUpstream.Error | NextUpstream.Http502 | NextUpstream.NonIdempotent, "inner.test", "/home"), (settings.NextUpstream, settings.UpstreamVhost, settings.AppRoot));
    }

    [Theory]
    [InlineData("proxy-body-size=lots")]
    [InlineData("proxy-connect-timeout=-1")]
    [InlineData("ssl-redirect=perhaps")]
    [InlineData("app-root=home")]
    [InlineData("backend-protocol=GOPHER")]
    public void What_cannot_be_read_leaves_the_default(string annotation) => Assert.Equal(Parse() with { }, Parse(annotation) with { });

    [Fact]
    public void A_body_size_of_0_is_no_limit() => Assert.Null(Parse("proxy-body-size=0").BodySize);

    [Fact]
    public void The_config_map_is_the_default_of_the_annotations()
    {
        var global = GlobalSettings.Parse(new Dictionary<string, string> { ["proxy-body-size"] = "10m", ["ssl-redirect"] = "false", ["hsts"] = "false", ["use-forwarded-headers"] = "true" });
        Assert.Equal((10L << 20, false, null, true), (global.Location.BodySize, global.Location.SslRedirect, global.HstsHeader, global.UseForwardedHeaders));
        var own = LocationSettings.Parse(new Dictionary<string, string> { ["nginx.ingress.kubernetes.io/proxy-body-size"] = "1k" }, global.Location);
        Assert.Equal((1024L, false), (own.BodySize, own.SslRedirect));
    }

    [Theory]
    [InlineData("permanent-redirect=https://a.test", 301)]
    [InlineData("temporal-redirect=https://a.test", 302)]
    public void Redirects(string annotation, int code) => Assert.Equal(("https://a.test", code), (Parse(annotation).RedirectTo, Parse(annotation).RedirectCode));

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.2.3", true)]
    [InlineData("10.9.9.9/8", "10.1.2.3", true)]
    [InlineData("192.168.1.7", "192.168.1.7", true)]
    [InlineData("192.168.1.7", "192.168.1.8", false)]
    [InlineData("fd00::/16, 10.0.0.0/8", "::ffff:10.1.1.1", true)]
    [InlineData("fd00::/16", "fd00::1", true)]
    [InlineData("0.0.0.0/0", "::1", false)]
    public void Source_ranges(string ranges, string client, bool inside) => Assert.Equal(inside, SourceRange.Contains(Parse("whitelist-source-range=" + ranges).Allow, IPAddress.Parse(client)));

    [Fact]
    public void A_range_that_is_none_closes_the_location() => Assert.NotNull(Parse("whitelist-source-range=10.0.0.0/8,nonsense").Denied);

    [Theory]
    [InlineData("*", "https://a.test", "*")]
    [InlineData("https://a.test", "https://a.test", "https://a.test")]
    [InlineData("https://a.test", "https://b.test", null)]
    [InlineData("https://*.a.test:8080", "https://x.a.test:8080", "https://x.a.test:8080")]
    [InlineData("https://*.a.test", "https://x.y.a.test", null)]
    [InlineData("https://a.test", "https://aXtest", null)]
    public void Cors_origins(string allowed, string origin, string? header) => Assert.Equal(header, Parse("enable-cors=true", "cors-allow-origin=" + allowed).Cors!.AllowOrigin(origin));

    // Made with htpasswd and openssl passwd; the password is "secret" each time.
    [Theory]
    [InlineData("$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/", true)]
    [InlineData("$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ.", false)]
    [InlineData("$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1", true)]
    [InlineData("$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.", true)]
    [InlineData("$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLtip/cZ/1GM/O6IND4WQhG.", true)]
    [InlineData("$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a", true)]
    [InlineData("{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0", true)]
    [InlineData("{PLAIN}secret", true)]
    [InlineData("{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", true)]
    [InlineData("nonsense", false)]
    public void Password_hashes(string hash, bool good)
    {
        Assert.Equal(good, PasswordHash.Verify("secret", hash));
        Assert.False(PasswordHash.Verify("wrong", hash));
    }

    [Fact]
    public void A_long_password_with_a_short_salt() => Assert.True(PasswordHash.Verify("a longer password with 40 characters!!", "$apr1$xyz$4zQRIZLnpn1Gom9d/q0ir."));

    [Fact]
    public void An_htpasswd_file()
    {
        var users = PasswordFile.Parse("# people\nada:{PLAIN}a\n\n bob:{PLAIN}b:a comment\nbroken\n");
        Assert.Equal(["ada={PLAIN}a", "bob={PLAIN}b"], users.Select(u => u.Key + "=" + u.Value).Order());
    }

    private static LocationSettings Parse(params string[] annotations) =>
        LocationSettings.Parse(Objects.Ingress("a", annotations).Metadata.Annotations, GlobalSettings.Default.Location);
}

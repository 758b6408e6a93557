using Kobune.Cli.Paths;

namespace Kobune.Cli.Tests.Paths;

public class TargetTests
{
    [Theory]
    [InlineData("hello", "Service hello")]
    [InlineData("svc/hello", "Service hello")]
    [InlineData("ing/web", "Ingress web")]
    [InlineData("po/web-1", "Pod web-1")]
    [InlineData("http://shop.test/cart?x=1", "Url shop.test:80/cart?x=1")]
    [InlineData("https://shop.test", "Url shop.test:443/ tls")]
    [InlineData("192.168.49.2:30080", "Url 192.168.49.2:30080/")]
    [InlineData("http://[fd00::2]:8080/", "Url fd00::2:8080/")]
    [InlineData("deployment/hello", null)]
    [InlineData("svc/", null)]
    [InlineData("", null)]
    [InlineData("ftp://shop.test/", null)]
    [InlineData("http://", null)]
    [InlineData("a/b/c", null)]
    public void Targets_are_read(string text, string? expected)
    {
        var target = PathTarget.Parse(text, "default", null);
        Assert.Equal(expected, target is null ? null : target.Kind == TargetKind.Url ? $"Url {target.Host}:{target.Port}{target.Path}{(target.Tls ? " tls" : "")}" : $"{target.Kind} {target.Name}");
    }

    [Fact]
    public void A_port_is_a_number_or_a_name()
    {
        Assert.Equal((8080, ""), PathTarget.Parse("web", "default", "8080") is { } a ? (a.Port, a.PortName) : default);
        Assert.Equal((0, "http"), PathTarget.Parse("web", "default", "http") is { } b ? (b.Port, b.PortName) : default);
    }

    [Theory]
    [InlineData("shop.test", "shop.test", true)]
    [InlineData("*.test", "shop.test", true)]
    [InlineData("*.test", "a.shop.test", false)]
    [InlineData("*.test", "test", false)]
    [InlineData("", "anything", true)]
    [InlineData("SHOP.test", "shop.TEST", true)]
    public void Hosts_of_rules_cover(string rule, string host, bool covered) => Assert.Equal(covered, IngressMatch.Covers(rule, host));

    [Theory]
    [InlineData("/api", "Prefix", "", "/api/v1?x=1", true)]
    [InlineData("/api", "Prefix", "", "/apis", false)]
    [InlineData("/api", "Exact", "", "/api/v1", false)]
    [InlineData("/api", "ImplementationSpecific", "", "/apis", false)]
    [InlineData("/things/[0-9]+", "ImplementationSpecific", "nginx.ingress.kubernetes.io/use-regex=true", "/things/12", true)]
    [InlineData("/things(/|$)(.*)", "ImplementationSpecific", "nginx.ingress.kubernetes.io/rewrite-target=/$2", "/Things/a", true)]
    [InlineData("/things/[0-9]+", "Prefix", "", "/things/12", false)]
    public void Paths_are_matched_as_the_controller_does(string rule, string type, string annotation, string path, bool served)
    {
        var ingress = new Kobune.Api.Networking.V1.Ingress
        {
            Metadata = new() { Name = "web", Namespace = "default", Annotations = annotation.Split('=', 2) is [var key, var value] ? new Dictionary<string, string> { [key] = value } : [] },
            Spec = new() { Rules = [new() { Host = "shop.test", HTTP = new() { Paths = [new() { Path = rule, PathType = type, Backend = new() { Service = new() { Name = "web", Port = new() { Number = 80 } } } }] } }] },
        };
        Assert.Equal(served, IngressMatch.BackendOf(ingress, "shop.test", path) is not null);
        Assert.Equal(served ? "web" : null, IngressMatch.Serving([ingress], "shop.test", path)?.Metadata.Name);
    }

    [Theory]
    [InlineData("webb", "web", "web")]
    [InlineData("fronted", "frontend", "frontend")]
    [InlineData("cart", "database", null)]
    [InlineData("web", "web", null)]
    public void Misspelt_words_find_what_was_meant(string word, string candidate, string? expected) => Assert.Equal(expected, NearMiss.Of(word, [candidate]));

    [Fact]
    public void The_object_to_walk_to_is_found_in_a_manifest()
    {
        const string Text = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            ---
            apiVersion: v1
            kind: Service
            metadata:
              name: web
              namespace: shop
            spec: {}
            ---
            """;
        Assert.Equal((TargetKind.Service, "shop", "web", "/api/v1/namespaces/shop/services"), ManifestFile.Parse(Text, "default") is { } found ? (found.Kind, found.Namespace, found.Name, found.Collection) : default);
        Assert.Null(ManifestFile.Parse("kind: List", "default"));
        Assert.Null(ManifestFile.Parse("", "default"));
    }
}

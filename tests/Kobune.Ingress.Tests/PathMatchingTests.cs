using Kobune.Ingress.Routing;

namespace Kobune.Ingress.Tests;

/// <summary>The table of examples of the Ingress documentation, and the rules of precedence.</summary>
public class PathMatchingTests
{
    [Theory]
    [InlineData("Prefix", "/", "/any/path", true)]
    [InlineData("Exact", "/foo", "/foo", true)]
    [InlineData("Exact", "/foo", "/bar", false)]
    [InlineData("Exact", "/foo", "/foo/", false)]
    [InlineData("Exact", "/foo/", "/foo", false)]
    [InlineData("Exact", "/foo", "/FOO", false)]
    [InlineData("Prefix", "/foo", "/foo", true)]
    [InlineData("Prefix", "/foo", "/foo/", true)]
    [InlineData("Prefix", "/foo/", "/foo", true)]
    [InlineData("Prefix", "/foo/", "/foo/", true)]
    [InlineData("Prefix", "/aaa/bb", "/aaa/bbb", false)]
    [InlineData("Prefix", "/aaa/bbb", "/aaa/bbb", true)]
    [InlineData("Prefix", "/aaa/bbb/", "/aaa/bbb", true)]
    [InlineData("Prefix", "/aaa/bbb", "/aaa/bbb/", true)]
    [InlineData("Prefix", "/aaa/bbb", "/aaa/bbb/ccc", true)]
    [InlineData("Prefix", "/aaa/bbb", "/aaa/bbbxyz", false)]
    [InlineData("ImplementationSpecific", "/foo", "/foo/bar", true)]
    [InlineData("ImplementationSpecific", "/foo", "/foobar", false)]
    public void A_path_matches(string type, string path, string request, bool matches)
    {
        var routes = new Objects().Route(Objects.Ingress("a", [], ("x.test", path, type, "app")));
        Assert.Equal(matches, routes.Find("x.test").Match(request).Upstream?.Name == "shop-app-80");
    }

    [Theory]
    [InlineData("/", "root")]
    [InlineData("/other", "root")]
    [InlineData("/aaa", "short")]
    [InlineData("/aaa/ccc", "short")]
    [InlineData("/aaa/bbb", "exact")]
    [InlineData("/aaa/bbb/", "long")]
    [InlineData("/aaa/bbb/ccc", "long")]
    public void The_longest_path_wins_and_exact_before_prefix(string request, string service)
    {
        var routes = new Objects().Route(Objects.Ingress("a", [], ("x.test", "/", "Prefix", "root"), ("x.test", "/aaa", "Prefix", "short"), ("x.test", "/aaa/bbb", "Prefix", "long"), ("x.test", "/aaa/bbb", "Exact", "exact")));
        Assert.Equal($"shop-{service}-80", routes.Find("x.test").Match(request).Upstream!.Name);
    }

    [Theory]
    [InlineData("bar.foo.com", "wild")]
    [InlineData("BAR.FOO.COM", "wild")]
    [InlineData("baz.bar.foo.com", "any")]
    [InlineData("foo.com", "any")]
    [InlineData("own.foo.com", "own")]
    [InlineData("", "any")]
    [InlineData("_", "any")]
    [InlineData("*.foo.com", "any")]
    public void A_wildcard_host_is_one_label_and_yields_to_the_host_itself(string host, string service)
    {
        var routes = new Objects().Route(Objects.Ingress("a", [], ("*.foo.com", "/", "Prefix", "wild"), ("own.foo.com", "/", "Prefix", "own"), ("", "/", "Prefix", "any")));
        Assert.Equal($"shop-{service}-80", routes.Find(host).Match("/x").Upstream!.Name);
    }

    [Fact]
    public void A_host_that_has_no_such_path_does_not_fall_back_to_the_wildcard()
    {
        var routes = new Objects().Route(Objects.Ingress("a", [], ("*.foo.com", "/", "Prefix", "wild"), ("own.foo.com", "/only", "Prefix", "own")));
        Assert.Null(routes.Find("own.foo.com").Match("/else").Upstream);
    }

    [Fact]
    public void The_older_ingress_keeps_its_path()
    {
        var old = Objects.Ingress("z-old", [], ("x.test", "/a", "Prefix", "old"));
        var young = Objects.Ingress("a-young", [], ("x.test", "/a", "Prefix", "young"), ("x.test", "/b", "Prefix", "young"));
        old = old with { Metadata = old.Metadata with { CreationTimestamp = DateTimeOffset.UnixEpoch } };
        young = young with { Metadata = young.Metadata with { CreationTimestamp = DateTimeOffset.UnixEpoch.AddHours(1) } };
        var host = new Objects().Route([young, old], out var problems).Find("x.test");
        Assert.Equal(("shop-old-80", "shop-young-80"), (host.Match("/a").Upstream!.Name, host.Match("/b").Upstream!.Name));
        Assert.Contains("/a", Assert.Single(problems));
    }

    [Fact]
    public void An_ingress_with_a_backend_and_no_rules_takes_what_is_left()
    {
        var all = Objects.Ingress("all", []) with { Spec = new() { DefaultBackend = Objects.Backend("rest") } };
        var routes = new Objects().Route(all, Objects.Ingress("a", [], ("x.test", "/a", "Prefix", "app")));
        Assert.Equal("shop-rest-80", routes.Find("elsewhere.test").Match("/").Upstream!.Name);
        Assert.Null(routes.Find("x.test").Match("/").Upstream); // that host has rules of its own
    }

    [Fact]
    public void The_default_backend_of_an_ingress_takes_the_other_paths_of_its_hosts()
    {
        var ingress = Objects.Ingress("a", [], ("x.test", "/a", "Prefix", "app"));
        var routes = new Objects().Route(ingress with { Spec = ingress.Spec with { DefaultBackend = Objects.Backend("rest") } });
        Assert.Equal("shop-rest-80", routes.Find("x.test").Match("/b").Upstream!.Name);
    }

    [Fact]
    public void One_regular_expression_makes_all_paths_of_its_host_expressions()
    {
        var routes = new Objects().Route(
            Objects.Ingress("a", ["use-regex=true"], ("x.test", "/foo/[0-9]+", "ImplementationSpecific", "number")),
            Objects.Ingress("b", [], ("x.test", "/foo", "Exact", "exact"), ("y.test", "/foo", "Exact", "exact")));
        Assert.Equal("shop-number-80", routes.Find("x.test").Match("/FOO/42/x").Upstream!.Name);
        Assert.Equal("shop-exact-80", routes.Find("x.test").Match("/foobar").Upstream!.Name); // nginx' surprise, documented there
        Assert.Null(routes.Find("y.test").Match("/foobar").Upstream);
    }

    [Fact]
    public void A_broken_expression_is_left_out_with_a_word()
    {
        var routes = new Objects().Route([Objects.Ingress("a", ["use-regex=true"], ("x.test", "/a(", "ImplementationSpecific", "app"), ("x.test", "/b", "Prefix", "app"))], out var problems);
        Assert.Null(routes.Find("x.test").Match("/a(").Upstream);
        Assert.Equal("shop-app-80", routes.Find("x.test").Match("/b").Upstream!.Name);
        Assert.Contains("no regular expression", Assert.Single(problems));
    }

    [Theory]
    [InlineData("/something(/|$)(.*)", "/$2", "/something", "", "/")]
    [InlineData("/something(/|$)(.*)", "/$2", "/something/", "", "/")]
    [InlineData("/something(/|$)(.*)", "/$2", "/something/new", "?a=1", "/new?a=1")]
    [InlineData("/app", "/", "/app/x/y", "", "/")]
    [InlineData("/api/v([0-9])/(.*)", "/$2?version=$1", "/api/v2/users", "?q=x", "/users?version=2&q=x")]
    [InlineData("/api/(.*)", "/$1?", "/api/users", "?q=x", "/users")]
    [InlineData("/(.*)", "/sub/$1", "/a b/ü", "", "/sub/a%20b/%C3%BC")]
    [InlineData("/old", "https://$host/new", "/old", "", "https://x.test/new")]
    public void Rewrites(string path, string target, string request, string query, string expected) =>
        Assert.Equal(expected, PathRewrite.Create(path, target)!.Apply(request, query, name => name == "host" ? "x.test" : ""));

    [Theory]
    [InlineData("", "/")]
    [InlineData("//a///b", "/a/b")]
    [InlineData("/a%2Fb", "/a/b")]
    public void Paths_are_matched_as_nginx_sees_them(string path, string expected) => Assert.Equal(expected, Serving.RequestPath.Normalize(path));
}

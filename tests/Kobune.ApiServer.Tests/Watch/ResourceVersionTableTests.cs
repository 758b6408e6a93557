using System.Globalization;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Watch;

/// <summary>Every cell of the resourceVersion table, on every store.</summary>
public abstract class ResourceVersionTableTests(string storeKind) : IAsyncLifetime
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kobune-table-");
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(store: StoreKinds.Open(storeKind, _folder));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Get_0_is_what_the_cache_has_and_a_compacted_N_is_answered_with_the_newest()
    {
        var compacted = await CompactedAsync();
        foreach (var version in new[] { 0, compacted })
        {
            Assert.Equal("2", (string?)(await _server.MustAsync("GET", $"{ConfigMaps}/a?resourceVersion={version}"))["data"]!["a"]);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("&resourceVersionMatch=NotOlderThan")]
    [InlineData("&resourceVersionMatch=NotOlderThan&limit=10")]
    public async Task A_list_that_need_not_be_exact_takes_a_compacted_revision(string query)
    {
        var compacted = await CompactedAsync();
        var list = await _server.MustAsync("GET", $"{ConfigMaps}?resourceVersion={compacted}{query}");
        Assert.Equal(["a", "b"], Names(list));
        Assert.True(Version(list) > compacted);
    }

    [Theory]
    [InlineData("resourceVersionMatch=Exact")]
    [InlineData("resourceVersionMatch=Exact&limit=1")]
    [InlineData("limit=1")]
    public async Task A_list_that_must_be_exact_does_not(string query)
    {
        var compacted = await CompactedAsync();
        var refused = await _server.SendAsync("GET", $"{ConfigMaps}?resourceVersion={compacted}&{query}");
        Assert.Equal((410, "Expired", "The resourceVersion for the provided list is too old."), (refused.Code, refused.Reason, refused.Message));
    }

    [Fact]
    public async Task List_0_not_older_than_is_any()
    {
        await CreateAsync("a", "b");
        await _server.MustAsync("GET", ConfigMaps); // the cache has seen them
        Assert.Equal(["a", "b"], Names(await _server.MustAsync("GET", $"{ConfigMaps}?resourceVersion=0&resourceVersionMatch=NotOlderThan")));
    }

    [Fact]
    public async Task A_token_goes_on_with_0_but_not_with_another_revision_and_garbage_is_no_token()
    {
        await CreateAsync("a", "b");
        var token = (string)(await _server.MustAsync("GET", $"{ConfigMaps}?limit=1"))["metadata"]!["continue"]!;
        Assert.Equal(["b"], Names(await _server.MustAsync("GET", $"{ConfigMaps}?continue={token}&resourceVersion=0")));
        var refused = await _server.SendAsync("GET", $"{ConfigMaps}?continue={token}&resourceVersion=1");
        Assert.Equal((400, "BadRequest", "specifying resource version is not allowed when using continue"), (refused.Code, refused.Reason, refused.Message));
        var garbage = await _server.SendAsync("GET", $"{ConfigMaps}?continue=%21%21");
        Assert.Equal((400, "BadRequest"), (garbage.Code, garbage.Reason));
        Assert.StartsWith("invalid continue token: continue key is not valid", garbage.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_unset_is_as_fresh_as_the_store_and_0_is_any_and_N_is_not_older()
    {
        var version = Version(await _server.CreateConfigMapAsync("a"));
        Assert.Equal(version, Version(await _server.MustAsync("GET", $"{ConfigMaps}/a")));
        Assert.Equal(version, Version(await _server.MustAsync("GET", $"{ConfigMaps}/a?resourceVersion={version}")));
        Assert.Contains((await _server.SendAsync("GET", $"{ConfigMaps}/a?resourceVersion=0")).Code, new[] { 200, 404 });
    }

    [Theory]
    [InlineData("/a?")]
    [InlineData("?")]
    [InlineData("?limit=1&")]
    [InlineData("?resourceVersionMatch=NotOlderThan&")]
    [InlineData("?resourceVersionMatch=Exact&")]
    [InlineData("?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&")]
    public async Task A_revision_of_the_future_is_a_timeout_that_says_so(string query)
    {
        var version = Version(await _server.CreateConfigMapAsync("a"));
        JsonObject status;
        if (query.Contains("watch", StringComparison.Ordinal))
        {
            await using var watch = _server.Watch($"{ConfigMaps}{query}resourceVersion={version + 1000}");
            (var type, status) = await watch.NextAsync();
            Assert.Equal("ERROR", type);
        }
        else
        {
            status = (await _server.SendAsync("GET", $"{ConfigMaps}{query}resourceVersion={version + 1000}")).Body;
        }

        Assert.Equal(504, (int?)status["code"]);
        Assert.Equal("Timeout", (string?)status["reason"]);
        Assert.Equal($"Timeout: Too large resource version: {version + 1000}, current: {version}", (string?)status["message"]);
        Assert.Equal("ResourceVersionTooLarge", (string?)status["details"]!["causes"]![0]!["reason"]);
    }

    [Fact]
    public async Task List_unset_holds_all_that_was_acknowledged()
    {
        var version = Version(await _server.CreateConfigMapAsync("a"));
        var list = await _server.MustAsync("GET", ConfigMaps);
        Assert.Equal(["a"], Names(list));
        Assert.True(Version(list) >= version);
        Assert.Equal("ConfigMapList", (string?)list["kind"]);
        Assert.Null(list["items"]![0]!["kind"]);
    }

    [Fact]
    public async Task List_0_ignores_the_limit_and_list_N_is_not_older()
    {
        await CreateAsync("a", "b", "c");
        var version = Version(await _server.MustAsync("GET", ConfigMaps));
        Assert.Equal(3, Names(await _server.MustAsync("GET", $"{ConfigMaps}?resourceVersion=0&limit=1")).Length);
        Assert.Equal(3, Names(await _server.MustAsync("GET", $"{ConfigMaps}?resourceVersion={version}")).Length);
        Assert.Equal(3, Names(await _server.MustAsync("GET", $"{ConfigMaps}?resourceVersion={version - 1}&resourceVersionMatch=NotOlderThan")).Length);
        Assert.Single(Names(await _server.MustAsync("GET", $"{ConfigMaps}?resourceVersion={version}&resourceVersionMatch=NotOlderThan&limit=1")));
    }

    [Theory]
    [InlineData("resourceVersionMatch=Exact")]
    [InlineData("limit=10")]
    public async Task List_exact_shows_the_past(string query)
    {
        var then = Version(await _server.CreateConfigMapAsync("a"));
        await _server.CreateConfigMapAsync("b");
        await _server.MustAsync("DELETE", $"{ConfigMaps}/a");
        var list = await _server.MustAsync("GET", $"{ConfigMaps}?resourceVersion={then}&{query}");
        Assert.Equal(["a"], Names(list));
        Assert.Equal(then, Version(list));
    }

    [Fact]
    public async Task Pages_show_one_revision_though_the_world_changes()
    {
        await CreateAsync("a", "b", "c", "d", "e");
        var first = await _server.MustAsync("GET", $"{ConfigMaps}?limit=2");
        Assert.Equal(["a", "b"], Names(first));
        Assert.Equal(3, (int?)first["metadata"]!["remainingItemCount"]);
        await _server.MustAsync("DELETE", $"{ConfigMaps}/c");
        await _server.CreateConfigMapAsync("bb");
        var second = await _server.MustAsync("GET", $"{ConfigMaps}?limit=2&continue={first["metadata"]!["continue"]}");
        Assert.Equal(["c", "d"], Names(second));
        Assert.Equal(Version(first), Version(second));
        var third = await _server.MustAsync("GET", $"{ConfigMaps}?limit=2&continue={second["metadata"]!["continue"]}");
        Assert.Equal(["e"], Names(third));
        Assert.Null(third["metadata"]!["continue"]);
        Assert.Null(third["metadata"]!["remainingItemCount"]);
    }

    [Fact]
    public async Task Pages_with_a_selector_do_not_count_what_remains()
    {
        foreach (var name in new[] { "a", "b", "c" })
        {
            await _server.CreateConfigMapAsync(name, labels: """{"k":"v"}""");
        }

        await _server.CreateConfigMapAsync("d");
        var first = await _server.MustAsync("GET", $"{ConfigMaps}?limit=2&labelSelector=k%3Dv");
        Assert.Equal(["a", "b"], Names(first));
        Assert.Null(first["metadata"]!["remainingItemCount"]);
        await _server.CreateConfigMapAsync("e");
        Assert.Equal(["c"], Names(await _server.MustAsync("GET", $"{ConfigMaps}?limit=2&labelSelector=k%3Dv&continue={first["metadata"]!["continue"]}")));
    }

    [Fact]
    public async Task An_expired_token_comes_with_one_that_goes_on()
    {
        await CreateAsync("a", "b", "c");
        var first = await _server.MustAsync("GET", $"{ConfigMaps}?limit=1");
        var last = Version(await _server.CreateConfigMapAsync("d"));
        await _server.MustAsync("GET", ConfigMaps); // the cache has seen it and cannot answer for the past any more
        await _server.Store.CompactAsync(last, TestContext.Current.CancellationToken);
        var expired = await _server.SendAsync("GET", $"{ConfigMaps}?limit=1&continue={first["metadata"]!["continue"]}");
        Assert.Equal((410, "Expired"), (expired.Code, expired.Reason));
        Assert.StartsWith("The provided continue parameter is too old", expired.Message, StringComparison.Ordinal);
        var rest = await _server.MustAsync("GET", $"{ConfigMaps}?continue={expired.Body["metadata"]!["continue"]}");
        Assert.Equal(["b", "c", "d"], Names(rest));
        var exact = await _server.SendAsync("GET", $"{ConfigMaps}?resourceVersion={Version(first)}&resourceVersionMatch=Exact");
        Assert.Equal((410, "Expired"), (exact.Code, exact.Reason));
    }

    [Theory]
    [InlineData("resourceVersionMatch=Exact", "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided")]
    [InlineData("resourceVersion=0&resourceVersionMatch=Exact", "resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"")]
    [InlineData("resourceVersion=1&resourceVersionMatch=Other", "resourceVersionMatch: Unsupported value: \"Other\": supported values: \"Exact\", \"NotOlderThan\", \"\"")]
    [InlineData("resourceVersionMatch=Other", "[resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided, resourceVersionMatch: Unsupported value: \"Other\": supported values: \"Exact\", \"NotOlderThan\", \"\"]")]
    [InlineData("resourceVersion=1&resourceVersionMatch=Exact&continue=x", "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided")]
    [InlineData("sendInitialEvents=false", "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list")]
    [InlineData("sendInitialEvents=true", "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list")]
    [InlineData("watch=1&sendInitialEvents=true", "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")]
    [InlineData("watch=1&resourceVersion=1&resourceVersionMatch=NotOlderThan", "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")]
    [InlineData("watch=1&resourceVersionMatch=NotOlderThan", "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")]
    [InlineData("watch=1&sendInitialEvents=true&resourceVersion=1&resourceVersionMatch=Exact", "[resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, resourceVersionMatch: Unsupported value: \"Exact\": supported values: \"NotOlderThan\"]")]
    [InlineData("watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=x", "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided")]
    public async Task What_makes_no_sense_together_is_invalid(string query, string text)
    {
        if (query.StartsWith("watch", StringComparison.Ordinal))
        {
            await using var watch = _server.Watch($"{ConfigMaps}?{query}");
            var (_, status) = await watch.NextAsync();
            Assert.Equal($"ListOptions.meta.k8s.io \"\" is invalid: {text}", (string?)status["message"]);
            return;
        }

        var refused = await _server.SendAsync("GET", $"{ConfigMaps}?{query}");
        Assert.Equal((422, $"ListOptions.meta.k8s.io \"\" is invalid: {text}"), (refused.Code, refused.Message));
    }

    [Theory]
    [InlineData("", 400, "BadRequest", "invalid resource version: resourceVersion: Invalid value: \"x\": strconv.ParseUint: parsing \"x\": invalid syntax")]
    [InlineData("?watch=1", 500, "", "resourceVersion: Invalid value: \"x\": strconv.ParseUint: parsing \"x\": invalid syntax")]
    [InlineData("/a", 500, "", "resourceVersion: Invalid value: \"x\": strconv.ParseUint: parsing \"x\": invalid syntax")]
    public async Task What_is_no_number_is_refused_as_upstreams_cache_does(string path, int code, string reason, string message)
    {
        await CreateAsync("a");
        var refused = await _server.SendAsync("GET", $"{ConfigMaps}{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}resourceVersion=x");
        Assert.Equal((code, reason, message), (refused.Code, refused.Reason, refused.Message));
    }

    [Theory]
    [InlineData("")]
    [InlineData("&resourceVersion=0")]
    public async Task Watch_unset_and_0_begin_with_what_is_there(string query)
    {
        await CreateAsync("a");
        await _server.MustAsync("GET", ConfigMaps); // the cache has seen it
        await using var watch = _server.Watch($"{ConfigMaps}?watch=true{query}");
        Assert.Equal("ADDED a", await watch.NextTextAsync());
        await _server.CreateConfigMapAsync("b");
        Assert.Equal("ADDED b", await watch.NextTextAsync());
    }

    [Fact]
    public async Task Watch_N_tells_what_happened_after_N()
    {
        var then = Version(await _server.CreateConfigMapAsync("a"));
        await _server.MustAsync("PUT", $"{ConfigMaps}/a", """{"metadata":{"name":"a"},"data":{"a":"2"}}""");
        await _server.MustAsync("DELETE", $"{ConfigMaps}/a");
        await _server.MustAsync("GET", ConfigMaps);
        await using var watch = _server.Watch($"{ConfigMaps}?watch=true&resourceVersion={then}");
        var (modified, obj) = await watch.NextAsync();
        Assert.Equal("MODIFIED", modified);
        var (deleted, last) = await watch.NextAsync();
        Assert.Equal("DELETED", deleted);
        Assert.True(Version(last) > Version(obj), "a deletion carries the delete's revision");
        Assert.Equal("2", (string?)last["data"]!["a"]);
    }

    [Fact]
    public async Task Watch_of_a_revision_that_is_gone_ends_with_410()
    {
        await CreateAsync("a", "b", "c");
        await using var second = await TestServer.StartAsync(store: _server.Store); // its window begins where it started
        await using var watch = second.Watch($"{ConfigMaps}?watch=true&resourceVersion=1");
        var (type, status) = await watch.NextAsync();
        Assert.Equal("ERROR", type);
        Assert.Equal((410, "Expired"), ((int?)status["code"], (string?)status["reason"]));
        Assert.StartsWith("too old resource version: 1 (", (string?)status["message"], StringComparison.Ordinal);
        await watch.EndsAsync();
    }

    [Fact]
    public async Task Initial_events_end_with_their_bookmark()
    {
        await CreateAsync("a", "b");
        await using var watch = _server.Watch($"{ConfigMaps}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
        Assert.Equal("ADDED a", await watch.NextTextAsync());
        Assert.Equal("ADDED b", await watch.NextTextAsync());
        var (type, bookmark) = await watch.NextAsync();
        Assert.Equal("BOOKMARK", type);
        Assert.Equal("true", (string?)bookmark["metadata"]!["annotations"]!["k8s.io/initial-events-end"]);
        Assert.Equal(("ConfigMap", "v1"), ((string?)bookmark["kind"], (string?)bookmark["apiVersion"]));
        Assert.False(bookmark["metadata"]!.AsObject().ContainsKey("creationTimestamp"));
        Assert.Equal(Version(await _server.MustAsync("GET", ConfigMaps)), Version(bookmark));
        await _server.CreateConfigMapAsync("c");
        Assert.Equal("ADDED c", await watch.NextTextAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("&resourceVersion=0")]
    public async Task Old_clients_mean_initial_events_and_get_their_bookmark_when_they_allow_it(string query)
    {
        await CreateAsync("a");
        await _server.MustAsync("GET", ConfigMaps);
        await using var watch = _server.Watch($"{ConfigMaps}?watch=true&allowWatchBookmarks=true{query}");
        Assert.Equal("ADDED a", await watch.NextTextAsync());
        var (type, bookmark) = await watch.NextAsync();
        Assert.Equal(("BOOKMARK", "true"), (type, (string?)bookmark["metadata"]!["annotations"]!["k8s.io/initial-events-end"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("&resourceVersion=0")]
    [InlineData("&resourceVersion=N")]
    public async Task Initial_events_are_the_state_also_for_0_and_for_a_compacted_N(string query)
    {
        var compacted = await CompactedAsync();
        await using var watch = _server.Watch($"{ConfigMaps}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan{query.Replace("N", $"{compacted}", StringComparison.Ordinal)}");
        Assert.Equal("ADDED a", await watch.NextTextAsync());
        Assert.Equal("ADDED b", await watch.NextTextAsync());
        await _server.CreateConfigMapAsync("c");
        Assert.Equal("ADDED c", await watch.NextTextAsync()); // and no bookmark, as none was allowed
    }

    [Fact]
    public async Task Without_initial_events_a_watch_from_N_tells_what_happened_after_N()
    {
        var then = Version(await _server.CreateConfigMapAsync("a"));
        await _server.CreateConfigMapAsync("b");
        await _server.MustAsync("GET", ConfigMaps);
        await using var watch = _server.Watch($"{ConfigMaps}?watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&resourceVersion={then}");
        Assert.Equal("ADDED b", await watch.NextTextAsync());
    }

    [Fact]
    public async Task Watch_of_a_future_revision_tells_what_happens_after_it()
    {
        var now = Version(await _server.CreateConfigMapAsync("a"));
        await using var watch = _server.Watch($"{ConfigMaps}?watch=true&resourceVersion={now + 2}");
        var next = watch.NextTextAsync(); // opens it
        await CreateAsync("b", "c", "d");
        Assert.Equal("ADDED d", await next);
    }

    [Fact]
    public async Task Without_initial_events_a_watch_begins_now()
    {
        await CreateAsync("a");
        await using var watch = _server.Watch($"{ConfigMaps}?watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&timeoutSeconds=1");
        await watch.EndsAsync();
    }

    [Fact]
    public async Task Selector_edges_are_additions_and_deletions()
    {
        await _server.CreateConfigMapAsync("a", labels: """{"k":"1"}""");
        var version = Version(await _server.MustAsync("GET", ConfigMaps));
        await using var watch = _server.Watch($"{ConfigMaps}?watch=true&labelSelector=k%3D2&resourceVersion={version}");
        await LabelAsync("a", "2");
        Assert.Equal("ADDED a", await watch.NextTextAsync());
        await LabelAsync("a", "3");
        var (type, left) = await watch.NextAsync();
        Assert.Equal("DELETED", type);
        Assert.Equal("2", (string?)left["metadata"]!["labels"]!["k"]);
        Assert.Equal(Version(await _server.MustAsync("GET", $"{ConfigMaps}/a")), Version(left));
    }

    [Theory]
    [InlineData("/api/v1/configmaps?watch=true&fieldSelector=metadata.name%3Db", "ADDED b")]
    [InlineData("/api/v1/namespaces/other/configmaps?watch=true", "ADDED c")]
    [InlineData("/api/v1/watch/namespaces/default/configmaps/b", "ADDED b")]
    public async Task Indexed_watches_see_only_what_they_ask_for(string path, string expected)
    {
        await using var watch = _server.Watch(path);
        await CreateAsync("a", "b");
        await _server.CreateConfigMapAsync("c", ns: "other");
        Assert.Equal(expected, await watch.NextTextAsync());
    }

    /// <summary>The revision of a's creation, which the store no longer has; a was changed and b created since.</summary>
    private async Task<long> CompactedAsync()
    {
        var first = Version(await _server.CreateConfigMapAsync("a"));
        await _server.CreateConfigMapAsync("b");
        await _server.MustAsync("PUT", $"{ConfigMaps}/a", """{"metadata":{"name":"a"},"data":{"a":"2"}}""");
        await _server.Store.CompactAsync(Version(await _server.MustAsync("GET", ConfigMaps)), TestContext.Current.CancellationToken);
        return first;
    }

    private static string[] Names(JsonObject list) => [.. list["items"]!.AsArray().Select(i => (string)i!["metadata"]!["name"]!)];

    private static long Version(JsonObject obj) => long.Parse((string)obj["metadata"]!["resourceVersion"]!, CultureInfo.InvariantCulture);

    private async Task CreateAsync(params string[] names)
    {
        foreach (var name in names)
        {
            await _server.CreateConfigMapAsync(name);
        }
    }

    private Task<JsonObject> LabelAsync(string name, string value) =>
        _server.MustAsync("PATCH", $"{ConfigMaps}/{name}", $"{{\"metadata\":{{\"labels\":{{\"k\":\"{value}\"}}}}}}", "application/merge-patch+json");
}

/// <summary>The table on the memory store.</summary>
public sealed class MemoryResourceVersionTableTests() : ResourceVersionTableTests("memory");

/// <summary>The table on SQLite.</summary>
public sealed class SqliteResourceVersionTableTests() : ResourceVersionTableTests("sqlite");

using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Conformance;

/// <summary>One object on its way through all verbs, with a watch that must show each step.</summary>
internal sealed class LifecycleRun(TestServer server, Sample sample)
{
    private readonly string _path = sample.Path(1);
    private WatchStream? _watch;

    /// <summary>Three patches and an apply; each sets the annotation of its type's name.</summary>
    public IEnumerable<(string Type, string Patch)> Patches()
    {
        foreach (var type in (string[])["merge-patch", "strategic-merge-patch"])
        {
            yield return ($"application/{type}+json", $$$$"""{"metadata":{"annotations":{"{{{{type}}}}":"1"}}}""");
        }

        yield return ("application/json-patch+json", """[{"op":"add","path":"/metadata/annotations/json-patch","value":"1"}]""");
        yield return ("application/apply-patch+yaml", $$$"""{"apiVersion":"{{{sample.ApiVersion}}}","kind":"{{{sample.Kind}}}","metadata":{"name":"{{{sample.NameOf(1)}}}","annotations":{"apply-patch":"1"}} }""");
    }

    public async Task CreateAsync()
    {
        var body = sample.Object(1).ToJsonString();
        var dry = await server.SendAsync("POST", $"{sample.Collection}?dryRun=All", body);
        Assert.True(dry.Code == 201, $"{dry.Code} {dry.Body}");
        await MissingAsync();
        var list = await server.MustAsync("GET", sample.Collection);
        _watch = server.Watch($"{sample.Collection}?watch=true&labelSelector=sweep%3D1&resourceVersion={list["metadata"]!["resourceVersion"]}");
        var created = await server.SendAsync("POST", sample.Collection, body);
        Assert.Equal((201, sample.Kind, sample.ApiVersion), (created.Code, (string?)created.Body["kind"], (string?)created.Body["apiVersion"]));
        await SeenAsync("ADDED", created.Body);
        var again = await server.SendAsync("POST", sample.Collection, body);
        Assert.Equal((409, "AlreadyExists"), (again.Code, again.Reason));
        Assert.Equal(sample.NameOf(1), (string?)again.Body["details"]!["name"]);
    }

    /// <summary>Makes a change dry, which leaves no trace, and in earnest, which the watch shows as it was answered.</summary>
    public async Task ChangeAsync(string method, string body, string type, string annotation) => Assert.True(await TryChangeAsync(method, body, type, annotation));

    /// <summary>False when the body carries a revision, and a loop of the server itself has written since.</summary>
    private async Task<bool> TryChangeAsync(string method, string body, string type, string annotation)
    {
        var options = type.StartsWith("application/apply", StringComparison.Ordinal) ? "&fieldManager=sweep&force=true" : "";
        var dry = await server.SendAsync(method, $"{_path}?dryRun=All{options}", body, type);
        if (dry.Reason == "Conflict")
        {
            return false;
        }

        Assert.NotNull(dry.Body["metadata"]!["annotations"]?[annotation]);
        Assert.Null((await server.MustAsync("GET", _path))["metadata"]!["annotations"]?[annotation]);
        var changed = await server.SendAsync(method, $"{_path}?{options.TrimStart('&')}", body, type);
        if (changed.Reason == "Conflict")
        {
            return false;
        }

        Assert.NotNull(changed.Body["metadata"]!["annotations"]?[annotation]);
        await SeenAsync("MODIFIED", changed.Body);
        return true;
    }

    public async Task ReplaceAsync()
    {
        JsonObject stale, next;
        do
        {
            stale = await server.MustAsync("GET", _path);
            next = (JsonObject)stale.DeepClone();
            next["metadata"]!["annotations"]!["put"] = "1";
        }
        while (!await TryChangeAsync("PUT", next.ToJsonString(), "application/json", "put"));

        stale["metadata"]!["annotations"]!["stale"] = "1";
        var refused = await server.SendAsync("PUT", _path, stale.ToJsonString());
        var name = sample.Group.Length == 0 ? sample.Plural : $"{sample.Plural}.{sample.Group}";
        Assert.Equal((409, "Conflict"), (refused.Code, refused.Reason));
        Assert.Equal($"Operation cannot be fulfilled on {name} \"{sample.NameOf(1)}\": the object has been modified; please apply your changes to the latest version and try again", refused.Message);
    }

    public async Task DeleteAsync()
    {
        await server.MustAsync("DELETE", $"{_path}?dryRun=All");
        await server.MustAsync("GET", _path);
        await server.MustAsync("PATCH", _path, """{"metadata":{"finalizers":null}}""", "application/merge-patch+json");
        await server.MustAsync("DELETE", _path, """{"propagationPolicy":"Background","gracePeriodSeconds":0}""");
        if (sample.Plural == "namespaces")
        {
            var going = await server.MustAsync("GET", _path);
            Assert.Equal("Terminating", (string?)going["status"]!["phase"]);
            going["spec"]!["finalizers"] = new JsonArray();
            await server.MustAsync("PUT", $"{_path}/finalize", going.ToJsonString());
        }

        while ((await _watch!.NextAsync()).Type != "DELETED")
        {
            // its finalizers and its own loops
        }

        await MissingAsync();
        await _watch.DisposeAsync();
    }

    private async Task MissingAsync()
    {
        var missing = await server.SendAsync("GET", _path);
        Assert.Equal((404, "NotFound"), (missing.Code, missing.Reason));
    }

    /// <summary>Reads the watch up to the object's revision; what loops of the server itself wrote later is passed by.</summary>
    private async Task SeenAsync(string type, JsonObject expected)
    {
        while (true)
        {
            var (shown, obj) = await _watch!.NextAsync();
            if ((string?)obj["metadata"]!["resourceVersion"] == (string?)expected["metadata"]!["resourceVersion"])
            {
                Assert.Equal(type, shown);
                Assert.True(JsonNode.DeepEquals(expected, obj), $"answered {expected}\nshown {obj}");
                return;
            }
        }
    }
}

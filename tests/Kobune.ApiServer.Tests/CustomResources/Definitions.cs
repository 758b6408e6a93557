using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.CustomResources;

/// <summary>Definitions for tests, and waiting for them to be established.</summary>
internal static class Definitions
{
    public const string Path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    /// <summary>crontabs.stable.example.com with one version whose schema of spec is <paramref name="spec"/>.</summary>
    public static JsonObject CronTabs(string spec, string more = "{}")
    {
        var version = (JsonObject)JsonNode.Parse(more)!;
        version["name"] = "v1";
        version["served"] = true;
        version["storage"] = true;
        version["schema"] = new JsonObject
        {
            ["openAPIV3Schema"] = new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { ["spec"] = JsonNode.Parse(spec), ["status"] = new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true } },
            },
        };
        return Of("crontabs", "CronTab", version);
    }

    public static JsonObject Of(string plural, string kind, params JsonNode[] versions) => new()
    {
        ["apiVersion"] = "apiextensions.k8s.io/v1",
        ["kind"] = "CustomResourceDefinition",
        ["metadata"] = new JsonObject { ["name"] = $"{plural}.stable.example.com" },
        ["spec"] = new JsonObject
        {
            ["group"] = "stable.example.com",
            ["scope"] = "Namespaced",
            ["names"] = new JsonObject { ["plural"] = plural, ["kind"] = kind, ["shortNames"] = new JsonArray(plural[..2]), ["categories"] = new JsonArray("all") },
            ["versions"] = new JsonArray(versions),
        },
    };

    /// <summary>Makes a definition and waits, on a watch armed before, until it is established.</summary>
    public static async Task<JsonObject> EstablishAsync(this TestServer server, JsonObject crd)
    {
        var name = (string)crd["metadata"]!["name"]!;
        var watch = server.Watch($"{Path}?watch=1&fieldSelector=metadata.name%3D{name}");
        await server.MustAsync("POST", Path, crd.ToJsonString());
        return await watch.UntilAsync(o => HasCondition(o, "Established", "True"));
    }

    public static bool HasCondition(JsonObject crd, string type, string status) =>
        (crd["status"]?["conditions"] as JsonArray)?.Any(c => (string?)c!["type"] == type && (string?)c["status"] == status) == true;

    /// <summary>Reads a watch until an object fits.</summary>
    public static async Task<JsonObject> UntilAsync(this WatchStream watch, Func<JsonObject, bool> fits)
    {
        while (true)
        {
            var (_, obj) = await watch.NextAsync();
            if (fits(obj))
            {
                return obj;
            }
        }
    }
}

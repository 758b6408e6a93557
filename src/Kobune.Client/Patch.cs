using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Patches;

namespace Kobune.Client;

/// <summary>A patch: its kind as content type, and its body.</summary>
public sealed record Patch(string ContentType, ReadOnlyMemory<byte> Body)
{
    private const string MergeType = "application/merge-patch+json";

    /// <summary>A JSON merge patch (RFC 7386).</summary>
    public static Patch Merge(JsonObject patch) => new(MergeType, Bytes(patch));

    /// <summary>A strategic merge patch: lists merge by the keys of the schema.</summary>
    public static Patch Strategic(JsonObject patch) => new("application/strategic-merge-patch+json", Bytes(patch));

    /// <summary>A JSON patch (RFC 6902).</summary>
    public static Patch Json(JsonArray operations) => new("application/json-patch+json", Bytes(operations));

    /// <summary>
    /// The merge patch that turns one record into another, null when they are equal. Fields that this build does not know survive on the server.
    /// It carries no resourceVersion: add it with <see cref="WithRevision"/> where a lost race must be noticed.
    /// </summary>
    public static Patch? Between<T>(T from, T to)
        where T : class, IJsonRecord<T>
    {
        if (ReferenceEquals(from, to) || from.Equals(to))
        {
            return null;
        }

        return MergePatch.Between(Tree(from), Tree(to)) is { } patch ? Merge(patch) : null;
    }

    /// <summary>The same merge patch, refused with Conflict unless the object still has this revision.</summary>
    public Patch WithRevision(string resourceVersion)
    {
        var tree = JsonNode.Parse(Body.Span)!.AsObject();
        var metadata = tree["metadata"] as JsonObject;
        if (metadata is null)
        {
            tree["metadata"] = metadata = [];
        }

        metadata["resourceVersion"] = resourceVersion;
        return this with { Body = Bytes(tree) };
    }

    /// <summary>The body, for logs.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Body.Span);

    private static JsonObject Tree<T>(T record)
        where T : class, IJsonRecord<T> => JsonNode.Parse(JsonText.Bytes(record))!.AsObject();

    private static byte[] Bytes(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString());
}

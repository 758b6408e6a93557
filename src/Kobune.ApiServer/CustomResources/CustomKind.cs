using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.Api.Schema.Custom;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Watch;
using Kobune.ApiServer.Webhooks;

namespace Kobune.ApiServer.CustomResources;

/// <summary>A CustomResourceDefinition as the server serves it: schemas, stored kind and resources. Immutable; made anew when the definition changes.</summary>
internal sealed class CustomKind
{
    private static readonly string[] Verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]; // in upstream's order
    private static readonly string[] SubresourceVerbs = ["get", "patch", "update"];

    private CustomKind(string uid, string state, StoredKind stored, IReadOnlyList<ServedResource> served, ServedResource storage)
    {
        Uid = uid;
        State = state;
        Stored = stored;
        Served = served;
        Storage = storage;
    }

    public string Uid { get; }

    /// <summary>What it was made of: generation, names, and whether the definition is going.</summary>
    public string State { get; }

    public StoredKind Stored { get; }

    /// <summary>The served versions, the preferred one first.</summary>
    public IReadOnlyList<ServedResource> Served { get; }

    /// <summary>The storage version, served or not.</summary>
    public ServedResource Storage { get; }

    public static string StateOf(JsonObject crd)
    {
        var names = crd["status"]?["acceptedNames"] as JsonObject;
        var texts = new[] { names.TextAt("plural"), names.TextAt("singular"), names.TextAt("kind"), names.TextAt("listKind") }.Concat(names.TextsAt("shortNames")).Append("|").Concat(names.TextsAt("categories"));
        return $"{crd.Meta().NumberAt("generation")} {string.Join(' ', texts)} {crd.Meta().TextAt("deletionTimestamp").Length > 0}";
    }

    /// <summary>Makes what a definition says; null when it is not complete.</summary>
    public static CustomKind? Of(JsonObject crd, CustomKind? before, WebhookCaller webhooks, TimeProvider time)
    {
        var spec = crd["spec"] as JsonObject ?? [];
        var versions = (spec["versions"] as JsonArray)?.OfType<JsonObject>().OrderByDescending(v => v.TextAt("name"), VersionOrder.Instance).ToArray() ?? [];
        if (versions.FirstOrDefault(v => v.Flag("storage")) is not { } storage)
        {
            return null;
        }

        var schemas = versions.ToDictionary(v => v.TextAt("name"), v => Schema(crd, spec, v, storage.TextAt("name")), StringComparer.Ordinal);
        var main = schemas[storage.TextAt("name")];
        var rules = versions.ToDictionary(v => v.TextAt("name"), v => new CustomObjectStrategy(main.Group, main.Plural, v["schema"]?["openAPIV3Schema"] as JsonObject, ScaleRules.Of(v)), StringComparer.Ordinal);
        var stored = new StoredKind(main, [rules[main.Version]], new KindRules { CountsEverything = true, AllowUnconditionalUpdate = false, Status = StatusRules.StatusAlone }, before?.Stored.Cache ?? new ResourceCache(main.KeyPrefix + "/", null, time))
        {
            Conversion = new(ConversionWebhook.Of(spec["conversion"] as JsonObject, webhooks)),
        };
        var isGoing = crd.Meta().TextAt("deletionTimestamp").Length > 0;
        var served = versions.Where(v => v.Flag("served")).Select(v => new ServedResource(schemas[v.TextAt("name")], stored)
        {
            IsTerminating = isGoing,
            VersionRules = v == storage ? null : rules[v.TextAt("name")],
        }).ToArray();
        return new(crd.Meta().TextAt("uid"), StateOf(crd), stored, served, served.FirstOrDefault(s => s.Schema == main) ?? new ServedResource(main, stored));
    }

    private static ResourceSchema Schema(JsonObject crd, JsonObject spec, JsonObject version, string storageVersion)
    {
        var group = spec.TextAt("group");
        var names = crd["status"]?["acceptedNames"] as JsonObject ?? [];
        var (plural, kind, listKind) = ((spec["names"] as JsonObject).TextAt("plural"), names.TextAt("kind"), names.TextAt("listKind"));
        var name = version.TextAt("name");
        var type = CustomType.Kind(group, name, kind, version["schema"]?["openAPIV3Schema"] as JsonObject);
        var scale = version["subresources"]?["scale"] as JsonObject;
        return new ResourceSchema
        {
            Group = group,
            Version = name,
            Plural = plural,
            Kind = kind,
            Type = type,
            ListKind = listKind,
            ListType = CustomType.List(type, listKind),
            Singular = names.TextAt("singular"),
            ShortNames = [.. names.TextsAt("shortNames")],
            Categories = [.. names.TextsAt("categories")],
            Namespaced = spec.TextAt("scope") == "Namespaced",
            Verbs = Verbs,
            StorageApiVersion = $"{group}/{storageVersion}",
            StorageVersionHash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes($"{group}/{storageVersion}/{kind}")).AsSpan(0, 8)),
            KeyPrefix = $"/registry/{group}/{plural}",
            Subresources = [.. Subresources(version["subresources"] as JsonObject, type, group, name, kind)],
            Columns = CustomCells.ColumnsOf([.. Columns(version)]),
            SelectableFields = [.. (version["selectableFields"] as JsonArray)?.OfType<JsonObject>().Select(f => f.TextAt("jsonPath").TrimStart('.')) ?? []],
            Scale = scale is null ? null : new(scale.TextAt("specReplicasPath").TrimStart('.'), scale.TextAt("statusReplicasPath").TrimStart('.'), scale.TextAt("labelSelectorPath").TrimStart('.')),
            DeprecationWarning = !version.Flag("deprecated") ? "" : version.TextAt("deprecationWarning") is { Length: > 0 } text ? text : $"{group}/{name} {kind} is deprecated",
        };
    }

    private static IEnumerable<SubresourceSchema> Subresources(JsonObject? subresources, SchemaType type, string group, string version, string kind)
    {
        if (subresources?["status"] is not null)
        {
            yield return new("status", type, group, version, kind, SubresourceVerbs);
        }

        if (subresources?["scale"] is not null)
        {
            yield return new("scale", ApiSchema.Newest.FindKind("autoscaling", "v1", "Scale"), "autoscaling", "v1", "Scale", SubresourceVerbs);
        }
    }

    private static IEnumerable<ColumnSchema> Columns(JsonObject version)
    {
        foreach (var column in (version["additionalPrinterColumns"] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            var priority = (int)(column.NumberAt("priority") ?? 0);
            yield return new(column.TextAt("name"), column.TextAt("type"), column.TextAt("format"), priority > 0, column.TextAt("jsonPath"))
            {
                Description = column.TextAt("description") is { Length: > 0 } text ? text : $"Custom resource definition column (in JSONPath format): {column.TextAt("jsonPath")}",
                Priority = priority,
            };
        }
    }
}

/// <summary>Versions by their meaning: v2 after v1, v1 after v1beta1, that after v1alpha1, and all of these after other names. Source: k8s.io/apimachinery, version.CompareKubeAwareVersionStrings.</summary>
internal sealed class VersionOrder : IComparer<string>
{
    public static VersionOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (left, right) = (Parse(x!), Parse(y!));
        return (left, right) switch
        {
            (null, null) => string.CompareOrdinal(y, x),
            (null, _) => -1,
            (_, null) => 1,
            ({ } a, { } b) => a.CompareTo(b),
        };
    }

    private static (int Stability, int Major, int Minor)? Parse(string version)
    {
        if (version.Length < 2 || version[0] != 'v')
        {
            return null;
        }

        foreach (var (word, stability) in new[] { ("alpha", 0), ("beta", 1) })
        {
            var at = version.IndexOf(word, StringComparison.Ordinal);
            if (at > 0)
            {
                return Number(version[1..at]) is { } major && (at + word.Length == version.Length ? 0 : Number(version[(at + word.Length)..])) is { } minor ? (stability, major, minor) : null;
            }
        }

        return Number(version[1..]) is { } stable ? (2, stable, 0) : null;
    }

    private static int? Number(string text) => text.Length > 0 && text[0] != '0' && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

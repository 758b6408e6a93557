namespace Kobune.Cel.Schemas;

/// <summary>What expressions need to know of an OpenAPI schema; names and meanings are those of structural schemas.</summary>
public sealed record CelSchema
{
    /// <summary>object, array, string, integer, number, boolean, or empty.</summary>
    public string Type { get; init; } = "";

    /// <summary>byte, duration, date and date-time have types of their own in CEL.</summary>
    public string Format { get; init; } = "";

    /// <summary>Fields of an object, by their JSON names; null when it has none.</summary>
    public IReadOnlyDictionary<string, CelSchema>? Properties { get; init; }

    /// <summary>The values of a map.</summary>
    public CelSchema? AdditionalProperties { get; init; }

    /// <summary>The elements of an array.</summary>
    public CelSchema? Items { get; init; }

    /// <summary>maxItems, maxLength or maxProperties, whichever the type has.</summary>
    public long? MaxElements { get; init; }

    /// <summary>x-kubernetes-int-or-string.</summary>
    public bool IsIntOrString { get; init; }

    /// <summary>x-kubernetes-preserve-unknown-fields.</summary>
    public bool PreservesUnknownFields { get; init; }

    /// <summary>x-kubernetes-embedded-resource: apiVersion, kind and metadata's name are always there.</summary>
    public bool IsEmbeddedResource { get; init; }

    /// <summary>Whether null is a value.</summary>
    public bool IsNullable { get; init; }

    /// <summary>x-kubernetes-list-type: atomic, set, map, or empty.</summary>
    public string ListType { get; init; } = "";

    /// <summary>x-kubernetes-list-map-keys.</summary>
    public IReadOnlyList<string> ListMapKeys { get; init; } = [];

    /// <summary>The strings that are allowed; empty when all are.</summary>
    public IReadOnlyList<string> Enum { get; init; } = [];

    /// <summary>Fields that must be there.</summary>
    public IReadOnlyCollection<string> Required { get; init; } = [];

    /// <summary>Whether the field gets a default when it is left out.</summary>
    public bool HasDefault { get; init; }

    /// <summary>The schema with what every resource has: apiVersion, kind, metadata.name and metadata.generateName. Values of a resource's root are wrapped with it.</summary>
    public CelSchema AsResource()
    {
        if (IsText(this, "kind") && IsText(this, "apiVersion") && Properties!.TryGetValue("metadata", out var known) && IsText(known, "name") && IsText(known, "generateName"))
        {
            return this;
        }

        var text = new CelSchema { Type = "string" };
        return this with
        {
            Properties = new Dictionary<string, CelSchema>(Properties ?? new Dictionary<string, CelSchema>())
            {
                ["kind"] = text,
                ["apiVersion"] = text,
                ["metadata"] = new() { Type = "object", Properties = new Dictionary<string, CelSchema> { ["name"] = text, ["generateName"] = text } },
            },
        };
    }

    private static bool IsText(CelSchema schema, string property) => schema.Properties?.TryGetValue(property, out var found) == true && found.Type == "string";
}

using System.Text.Json.Nodes;
using Kobune.Api.Schema;

namespace Kobune.ApiServer.Conversion;

/// <summary>Turns an object of one version into another, in place where it can.</summary>
internal interface IKindConverter
{
    /// <summary>The kind whose versions it knows: group and plural of the storage version.</summary>
    (string Group, string Plural) Storage { get; }

    /// <summary>From a served version to the storage version.</summary>
    void ToStorage(JsonObject obj);

    /// <summary>From the storage version to a served version.</summary>
    void FromStorage(JsonObject obj);
}

/// <summary>All converters. A kind whose versions differ by name alone needs none.</summary>
internal sealed class KindConverters(IEnumerable<IKindConverter> converters)
{
    private readonly Dictionary<(string, string), IKindConverter> _known = converters.ToDictionary(c => c.Storage);

    /// <summary>The converters of the built-in kinds.</summary>
    public static KindConverters BuiltIn { get; } = new([new EventConverter(), new HorizontalPodAutoscalerConverter()]);

    public JsonObject Convert(JsonObject obj, ResourceSchema from, ResourceSchema to)
    {
        var toStorage = to.StorageApiVersion == to.ApiVersion;
        var storage = toStorage ? to : from;
        if (_known.TryGetValue((storage.Group, storage.Plural), out var converter))
        {
            if (toStorage)
            {
                converter.ToStorage(obj);
            }
            else
            {
                converter.FromStorage(obj);
            }
        }

        obj["apiVersion"] = to.ApiVersion;
        obj["kind"] = to.Kind;
        return obj;
    }
}

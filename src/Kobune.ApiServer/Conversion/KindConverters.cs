using System.Text.Json.Nodes;
using Kobune.Api.Schema;

namespace Kobune.ApiServer.Conversion;

/// <summary>Turns an object of one version into another, in place where it can.</summary>
internal interface IKindConverter
{
    /// <summary>The kind whose versions it knows: group and plural of the storage version.</summary>
    (string Group, string Plural) Storage { get; }

    /// <summary>From a served version, "v1beta1", to the storage version.</summary>
    void ToStorage(JsonObject obj, string version);

    /// <summary>From the storage version to a served version.</summary>
    void FromStorage(JsonObject obj, string version);
}

/// <summary>All converters. A kind whose versions differ by name alone needs none.</summary>
internal sealed class KindConverters(IEnumerable<IKindConverter> converters)
{
    private readonly Dictionary<(string, string), IKindConverter> _known = converters.ToDictionary(c => c.Storage);

    /// <summary>The converters of the built-in kinds.</summary>
    public static KindConverters BuiltIn { get; } = new(
    [
        new EventConverter(), new HorizontalPodAutoscalerConverter(), new PriorityLevelConverter(),
        new DeviceRequestConverter("resourceclaims"), new DeviceRequestConverter("resourceclaimtemplates"), new ResourceSliceConverter(),
    ]);

    public JsonObject Convert(JsonObject obj, ResourceSchema from, ResourceSchema to)
    {
        // One of the two is the finished version, in which objects are stored; of two finished ones the schema says which.
        var toStorage = from.IsBeta || (!to.IsBeta && to.StorageApiVersion == to.ApiVersion);
        var storage = toStorage ? to : from;
        if (_known.TryGetValue((storage.Group, storage.Plural), out var converter))
        {
            if (toStorage)
            {
                converter.ToStorage(obj, from.Version);
            }
            else
            {
                converter.FromStorage(obj, to.Version);
            }
        }

        obj["apiVersion"] = to.ApiVersion;
        obj["kind"] = to.Kind;
        return obj;
    }
}

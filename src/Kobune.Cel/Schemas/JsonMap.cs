using System.Collections.Concurrent;
using System.Text.Json;
using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Schemas;

/// <summary>A JSON object. With properties in its schema it has escaped names, and a null is as if it were not there.</summary>
internal sealed class JsonMap(JsonView json, CelSchema? schema) : CelMap
{
    private readonly bool _isObject = schema?.Properties is not null;
    private ConcurrentDictionary<string, CelValue>? _made;

    public override int Count => json.Count;

    public override IEnumerable<CelValue> Keys
    {
        get
        {
            foreach (var name in json.Names)
            {
                if (!_isObject)
                {
                    yield return new CelString(name);
                }
                else if (schema!.Properties!.ContainsKey(name))
                {
                    yield return new CelString(CelFieldName.Escape(name) ?? name);
                }
            }
        }
    }

    /// <summary>Fields that the schema does not know count as they are; those that it knows by their values (unstructuredMap of k8s.io/apiserver/pkg/cel/common).</summary>
    public override bool EqualTo(CelValue other)
    {
        if (schema is null || (!_isObject && schema.AdditionalProperties is not null))
        {
            return base.EqualTo(other);
        }

        return other is CelMap map && map.Count == Count && json.Names.All(name => IsEqual(name, map));
    }

    private bool IsEqual(string name, CelMap other)
    {
        if (schema!.Properties?.ContainsKey(name) == true)
        {
            var key = new CelString(name);
            var (mine, theirs) = (Find(key), other.Find(key));
            return mine is null ? theirs is null : theirs is not null && mine.EqualTo(theirs);
        }

        return other is JsonMap map && (!map.Raw.TryGet(name, out var theirRaw) || (json.TryGet(name, out var raw) && raw.IsEqual(theirRaw)));
    }

    private JsonView Raw => json;

    public override CelValue? Find(CelValue key)
    {
        if (key is not CelString name)
        {
            return null;
        }

        var property = _isObject ? CelFieldName.Unescape(name.Value) : name.Value;
        if (property is null || !json.TryGet(property, out var value) || (_isObject && value.Kind == JsonValueKind.Null))
        {
            return null;
        }

        if (schema is null)
        {
            return Keep(property, value, null);
        }

        return (_isObject ? schema.Properties!.GetValueOrDefault(property) : schema.AdditionalProperties) is { } inner ? Keep(property, value, inner) : null;
    }

    private CelValue Keep(string property, JsonView value, CelSchema? inner)
    {
        if (value.Kind is not (JsonValueKind.Object or JsonValueKind.Array))
        {
            return Make(value, inner);
        }

        var made = LazyInitializer.EnsureInitialized(ref _made, () => new(concurrencyLevel: 1, capacity: 4));
        return made.GetOrAdd(property, static (_, state) => Make(state.value, state.inner), (value, inner));
    }

    private static CelValue Make(JsonView value, CelSchema? inner) => inner is null ? CelJson.Dynamic(value) : CelJson.Typed(value, inner);
}

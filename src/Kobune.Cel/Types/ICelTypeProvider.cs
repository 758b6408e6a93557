namespace Kobune.Cel.Types;

/// <summary>Where object types come from, for instance an OpenAPI schema. Implementations are immutable or thread-safe.</summary>
public interface ICelTypeProvider
{
    /// <summary>The type of a full name (as written before <c>{field: value}</c>), or null.</summary>
    CelType? FindType(string name);

    /// <summary>The type of a field, by the name that expressions use (see <see cref="CelFieldName"/>), or null when the object has no such field.</summary>
    CelType? FindField(string typeName, string field);

    /// <summary>An object from its fields, or an error value; null when this provider does not make objects of the type.</summary>
    Values.CelValue? Create(string typeName, IReadOnlyDictionary<string, Values.CelValue> fields);
}

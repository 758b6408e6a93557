using Kobune.Cel;
using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>Types of variables that expressions can read but not make, by name.</summary>
internal sealed class StructTypes(IReadOnlyDictionary<string, IReadOnlyDictionary<string, CelType>> types) : ICelTypeProvider
{
    public CelType? FindType(string name) => types.ContainsKey(name) ? CelType.Struct(name) : null;

    public CelType? FindField(string typeName, string field) => types.GetValueOrDefault(typeName)?.GetValueOrDefault(field);

    public CelValue? Create(string typeName, IReadOnlyDictionary<string, CelValue> fields) => null;
}

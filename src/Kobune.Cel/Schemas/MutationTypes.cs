using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Schemas;

/// <summary>Types that mutations make: <c>Object{spec: Object.spec{...}}</c>, whose fields have any name and type, and <c>JSONPatch{...}</c> (k8s.io/apiserver/pkg/cel/mutation).</summary>
public sealed class MutationTypes : ICelTypeProvider
{
    /// <summary>The one there is.</summary>
    public static readonly MutationTypes Instance = new();
    internal static readonly CelType JsonPatchType = CelType.Struct("JSONPatch");
    private const string Root = "Object";

    private MutationTypes()
    {
    }

    /// <summary>The type of an apply configuration.</summary>
    public static CelType ObjectType { get; } = CelType.Struct(Root);

    /// <summary>The type of a patch's operations.</summary>
    public static CelType PatchType { get; } = CelType.List(JsonPatchType);

    public CelType? FindType(string name) =>
        name == JsonPatchType.Name ? JsonPatchType : name == Root || name.StartsWith(Root + ".", StringComparison.Ordinal) ? CelType.Struct(name) : null;

    public CelType? FindField(string typeName, string field)
    {
        if (typeName != JsonPatchType.Name)
        {
            return CelType.Dyn;
        }

        return field switch
        {
            "op" or "from" or "path" => CelType.String,
            "value" => CelType.Dyn,
            _ => null,
        };
    }

    public CelValue? Create(string typeName, IReadOnlyDictionary<string, CelValue> fields)
    {
        if (typeName != JsonPatchType.Name)
        {
            return FindType(typeName) is { } type ? new MutationObject(type, fields) : null;
        }

        foreach (var (name, value) in fields)
        {
            if (name != "value" && value is not CelString)
            {
                return new CelError($"unexpected type {value.TypeName} for JSONPatchType '{name}' field");
            }
        }

        return new MutationObject(JsonPatchType, fields);
    }
}

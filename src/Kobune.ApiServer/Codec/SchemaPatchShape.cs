using System.Runtime.CompilerServices;
using Kobune.Api.Patches;
using Kobune.Api.Schema;

namespace Kobune.ApiServer.Codec;

/// <summary>The schema as strategic merge patch wants to see it.</summary>
internal sealed class SchemaPatchShape : IPatchShape
{
    private static readonly ConditionalWeakTable<SchemaType, SchemaPatchShape> Known = [];

    private readonly SchemaType _type;
    private readonly Dictionary<string, PatchField?> _fields = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    private SchemaPatchShape(SchemaType type)
    {
        _type = type;
    }

    /// <summary>The shape of an object or map; null for what has no fields.</summary>
    public static SchemaPatchShape? Of(SchemaType type) =>
        type.Shape is SchemaShape.Object or SchemaShape.Map ? Known.GetValue(type, static t => new(t)) : null;

    public string? StructName => _type.Shape == SchemaShape.Object ? _type.Name : null;

    public PatchField? Field(string name)
    {
        lock (_lock)
        {
            if (!_fields.TryGetValue(name, out var field))
            {
                _fields[name] = field = Make(name);
            }

            return field;
        }
    }

    private PatchField? Make(string name)
    {
        if (!_type.TryGetField(name, out var field))
        {
            return null;
        }

        var strategies = field.PatchStrategy.Split(',');
        var inner = field.Type.Shape == SchemaShape.List ? field.Type.Element : field.Type;
        return new(strategies.Contains("merge"), strategies.Contains("replace"), field.PatchMergeKey, Of(inner));
    }
}

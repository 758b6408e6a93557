using System.Text.Json;

namespace Kobune.Api.Schema;

/// <summary>Which field of a union a JSON value is.</summary>
internal static class UnionMember
{
    /// <summary>The field that takes a value of this kind, or null.</summary>
    public static SchemaField? Choose(SchemaType type, JsonValueKind kind)
    {
        foreach (var field in type.Fields)
        {
            var fits = kind switch
            {
                JsonValueKind.Object => field.Type.Shape == SchemaShape.Object,
                JsonValueKind.Array => field.Type.Shape == SchemaShape.List,
                JsonValueKind.True or JsonValueKind.False => field.Type.Shape == SchemaShape.Boolean,
                _ => false,
            };
            if (fits)
            {
                return field;
            }
        }

        return null;
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Schema;
using Kobune.ApiServer.Tables;

namespace Kobune.ApiServer.CustomResources;

/// <summary>Table cells of custom objects: the name, then what the printer columns point at. Source: k8s.io/apiextensions-apiserver, registry/customresource/tableconvertor.</summary>
internal sealed class CustomCells
{
    private readonly (ColumnSchema Column, CellPath? Path)[] _columns;

    private CustomCells(IEnumerable<ColumnSchema> columns)
    {
        _columns = [.. columns.Select(c => (c, CellPath.Parse(c.Source)))];
    }

    /// <summary>The columns of a custom resource; without any of its own, the age.</summary>
    public static IReadOnlyList<ColumnSchema> ColumnsOf(IReadOnlyList<ColumnSchema> own) =>
        [new("Name", "string", "name", false, ".metadata.name"), .. own.Count > 0 ? own : [new("Age", "date", "", false, ".metadata.creationTimestamp")]];

    public static RowCells Of(IReadOnlyList<ColumnSchema> columns) => new CustomCells(columns).Row;

    private object?[] Row(EncodedObject obj, DateTimeOffset now)
    {
        var tree = ObjectReader.ReadAny(ObjectReader.Parse(obj.Json.Span))!;
        return [.. _columns.Select((c, i) => (c.Path is { } path && path.TryFind(tree, out var value) ? Cell(c.Column.Type, value, now) : null) ?? (i == 0 ? "" : null))]; // a bookmark has no name
    }

    private static object? Cell(string type, JsonNode? value, DateTimeOffset now)
    {
        if (type == "string")
        {
            return value is null ? null : value is JsonValue text && text.TryGetValue<string>(out var some) ? some : value.ToJsonString();
        }

        if (value is not JsonValue scalar)
        {
            return null;
        }

        return (type, scalar.GetValueKind()) switch
        {
            ("integer", JsonValueKind.Number) => (long)SchemaNode.Number(scalar),
            ("number", JsonValueKind.Number) => SchemaNode.Number(scalar),
            ("boolean", JsonValueKind.True or JsonValueKind.False) => scalar.GetValue<bool>(),
            ("date", JsonValueKind.String) => DateTimeOffset.TryParse(scalar.GetValue<string>(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? HumanDuration.Format(now - time)
                : "<invalid>",
            _ => null,
        };
    }
}

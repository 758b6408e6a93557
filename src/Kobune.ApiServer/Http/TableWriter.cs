using System.Text.Json;
using Kobune.Api.Schema;
using Kobune.ApiServer.CustomResources;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;
using Kobune.ApiServer.Tables;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Http;

/// <summary>meta.k8s.io Tables: columns from the schema, cells from <see cref="BuiltInCells"/>.</summary>
internal sealed class TableWriter(IReadOnlyList<ColumnSchema> columns, Func<CacheEntry, object?[]> cells, string metaVersion, string includeObject, bool tellsFinished = false)
{
    private static readonly ColumnSchema[] DefaultColumns =
    [
        new("Name", "string", "name", false, "metadata.name"),
        new("Created At", "date", "", false, "metadata.creationTimestamp"),
    ];

    /// <summary>Tables of a served kind.</summary>
    public static TableWriter Of(ServedResource resource, ResourceRegistry registry, string metaVersion, string includeObject, DateTimeOffset now)
    {
        var schema = resource.Schema;
        var cells = schema.Columns.Count == 0 ? null : schema.IsCustom ? CustomCells.Of(schema.Columns) : BuiltInCells.For(resource.Storage!.Schema.Group, resource.Storage.Schema.Plural);
        return new(
            cells is null ? DefaultColumns : schema.Columns,
            item => cells is null ? [item.Name, item.Field("metadata.creationTimestamp")] : cells(resource.IsStorageForm || schema.IsCustom ? item : registry.StorageForm(item, resource), now),
            metaVersion,
            includeObject,
            schema is { Group: "", Plural: "pods" });
    }

    /// <summary>Writes a table of rows; <paramref name="items"/> are entries in the version of the resource.</summary>
    public void Write(Utf8JsonWriter writer, IEnumerable<CacheEntry> items, string resourceVersion, string continueToken, long? remaining, bool withColumns = true)
    {
        writer.WriteStartObject();
        writer.WriteString("kind"u8, "Table"u8);
        writer.WriteString("apiVersion"u8, $"meta.k8s.io/{metaVersion}");
        writer.WriteStartObject("metadata"u8);
        if (resourceVersion.Length > 0)
        {
            writer.WriteString("resourceVersion"u8, resourceVersion);
        }

        if (continueToken.Length > 0)
        {
            writer.WriteString("continue"u8, continueToken);
        }

        if (remaining is { } count)
        {
            writer.WriteNumber("remainingItemCount"u8, count);
        }

        writer.WriteEndObject();
        Columns(writer, withColumns);
        writer.WriteStartArray("rows"u8);
        foreach (var item in items)
        {
            Row(writer, item);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void Columns(Utf8JsonWriter writer, bool withColumns)
    {
        if (!withColumns)
        {
            writer.WriteNull("columnDefinitions"u8);
            return;
        }

        writer.WriteStartArray("columnDefinitions"u8);
        foreach (var column in columns)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, column.Name);
            writer.WriteString("type"u8, column.Type);
            writer.WriteString("format"u8, column.Format);
            writer.WriteString("description"u8, column.Description);
            writer.WriteNumber("priority"u8, column.Priority);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void Row(Utf8JsonWriter writer, CacheEntry item)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("cells"u8);
        foreach (var cell in cells(item))
        {
            Cell(writer, cell);
        }

        writer.WriteEndArray();
        if (IsFinished(item) is { } reason)
        {
            writer.WriteStartArray("conditions"u8);
            writer.WriteStartObject();
            writer.WriteString("type"u8, "Completed"u8);
            writer.WriteString("status"u8, "True"u8);
            writer.WriteString("reason"u8, reason);
            writer.WriteString("message"u8, reason == "Succeeded" ? "The pod has completed successfully."u8 : "The pod failed."u8);
            writer.WriteEndObject();
            writer.WriteEndArray();
        }

        writer.WritePropertyName("object"u8);
        switch (includeObject)
        {
            case "None":
                writer.WriteNullValue();
                break;
            case "Object":
                writer.WriteRawValue(item.Json.Span, skipInputValidation: true);
                break;
            default:
                writer.WriteRawValue(EntryForms.PartialJson(item, metaVersion).Span, skipInputValidation: true);
                break;
        }

        writer.WriteEndObject();
    }

    private string? IsFinished(CacheEntry item)
    {
        if (!tellsFinished)
        {
            return null;
        }

        var phase = item.Field("status.phase");
        return phase is "Succeeded" or "Failed" ? phase : null;
    }

    private static void Cell(Utf8JsonWriter writer, object? cell)
    {
        switch (cell)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case double number:
                writer.WriteNumberValue(number);
                break;
            default:
                writer.WriteStringValue(cell.ToString());
                break;
        }
    }

    /// <summary>Checks the includeObject parameter.</summary>
    public static string IncludeObject(QueryValues query) => query.Get("includeObject") switch
    {
        "" => "Metadata",
        "None" or "Metadata" or "Object" => query.Get("includeObject"),
        var other => throw Errors.StatusErrors.BadRequest($"Unable to convert to Table as requested: includeObject: Invalid value: {FieldValue.Show(other)}: must be 'Metadata', 'Object', 'None', or empty"),
    };
}

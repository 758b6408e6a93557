using System.Runtime.InteropServices;
using System.Text.Json;
using Kobune.Api.Schema.Protobuf;

namespace Kobune.Api.Schema.OpenApi;

/// <summary>The version 2 document as protobuf (message openapi.v2.Document of google/gnostic-models). Written from its end, so fields stand here in descending order.</summary>
internal sealed class OpenApiV2Protobuf : IDisposable
{
    private readonly ReverseBuffer _buffer = new();

    public static byte[] Encode(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        using var encoder = new OpenApiV2Protobuf();
        encoder.Document(document.RootElement);
        return encoder._buffer.ToArray();
    }

    public void Dispose() => _buffer.Dispose();

    private void Document(JsonElement json)
    {
        Message(13, json.GetProperty("securityDefinitions"), definitions => Named(1, definitions, item => Message(2, item, ApiKey)));
        foreach (var requirement in json.GetProperty("security").EnumerateArray().Reverse())
        {
            Message(12, requirement, scopes => Named(1, scopes, list => Strings(1, list)));
        }

        Message(9, json.GetProperty("definitions"), definitions => Named(1, definitions, Schema));
        Message(8, json.GetProperty("paths"), paths => Named(2, paths, PathItem));
        Message(2, json.GetProperty("info"), info =>
        {
            Text(2, info, "version");
            Text(1, info, "title");
        });
        Text(1, json, "swagger");
    }

    private void ApiKey(JsonElement json)
    {
        Text(4, json, "description");
        Text(3, json, "in");
        Text(2, json, "name");
        Text(1, json, "type");
    }

    private void PathItem(JsonElement json)
    {
        Each(9, json, "parameters", ParametersItem);
        foreach (var (number, method) in (ReadOnlySpan<(int, string)>)[(8, "patch"), (5, "delete"), (4, "post"), (3, "put"), (2, "get")])
        {
            if (json.TryGetProperty(method, out var operation))
            {
                Message(number, operation, Operation);
            }
        }
    }

    private void Operation(JsonElement json)
    {
        Extensions(13, json);
        StringList(10, json, "schemes");
        if (json.TryGetProperty("responses", out var answers))
        {
            Message(9, answers, responses => Named(1, responses, value => Message(1, value, Response)));
        }

        Each(8, json, "parameters", ParametersItem);
        StringList(7, json, "consumes");
        StringList(6, json, "produces");
        Text(5, json, "operationId");
        StringList(1, json, "tags");
    }

    private void Response(JsonElement json)
    {
        if (json.TryGetProperty("schema", out var schema))
        {
            Message(2, schema, item => Message(1, item, Schema));
        }

        Text(1, json, "description");
    }

    private void ParametersItem(JsonElement json) => Message(1, json, parameter =>
    {
        var place = parameter.GetProperty("in").GetString();
        if (place == "body")
        {
            Message(1, parameter, BodyParameter);
        }
        else
        {
            var (number, shift) = place switch
            {
                "header" => (1, 0),
                "formData" => (2, 1),
                "path" => (4, 0),
                _ => (3, 1),
            };
            Message(2, parameter, other => Message(number, other, sub => NonBodyParameter(sub, shift)));
        }
    });

    private void BodyParameter(JsonElement json)
    {
        Message(5, json.GetProperty("schema"), Schema);
        Flag(4, json, "required");
        Text(3, json, "in");
        Text(2, json, "name");
    }

    /// <summary>Parameters of queries and forms have one more field than those of paths and headers, so theirs are numbered one higher.</summary>
    private void NonBodyParameter(JsonElement json, int shift)
    {
        Flag(19 + shift, json, "uniqueItems");
        Text(5 + shift, json, "type");
        Text(4, json, "name");
        Text(2, json, "in");
        Flag(1, json, "required");
    }

    private void Schema(JsonElement json)
    {
        Extensions(31, json);
        if (json.TryGetProperty("properties", out var properties))
        {
            Message(25, properties, p => Named(1, p, Schema));
        }

        Each(24, json, "allOf", Schema);
        if (json.TryGetProperty("items", out var items))
        {
            Message(23, items, item => Message(1, item, Schema));
        }

        if (json.TryGetProperty("type", out var type))
        {
            Message(22, type, t => Texts(1, t));
        }

        if (json.TryGetProperty("additionalProperties", out var additional))
        {
            Message(21, additional, Additional);
        }

        Each(20, json, "enum", Any);
        StringList(19, json, "required");
        if (json.TryGetProperty("default", out var value))
        {
            Message(5, value, Any);
        }

        Text(4, json, "description");
        Text(2, json, "format");
        Text(1, json, "$ref");
    }

    /// <summary>A schema, or just whether there may be any.</summary>
    private void Additional(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Object)
        {
            Message(1, json, Schema);
        }
        else
        {
            _buffer.Varint(json.GetBoolean() ? 1UL : 0);
            _buffer.Tag(2, WireType.Varint);
        }
    }

    /// <summary>One, or a list of them.</summary>
    private void Texts(int number, JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            Strings(number, json);
        }
        else
        {
            Text(number, json);
        }
    }

    /// <summary>Free values travel as YAML, of which JSON is a part.</summary>
    private void Any(JsonElement json)
    {
        var mark = _buffer.Length;
        _buffer.Bytes("\n"u8);
        _buffer.Bytes(JsonMarshal.GetRawUtf8Value(json));
        _buffer.Close(2, mark);
    }

    private void Extensions(int number, JsonElement json)
    {
        foreach (var property in json.EnumerateObject().Reverse())
        {
            if (property.Name.StartsWith("x-", StringComparison.Ordinal))
            {
                Pair(number, property, Any);
            }
        }
    }

    private void Named(int number, JsonElement json, Action<JsonElement> value)
    {
        foreach (var property in json.EnumerateObject().Reverse())
        {
            Pair(number, property, value);
        }
    }

    private void Pair(int number, JsonProperty property, Action<JsonElement> value)
    {
        var mark = _buffer.Length;
        Message(2, property.Value, value);
        var name = _buffer.Length;
        _buffer.Text(property.Name);
        _buffer.Close(1, name);
        _buffer.Close(number, mark);
    }

    private void Message(int number, JsonElement json, Action<JsonElement> write)
    {
        var mark = _buffer.Length;
        write(json);
        _buffer.Close(number, mark);
    }

    private void Each(int number, JsonElement json, string name, Action<JsonElement> write)
    {
        if (json.TryGetProperty(name, out var list))
        {
            foreach (var item in list.EnumerateArray().Reverse())
            {
                Message(number, item, write);
            }
        }
    }

    private void StringList(int number, JsonElement json, string name)
    {
        if (json.TryGetProperty(name, out var list))
        {
            Strings(number, list);
        }
    }

    private void Strings(int number, JsonElement list)
    {
        foreach (var item in list.EnumerateArray().Reverse())
        {
            Text(number, item);
        }
    }

    private void Text(int number, JsonElement json, string name)
    {
        if (json.TryGetProperty(name, out var value))
        {
            Text(number, value);
        }
    }

    private void Text(int number, JsonElement value)
    {
        var mark = _buffer.Length;
        _buffer.Text(value.GetString());
        _buffer.Close(number, mark);
    }

    private void Flag(int number, JsonElement json, string name)
    {
        if (json.TryGetProperty(name, out var value) && value.GetBoolean())
        {
            _buffer.Varint(1);
            _buffer.Tag(number, WireType.Varint);
        }
    }
}

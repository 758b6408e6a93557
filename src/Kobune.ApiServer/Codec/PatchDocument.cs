using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api.Patches;
using Kobune.Api.Schema;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Codec;

/// <summary>A patch as a client sent it. Source: k8s.io/apiserver, endpoints/handlers/patch.go.</summary>
internal sealed class PatchDocument
{
    private static readonly string[] OperationFields = ["op", "path", "from", "value"];

    private readonly string _format;
    private readonly SchemaType _type;
    private readonly JsonNode _patch;
    private readonly List<string> _strict = [];

    /// <summary>Reads a patch of JSON. Malformed ones are refused with 400, too long ones with 413.</summary>
    public PatchDocument(ReadOnlyMemory<byte> body, string format, SchemaType type, FieldValidation validation)
    {
        (_format, _type) = (format, type);
        var prefix = IsStrategic || validation == FieldValidation.Ignore ? "" : "error decoding patch: ";
        try
        {
            var json = ObjectReader.Parse(body.Span);
            _patch = Require(ObjectReader.ReadAny(json), json, prefix);
            FindProblems(json, "");
        }
        catch (ObjectDecodeException e)
        {
            throw StatusErrors.BadRequest(prefix + e.Message);
        }

        if (_patch is JsonArray { Count: > JsonPatch.MaxOperations } operations)
        {
            throw StatusErrors.RequestEntityTooLarge($"The allowed maximum operations in a JSON patch is {JsonPatch.MaxOperations}, got {operations.Count}");
        }
    }

    /// <summary>Fields of the patch itself that are there twice, or that no operation has.</summary>
    public IReadOnlyList<string> Problems => _strict;

    /// <summary>Whether its result is decoded as a body is, which has to be of the kind that is patched; that of a strategic patch is put into the kind field by field.</summary>
    public bool MakesBody => !IsStrategic;

    private bool IsStrategic => _format == MediaTypes.StrategicMergePatch;

    /// <summary>Applies the patch; failures become upstream's answers: 400 for a malformed one, 422 for one that does not fit the object, 500 for directives that make no sense.</summary>
    public JsonObject Apply(JsonObject live)
    {
        try
        {
            switch (_patch)
            {
                case JsonArray operations:
                    return JsonPatch.Apply(live, operations);
                case JsonObject patch when IsStrategic:
                    return StrategicMergePatch.Apply(live, patch, SchemaPatchShape.Of(_type));
                default:
                    MergePatch.Apply(live, (JsonObject)_patch);
                    return live;
            }
        }
        catch (PatchException e)
        {
            throw e.Fault switch
            {
                PatchFault.Malformed => StatusErrors.BadRequest(e.Message),
                PatchFault.Unforeseen => StatusErrors.Unknown(e.Message),
                _ => StatusErrors.Rejected(),
            };
        }
    }

    /// <summary>The answer to a patch that makes an object which cannot be one.</summary>
    public StatusException Refuse(JsonObject patched, string problem)
    {
        var errors = new Registry.FieldErrors();
        errors.Invalid("patch", IsStrategic ? StrategicMergePatch.Show((JsonObject)_patch) : FieldShown(patched), IsStrategic ? UntypedProblem.Of(patched, _type) ?? problem : problem);
        return StatusErrors.Invalid("", "", "", errors);
    }

    private string FieldShown(JsonObject patched) => _type.IsCustom ? SortedJson.Text(patched) : Fields.FieldShape.Text(patched);

    private JsonNode Require(JsonNode? patch, JsonElement json, string prefix) => (_format, patch) switch
    {
        (MediaTypes.JsonPatch, JsonArray operations) when operations.FirstOrDefault(o => o is not (JsonObject or null)) is { } wrong =>
            throw StatusErrors.BadRequest($"{prefix}json: cannot unmarshal {Kind(wrong.GetValueKind())} into Go value of type handlers.jsonPatchOp"),
        (MediaTypes.JsonPatch, JsonArray) => patch,
        (MediaTypes.JsonPatch, null) => new JsonArray(), // no operation at all
        (MediaTypes.JsonPatch, _) => throw StatusErrors.BadRequest($"{prefix}json: cannot unmarshal {Kind(json.ValueKind)} into Go value of type []handlers.jsonPatchOp"),
        (_, JsonObject) => patch,
        (MediaTypes.MergePatch, null) => throw StatusErrors.BadRequest("Invalid JSON Patch"),
        (_, null) => new JsonObject(), // a strategic patch of nothing
        _ => throw StatusErrors.BadRequest($"{prefix}json: cannot unmarshal {Kind(json.ValueKind)} into Go value of type map[string]interface {{}}"),
    };

    private void FindProblems(JsonElement json, string path)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            var i = 0;
            foreach (var item in json.EnumerateArray())
            {
                FindProblems(item, $"{path}[{i++}]");
            }
        }
        else if (json.ValueKind == JsonValueKind.Object)
        {
            var isOperation = _format == MediaTypes.JsonPatch && path.LastIndexOf('[') == 0 && path[^1] == ']';
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var field in json.EnumerateObject())
            {
                var at = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
                var lead = _format == MediaTypes.JsonPatch ? "json patch " : "";
                if (isOperation && !OperationFields.Contains(field.Name))
                {
                    _strict.Add($"{lead}unknown field \"{at}\"");
                    continue;
                }

                if (!seen.Add(field.Name))
                {
                    _strict.Add($"{lead}duplicate field \"{at}\"");
                }

                FindProblems(field.Value, at);
            }
        }
    }

    private static string Kind(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        _ => "bool",
    };
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Workloads;

/// <summary>Revisions of stateful and daemon sets. Source: pkg/apis/apps/validation, ValidateControllerRevision.</summary>
internal sealed class ControllerRevisionStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("apps", "controllerrevisions");

    public override void Validate(EncodedObject obj, FieldErrors errors) => Validate(obj.Read<ControllerRevision>(), errors);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<ControllerRevision>(), old.Read<ControllerRevision>());
        Validate(now, errors);
        if (!IsSame(now.Data, before.Data))
        {
            errors.Invalid("data", now.Data is { } data ? JsonNode.Parse(data.GetRawText()) : null, "field is immutable");
        }
    }

    private static bool IsSame(JsonElement? one, JsonElement? other) => one is { } a && other is { } b ? JsonElement.DeepEquals(a, b) : one is null && other is null;

    private static void Validate(ControllerRevision revision, FieldErrors errors)
    {
        if (revision.Data is null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined })
        {
            errors.Required("data", "data is mandatory");
        }

        errors.NonNegative("revision", revision.Revision);
    }
}

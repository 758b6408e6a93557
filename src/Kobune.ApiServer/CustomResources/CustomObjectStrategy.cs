using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Schema;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.CustomResources;

/// <summary>What custom objects do beyond their schema: they are validated against it. A problem that an update did not bring is let pass (ratcheting).</summary>
internal sealed class CustomObjectStrategy(string group, string plural, JsonObject? schema) : KindStrategy
{
    public override (string Group, string Resource) Resource => (group, plural);

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        if (schema is not null)
        {
            ObjectValidation.Validate(Tree(obj), schema, errors);
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        if (schema is null)
        {
            return;
        }

        var (now, before) = (new FieldErrors(), new FieldErrors());
        ObjectValidation.Validate(Tree(obj), schema, now);
        if (now.Items.Count > 0)
        {
            ObjectValidation.Validate(Tree(old), schema, before);
        }

        foreach (var error in now.Items.Except(before.Items))
        {
            errors.Add(error.Type, error.Field, error.Message);
        }
    }

    private static JsonObject Tree(EncodedObject obj) => (JsonObject)ObjectReader.ReadAny(ObjectReader.Parse(obj.Json.Span))!;
}

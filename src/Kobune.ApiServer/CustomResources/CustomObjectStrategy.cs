using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Schema;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.CustomResources;

/// <summary>What custom objects do beyond their schema: they are validated against it and its rules. A problem that an update did not bring is let pass (ratcheting).</summary>
internal sealed class CustomObjectStrategy(string group, string plural, JsonObject? schema, ScaleRules? scale) : KindStrategy
{
    private const string NotChecked = "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";
    private static readonly string[] Blocking = ["FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid"];
    private readonly Lazy<RuleNode?> _rules = new(() => schema is null ? null : RuleNode.Of(schema)); // most versions are never written

    public override (string Group, string Resource) Resource => (group, plural);

    public override void Validate(EncodedObject obj, FieldErrors errors) => Validate(Tree(obj), null, isStatus: false, errors);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors) => Validate(Tree(obj), Tree(old), subresource == "status", errors);

    /// <summary>Validates an object of a version that is not the one which is stored: it has to fit the schema in which it was written, too.</summary>
    /// <exception cref="StatusException">422: it does not.</exception>
    public void CheckVersion(WriteRequest write, JsonObject obj, JsonObject? live)
    {
        var errors = new FieldErrors();
        Validate(obj, live, isStatus: false, errors);
        if (errors.Items.Count > 0)
        {
            throw StatusErrors.Invalid(group, write.Kind.Schema.Kind, obj.Meta().TextAt("name"), errors);
        }
    }

    private void Validate(JsonObject obj, JsonObject? old, bool isStatus, FieldErrors errors)
    {
        var before = old is null || schema is null ? null : new Counterpart(obj, old, schema);
        if (!isStatus && schema is not null)
        {
            ObjectValidation.Validate(obj, schema, "", before, errors);
        }
        else if (isStatus && schema?["properties"]?["status"] is JsonObject status && obj.TryGetPropertyValue("status", out var value))
        {
            ObjectValidation.Validate(value, status, "status", before?.Field("status"), errors);
        }

        scale?.Validate(obj, isStatus, errors);
        if (schema is null)
        {
            return;
        }

        if (!isStatus)
        {
            EmbeddedResources.Validate(obj, schema, "", isResource: false, errors);
        }

        Lists(obj, old, schema, errors);
        Rules(obj, old, errors);
    }

    /// <summary>An object with one list that is no set, or has a key twice, may have others: it is let pass as a whole.</summary>
    private static void Lists(JsonObject obj, JsonObject? old, JsonObject schema, FieldErrors errors)
    {
        var (now, before) = (new FieldErrors(), new FieldErrors());
        ListUniqueness.Validate(obj, schema, "", now);
        if (now.Items.Count > 0 && old is not null)
        {
            ListUniqueness.Validate(old, schema, "", before);
        }

        foreach (var error in before.Items.Count == 0 ? now.Items : [])
        {
            errors.Add(error.Type, error.Field, error.Message);
        }
    }

    private void Rules(JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        if (_rules.Value is not { } rules)
        {
            return;
        }

        if (errors.Items.Any(e => Blocking.Contains(e.Type)))
        {
            errors.Invalid("<nil>", null, NotChecked);
            return;
        }

        RuleEvaluation.Validate(obj, old, rules, errors, CancellationToken.None); // bounded by its budget
    }

    private static JsonObject Tree(EncodedObject obj) => (JsonObject)ObjectReader.ReadAny(ObjectReader.Parse(obj.Json.Span))!;
}

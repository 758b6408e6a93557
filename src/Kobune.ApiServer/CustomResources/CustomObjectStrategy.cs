using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.Api.Validation;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Watch;

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

    /// <summary>Finalizers that others could have too.</summary>
    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features) =>
        JsonFields.Raw(obj.Json.Span, "metadata").IndexOf("\"finalizers\""u8) < 0 ? [] // most have none, and need not be read for it
        : Tree(obj).Meta().TextsAt("finalizers").Except(old is null ? [] : Tree(old).Meta().TextsAt("finalizers")).Order(StringComparer.Ordinal).SelectMany(OfFinalizer);

    private static IEnumerable<string> OfFinalizer(string name) =>
    [
        .. NameValidation.QualifiedName(name).Select(problem => $"metadata.finalizers: {FieldValue.Show(name)}: {problem}"),
        .. name.Contains('/', StringComparison.Ordinal) || name is "orphan" or "foregroundDeletion" or "kubernetes" ? Array.Empty<string>()
            : [$"metadata.finalizers: {FieldValue.Show(name)}: prefer a domain-qualified finalizer name {(name.Contains('.', StringComparison.Ordinal) ? "including a path (/) " : "")}to avoid accidental conflicts with other finalizer writers"],
    ];

    /// <summary>Validates what an endpoint writes of an object of a version that is not the one which is stored: it has to fit the schema in which it was written, too.</summary>
    /// <exception cref="StatusException">422: it does not.</exception>
    public void CheckVersion(WriteRequest write, JsonObject obj, JsonObject? live)
    {
        var errors = new FieldErrors();
        var isStatus = write.Subresource == "status";
        if (write.Kind.HasStatus && !isStatus)
        {
            obj = (JsonObject)obj.DeepClone();
            obj.TakeFrom("status", live ?? []); // which is not written here
        }

        Validate(obj, live, isStatus, errors);
        if (errors.Items.Count > 0)
        {
            CheckMetadata(write.Kind, obj.Meta(), live?.Meta(), errors);
            throw StatusErrors.Invalid(group, write.Kind.Schema.Kind, obj.Meta().TextAt("name"), errors);
        }
    }

    private static void CheckMetadata(StoredKind kind, JsonObject now, JsonObject? before, FieldErrors errors)
    {
        if (before is null)
        {
            MetadataValidation.Create(kind, now, errors);
        }
        else
        {
            MetadataValidation.Update(kind, now, before, errors);
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

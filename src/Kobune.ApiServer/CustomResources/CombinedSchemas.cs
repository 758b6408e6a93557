using System.Globalization;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.CustomResources;

/// <summary>anyOf, oneOf, allOf and not of one schema. Of parts of which none fits, the problems of that are told which came nearest. Source: k8s.io/kube-openapi, validation/validate/schema_props.go.</summary>
/// <param name="check">Checks the value against a part, at a path.</param>
internal sealed class CombinedSchemas(Func<JsonObject, string, SchemaResult> check)
{
    public void Check(JsonObject schema, string path, SchemaResult result)
    {
        AnyOf(schema, path, result);
        OneOf(schema, path, result);
        AllOf(schema, path, result);
        if (schema["not"] is JsonObject not && check(not, path).IsValid)
        {
            result.Composite($"{FieldValue.Show(path)} must not validate the schema (not)");
        }

        result.Count();
    }

    private void AnyOf(JsonObject schema, string path, SchemaResult result)
    {
        SchemaResult? nearest = null;
        foreach (var part in schema.Schemas("anyOf"))
        {
            var said = check(part, path);
            if (said.IsValid)
            {
                result.Merge(said);
                return;
            }

            nearest = nearest is null || said.Checks > nearest.Checks ? said : nearest;
        }

        if (nearest is not null)
        {
            result.Composite($"{FieldValue.Show(path)} must validate at least one schema (anyOf)");
            result.Merge(nearest);
        }
    }

    private void OneOf(JsonObject schema, string path, SchemaResult result)
    {
        SchemaResult[] said = [.. schema.Schemas("oneOf").Select(s => check(s, path))];
        SchemaResult[] fits = [.. said.Where(s => s.IsValid)];
        if (said.Length == 0)
        {
            return;
        }

        if (fits.Length == 1)
        {
            result.Merge(fits[0]);
            return;
        }

        var found = fits.Length == 0 ? "Found none valid" : string.Create(CultureInfo.InvariantCulture, $"Found {fits.Length} valid alternatives");
        result.Composite($"{FieldValue.Show(path)} must validate one and only one schema (oneOf). {found}");
        if (fits.Length == 0)
        {
            result.Merge(said.MaxBy(s => s.Checks)!);
        }
    }

    private void AllOf(JsonObject schema, string path, SchemaResult result)
    {
        SchemaResult[] said = [.. schema.Schemas("allOf").Select(s => check(s, path))];
        foreach (var part in said)
        {
            result.Merge(part);
        }

        if (said.Any(s => !s.IsValid))
        {
            result.Composite($"{FieldValue.Show(path)} must validate all the schemas (allOf){(said.Any(s => s.IsValid) ? "" : ". None validated")}");
        }
    }
}

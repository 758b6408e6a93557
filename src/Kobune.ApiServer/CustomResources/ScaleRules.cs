using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.CustomResources;

/// <summary>What the scale subresource reads must be numbers that it can show, and a text. Source: k8s.io/apiextensions-apiserver, registry/customresource/validator.go.</summary>
/// <param name="Spec">Path of the wanted number, ".spec.replicas".</param>
/// <param name="Status">Path of the number that is there.</param>
/// <param name="Selector">Path of the selector, or empty.</param>
internal sealed record ScaleRules(string Spec, string Status, string Selector)
{
    /// <summary>Those of a version, or null when it cannot be scaled.</summary>
    public static ScaleRules? Of(JsonObject version) =>
        version["subresources"]?["scale"] is JsonObject scale ? new(scale.TextAt("specReplicasPath"), scale.TextAt("statusReplicasPath"), scale.TextAt("labelSelectorPath")) : null;

    public void Validate(JsonObject obj, bool isStatus, FieldErrors errors)
    {
        if (!isStatus)
        {
            Replicas(obj, Spec, errors);
        }

        Replicas(obj, Status, errors);
        if (Selector.Length > 0 && Find(obj, Selector, "string", out _) is { } problem)
        {
            errors.Invalid(Selector, "", problem);
        }
    }

    private static void Replicas(JsonObject obj, string path, FieldErrors errors)
    {
        var problem = Find(obj, path, "int64", out var found);
        var count = problem is null && found is not null ? long.Parse(found.ToString(), CultureInfo.InvariantCulture) : 0;
        problem ??= count < 0 ? "should be a non-negative integer" : count > int.MaxValue ? $"should be less than or equal to {int.MaxValue}" : null;
        if (problem is not null)
        {
            errors.Invalid(path, count, problem);
        }
    }

    /// <summary>Walks a path in Go's way of saying what is wrong with it.</summary>
    private static string? Find(JsonObject obj, string path, string wanted, out JsonNode? found)
    {
        found = obj;
        var names = path.TrimStart('.').Split('.');
        for (var i = 0; i < names.Length; i++)
        {
            if (found is null)
            {
                return null;
            }

            if (found is not JsonObject map)
            {
                return $".{string.Join('.', names[..(i + 1)])} accessor error: {GoValue.Show(found)} is of the type {GoValue.TypeOf(found)}, expected map[string]interface{{}}";
            }

            if (!map.TryGetPropertyValue(names[i], out found))
            {
                return null;
            }
        }

        return GoValue.TypeOf(found) == wanted ? null : $".{string.Join('.', names)} accessor error: {GoValue.Show(found)} is of the type {GoValue.TypeOf(found)}, expected {wanted}";
    }
}

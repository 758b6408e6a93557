using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.Validation;

namespace Kobune.ApiServer.Registry;

/// <summary>The rules that every object's metadata follows. Source: k8s.io/apimachinery, api/validation/objectmeta.go.</summary>
internal static class MetadataValidation
{
    private const int MaxAnnotationBytes = 256 * 1024;

    public static void Create(StoredKind kind, JsonObject metadata, FieldErrors errors)
    {
        GenerateName(kind.Rules.Name, metadata, errors);
        var name = metadata.TextAt("name");
        if (name.Length == 0)
        {
            errors.Required("metadata.name", "name or generateName is required");
        }
        else
        {
            NameErrors(kind.Rules.Name, name, "metadata.name", name, errors);
        }

        Common(metadata, HasStandardFinalizers(kind), errors);
    }

    public static void Update(StoredKind kind, JsonObject metadata, JsonObject old, FieldErrors errors)
    {
        if (old.TextAt("deletionTimestamp").Length > 0)
        {
            var added = metadata.TextsAt("finalizers").Except(old.TextsAt("finalizers")).ToArray();
            if (added.Length > 0)
            {
                errors.Forbidden("metadata.finalizers", $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Order(StringComparer.Ordinal).Select(f => $"\"{f}\""))}}}");
            }
        }

        foreach (var field in (ReadOnlySpan<string>)["name", "namespace", "uid"])
        {
            // The server carries them over, but admission may have changed them since.
            if (metadata.TextAt(field) is var value && value != old.TextAt(field))
            {
                errors.Invalid($"metadata.{field}", value, "field is immutable");
            }
        }

        Common(metadata, HasStandardFinalizers(kind), errors);
    }

    /// <summary>Labels and annotations alone: what a conversion may change.</summary>
    public static void Labels(JsonObject metadata, FieldErrors errors)
    {
        LabelMap(metadata["labels"] as JsonObject, errors);
        Annotations("metadata.annotations", Texts(metadata["annotations"] as JsonObject), errors);
    }

    /// <summary>The metadata of a resource inside another object: its kind is not known, so it may have each name that can stand in a path.</summary>
    public static void Embedded(JsonObject metadata, FieldErrors errors)
    {
        GenerateName(NameRule.PathSegment, metadata, errors);
        NameErrors(NameRule.PathSegment, metadata.TextAt("name"), "metadata.name", metadata.TextAt("name"), errors);
        if (metadata.TextAt("namespace") is { Length: > 0 } ns)
        {
            NameErrors(NameRule.Label, ns, "metadata.namespace", ns, errors);
        }

        Common(metadata, hasStandard: false, errors);
    }

    private static void GenerateName(NameRule rule, JsonObject metadata, FieldErrors errors)
    {
        var generate = metadata.TextAt("generateName");
        if (generate.Length > 0)
        {
            NameErrors(rule, generate.TrimEnd('-') is { Length: > 0 } prefix ? prefix : generate, "metadata.generateName", generate, errors);
        }
    }

    private static bool HasStandardFinalizers(StoredKind kind) => !kind.Schema.IsCustom && kind.Schema.Group is not ("apiextensions.k8s.io" or "apiregistration.k8s.io");

    private static void NameErrors(NameRule rule, string name, string field, string shown, FieldErrors errors)
    {
        var problems = rule switch
        {
            NameRule.Label => NameValidation.Dns1123Label(name),
            NameRule.Service => errors.Features.IsEnabled("RelaxedServiceNameValidation") ? NameValidation.Dns1123Label(name) : NameValidation.Dns1035Label(name),
            NameRule.PathSegment => NameValidation.PathSegmentName(name),
            NameRule.Key => NameValidation.ConfigMapKey(name),
            _ => NameValidation.Dns1123Subdomain(name),
        };
        foreach (var problem in problems)
        {
            errors.Invalid(field, shown, problem);
        }
    }

    private static void Common(JsonObject metadata, bool hasStandard, FieldErrors errors)
    {
        LabelMap(metadata["labels"] as JsonObject, errors);
        Annotations("metadata.annotations", Texts(metadata["annotations"] as JsonObject), errors);
        Finalizers(metadata, hasStandard, errors);
        Owners(metadata["ownerReferences"] as JsonArray, errors);
    }

    private static void LabelMap(JsonObject? labels, FieldErrors errors)
    {
        foreach (var (key, _) in labels ?? [])
        {
            foreach (var problem in NameValidation.QualifiedName(key))
            {
                errors.Invalid("metadata.labels", key, problem);
            }

            var value = labels.TextAt(key);
            foreach (var problem in NameValidation.LabelValue(value))
            {
                errors.Invalid("metadata.labels", value, problem);
            }
        }
    }

    private static IEnumerable<(string Key, string Value)> Texts(JsonObject? annotations) => (annotations ?? []).Select(a => (a.Key, annotations.TextAt(a.Key)));

    /// <summary>Names and size of annotations, wherever they are: of an object, and of a template.</summary>
    public static void Annotations(string path, IEnumerable<(string Key, string Value)> annotations, FieldErrors errors)
    {
        var size = 0;
        foreach (var (key, value) in annotations)
        {
            foreach (var problem in NameValidation.QualifiedName(key.ToLowerInvariant()))
            {
                errors.Invalid(path, key, problem);
            }

            size += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value);
        }

        if (size > MaxAnnotationBytes)
        {
            errors.TooLong(path, MaxAnnotationBytes);
        }
    }

    /// <summary><paramref name="hasStandard"/>: the kinds of Kubernetes itself know their own finalizers, other kinds may have any.</summary>
    private static void Finalizers(JsonObject metadata, bool hasStandard, FieldErrors errors)
    {
        var finalizers = metadata.TextsAt("finalizers").ToArray();
        foreach (var problem in finalizers.SelectMany(f => NameValidation.QualifiedName(f).Select(p => (Finalizer: f, Text: p))))
        {
            errors.Invalid("metadata.finalizers", problem.Finalizer, problem.Text);
        }

        if (finalizers.Contains("orphan") && finalizers.Contains("foregroundDeletion"))
        {
            errors.Invalid("metadata.finalizers", metadata["finalizers"], "finalizer orphan and foregroundDeletion cannot be both set");
        }

        for (var i = 0; hasStandard && i < finalizers.Length; i++)
        {
            if (!finalizers[i].Contains('/', StringComparison.Ordinal) && finalizers[i] is not ("orphan" or "foregroundDeletion" or "kubernetes"))
            {
                errors.Invalid($"metadata.finalizers[{i}]", finalizers[i], "name is neither a standard finalizer name nor is it fully qualified");
            }
        }
    }

    private static void Owners(JsonArray? owners, FieldErrors errors)
    {
        string? controller = null;
        for (var i = 0; i < (owners?.Count ?? 0); i++)
        {
            var owner = owners![i] as JsonObject;
            var path = "metadata.ownerReferences";
            if (!HasVersion(owner.TextAt("apiVersion")))
            {
                errors.Invalid($"{path}.apiVersion", owner.TextAt("apiVersion"), "version must not be empty");
            }

            foreach (var (name, text) in new[] { ("kind", "must not be empty"), ("name", "must not be empty"), ("uid", "must not be empty") })
            {
                if (owner.TextAt(name).Length == 0)
                {
                    errors.Invalid($"{path}.{name}", "", text);
                }
            }

            if (owner.TextAt("apiVersion") == "v1" && owner.TextAt("kind") == "Event")
            {
                errors.Invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner");
            }

            if (owner?["controller"] is JsonValue flag && flag.TryGetValue<bool>(out var isController) && isController)
            {
                if (controller is not null)
                {
                    errors.Invalid(path, owners, $"Only one reference can have Controller set to true. Found \"true\" in references for {controller} and {owner.TextAt("kind")}/{owner.TextAt("name")}");
                }

                controller ??= $"{owner.TextAt("kind")}/{owner.TextAt("name")}";
            }
        }
    }

    // What upstream cannot take apart has no version: a group without one, and more than one slash.
    private static bool HasVersion(string apiVersion) =>
        apiVersion.Length > 0 && apiVersion[^1] != '/' && apiVersion.AsSpan().Count('/') <= 1;
}

using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Core;

/// <summary>Namespaces.</summary>
internal sealed class NamespaceStrategy : KindStrategy
{
    private const string NameLabel = "kubernetes.io/metadata.name";
    private const string Finalizer = "kubernetes";

    public override (string Group, string Resource) Resource => ("", "namespaces");

    public override void ApplyDefaults(JsonObject obj)
    {
        if (obj.Child("metadata").Text("name") is { Length: > 0 } name)
        {
            obj.Need("metadata").Need("labels")[NameLabel] = name;
        }

        obj.Need("status").DefaultEmpty("phase", NamespacePhase.Active);
    }

    public override void PrepareForCreate(StrategyContext context, JsonObject obj)
    {
        ApplyDefaults(obj); // a generated name is known only now
        obj["status"] = new JsonObject { ["phase"] = NamespacePhase.Active };
        if (!obj.Need("spec").Texts("finalizers").Contains(Finalizer))
        {
            obj.Need("spec").NeedArray("finalizers").Add((JsonNode)JsonValue.Create(Finalizer));
        }
    }

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        foreach (var finalizer in obj.Read<Namespace>().Spec.Finalizers)
        {
            Finalizing(finalizer, "spec.finalizers", errors);
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var now = obj.Read<Namespace>();
        if (subresource == "finalize")
        {
            for (var i = 0; i < now.Spec.Finalizers.Count; i++)
            {
                Finalizing(now.Spec.Finalizers[i], $"spec.finalizers[{i}]", errors);
            }
        }
        else if (subresource == "status")
        {
            var (phase, text) = now.Metadata.DeletionTimestamp is null
                ? (NamespacePhase.Active, "may only be 'Active' if `deletionTimestamp` is empty")
                : (NamespacePhase.Terminating, "may only be 'Terminating' if `deletionTimestamp` is not empty");
            if (now.Status.Phase != phase)
            {
                errors.Invalid("status.Phase", now.Status.Phase, text);
            }
        }
    }

    private static void Finalizing(string name, string path, FieldErrors errors)
    {
        errors.Names(path, name, NameValidation.QualifiedName(name));
        if (!name.Contains('/', StringComparison.Ordinal) && name is not (Finalizer or "orphan" or "foregroundDeletion"))
        {
            errors.Invalid(path, name, "name is neither a standard finalizer name nor is it fully qualified");
        }
    }
}

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
        var finalizers = obj.Read<Namespace>().Spec.Finalizers;
        for (var i = 0; i < finalizers.Count; i++)
        {
            errors.Names("spec.finalizers", finalizers[i], NameValidation.QualifiedName(finalizers[i]));
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var now = obj.Read<Namespace>();
        if (subresource == "finalize")
        {
            Validate(obj, errors);
        }
        else if (subresource == "status" && (now.Metadata.DeletionTimestamp is null) == (now.Status.Phase == NamespacePhase.Terminating))
        {
            errors.Invalid("status.Phase", now.Status.Phase, now.Metadata.DeletionTimestamp is null ? "may only be 'Active' if `deletionTimestamp` is empty" : "may only be 'Terminating' if `deletionTimestamp` is not empty");
        }
    }
}

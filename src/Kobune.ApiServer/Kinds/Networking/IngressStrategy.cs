using Kobune.Api;
using Kobune.Api.Features;
using Kobune.Api.Networking.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Networking;

/// <summary>Ingresses.</summary>
internal sealed class IngressStrategy : KindStrategy
{
    private const string ClassAnnotation = "kubernetes.io/ingress.class";

    public override (string Group, string Resource) Resource => ("networking.k8s.io", "ingresses");

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var ingress = obj.Read<Ingress>();
        IngressRules.Validate(ingress.Spec, null, errors);
        if (ingress.Spec.IngressClassName is { } name && ingress.Metadata.Annotations.TryGetValue(ClassAnnotation, out var old) && old != name)
        {
            errors.Invalid($"annotations.{ClassAnnotation}", old, "must match `ingressClassName` when both are specified");
        }
    }

    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features) =>
        old is null && obj.Read<Ingress>().Metadata.Annotations.ContainsKey(ClassAnnotation) ? [$"annotation \"{ClassAnnotation}\" is deprecated, please use 'spec.ingressClassName' instead"] : [];

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        if (subresource == "status")
        {
            IngressRules.Status(obj.Read<Ingress>().Status, old.Read<Ingress>().Status, errors);
        }
        else
        {
            IngressRules.Validate(obj.Read<Ingress>().Spec, old.Read<Ingress>().Spec, errors);
        }
    }
}

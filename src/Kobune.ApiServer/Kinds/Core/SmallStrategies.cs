using Kobune.Api;
using Kobune.Api.Coordination.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Core;

/// <summary>Service accounts.</summary>
internal sealed class ServiceAccountStrategy : KindStrategy
{
    private const string Enforce = "kubernetes.io/enforce-mountable-secrets";

    public override (string Group, string Resource) Resource => ("", "serviceaccounts");

    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features) =>
        obj.Read<ServiceAccount>().Metadata.Annotations.ContainsKey(Enforce) && old?.Read<ServiceAccount>().Metadata.Annotations.ContainsKey(Enforce) != true
            ? [$"metadata.annotations[{Enforce}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets"]
            : [];
}

/// <summary>Leases.</summary>
internal sealed class LeaseStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("coordination.k8s.io", "leases");

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var spec = obj.Read<Lease>().Spec;
        errors.Positive("spec.leaseDurationSeconds", spec.LeaseDurationSeconds);
        errors.NonNegative("spec.leaseTransitions", spec.LeaseTransitions);
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors) => Validate(obj, errors);
}

/// <summary>Events, of both groups; kept in the old form.</summary>
internal sealed class EventStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("", "events");

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var item = obj.Read<Event>();
        var space = item.InvolvedObject.Namespace;

        // Events about objects without a namespace lie in default (or in none). Those of the new form may lie beside their object.
        var isAstray = item.EventTime is null
            ? space.Length == 0 ? item.Metadata.Namespace is not ("" or "default") : item.Metadata.Namespace != space
            : space.Length == 0 && item.Metadata.Namespace is not ("default" or "kube-system");
        if (isAstray)
        {
            errors.Invalid("involvedObject.namespace", space, "does not match event.namespace");
        }

        if (item.EventTime is null)
        {
            return;
        }

        errors.RequiredName("reportingComponent", item.ReportingController, NameValidation.QualifiedName);
        errors.RequiredName("reportingInstance", item.ReportingInstance);
        errors.RequiredName("action", item.Action);
        errors.RequiredName("reason", item.Reason);
        if (item.ReportingInstance.Length > 128)
        {
            errors.Invalid("reportingInstance", "", "can have at most 128 characters");
        }

        if (item.Message.Length > 1024)
        {
            errors.Invalid("message", "", "can have at most 1024 characters");
        }
    }
}

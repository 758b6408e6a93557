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
        if (spec.Strategy is { } strategy)
        {
            Strategy(strategy, "spec.strategy.strategy", errors); // upstream appends the name to the field's own path
        }

        if (!string.IsNullOrEmpty(spec.PreferredHolder) && string.IsNullOrEmpty(spec.Strategy))
        {
            errors.Forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined");
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors) => Validate(obj, errors);

    internal static void Strategy(string strategy, string path, FieldErrors errors)
    {
        if (strategy.Contains('/', StringComparison.Ordinal))
        {
            errors.Names(path, strategy, NameValidation.QualifiedName(strategy));
        }
        else if (strategy != CoordinatedLeaseStrategy.OldestEmulationVersion)
        {
            errors.NotSupported(path, strategy, [CoordinatedLeaseStrategy.OldestEmulationVersion]);
        }
    }
}

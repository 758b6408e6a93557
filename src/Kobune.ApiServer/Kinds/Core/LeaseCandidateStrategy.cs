using Kobune.Api;
using Kobune.Api.Coordination.V1;
using Kobune.Api.Coordination.V1Beta1;
using Kobune.ApiServer.Registry;
using Kobune.Cel;

namespace Kobune.ApiServer.Kinds.Core;

/// <summary>Who would lead, of components of different versions. Source: k8s.io/kubernetes, pkg/apis/coordination/validation.</summary>
internal sealed class LeaseCandidateStrategy : KindStrategy
{
    private const string NoVersion = "must be a valid semantic version";

    public override (string Group, string Resource) Resource => ("coordination.k8s.io", "leasecandidates");

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var spec = obj.Read<LeaseCandidate>().Spec;
        errors.RequiredName("spec.leaseName", spec.LeaseName);
        var emulated = SemanticVersion.Parse(spec.EmulationVersion);
        if (spec.EmulationVersion.Length > 0 && emulated is null)
        {
            errors.Invalid("spec.emulationVersion", spec.EmulationVersion, NoVersion);
        }

        var binary = SemanticVersion.Parse(spec.BinaryVersion);
        errors.RequiredName("spec.binaryVersion", spec.BinaryVersion);
        if (spec.BinaryVersion.Length > 0 && binary is null)
        {
            errors.Invalid("spec.binaryVersion", spec.BinaryVersion, NoVersion);
        }

        // What cannot be read counts as 0.0.0.
        if (spec.BinaryVersion.Length > 0 && spec.EmulationVersion.Length > 0 && (binary ?? SemanticVersion.Zero).CompareTo(emulated ?? SemanticVersion.Zero) < 0)
        {
            errors.Invalid("spec.binaryVersion", spec.BinaryVersion, "must be greater than or equal to `emulationVersion`");
        }

        if (spec.Strategy.Length == 0)
        {
            errors.Required("spec.strategy", "");
            return;
        }

        if (spec.Strategy == CoordinatedLeaseStrategy.OldestEmulationVersion && (emulated ?? SemanticVersion.Zero).CompareTo(SemanticVersion.Zero) == 0)
        {
            errors.Required("spec.emulationVersion", "must be specified when `strategy` is 'OldestEmulationVersion'");
        }

        LeaseStrategy.Strategy(spec.Strategy, "spec.strategy.strategy", errors); // upstream appends the name to the field's own path
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        Validate(obj, errors);
        errors.Same("spec.leaseName", obj.Read<LeaseCandidate>().Spec.LeaseName, old.Read<LeaseCandidate>().Spec.LeaseName);
    }
}

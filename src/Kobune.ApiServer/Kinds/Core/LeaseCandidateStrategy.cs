using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Kobune.Api;
using Kobune.Api.Coordination.V1Beta1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Core;

/// <summary>Those who would hold a lease. Source: pkg/apis/coordination/validation, ValidateLeaseCandidateSpec.</summary>
internal sealed partial class LeaseCandidateStrategy : KindStrategy
{
    private const string NoVersion = "must be a valid semantic version";

    public override (string Group, string Resource) Resource => ("coordination.k8s.io", "leasecandidates");

    public override void Validate(EncodedObject obj, FieldErrors errors) => Validate(obj.Read<LeaseCandidate>().Spec, errors);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<LeaseCandidate>().Spec, old.Read<LeaseCandidate>().Spec);
        Validate(now, errors);
        errors.Same("spec.leaseName", now.LeaseName, before.LeaseName);
    }

    private static void Validate(LeaseCandidateSpec spec, FieldErrors errors)
    {
        if (spec.LeaseName.Length == 0)
        {
            errors.Required("spec.leaseName", "");
        }

        var emulated = Version(spec.EmulationVersion, "spec.emulationVersion", errors);
        if (spec.BinaryVersion.Length == 0)
        {
            errors.Required("spec.binaryVersion", "");
        }

        var binary = Version(spec.BinaryVersion, "spec.binaryVersion", errors);
        if (spec.BinaryVersion.Length > 0 && spec.EmulationVersion.Length > 0 && binary.CompareTo(emulated) < 0)
        {
            errors.Invalid("spec.binaryVersion", spec.BinaryVersion, "must be greater than or equal to `emulationVersion`");
        }

        if (spec.Strategy.Length == 0)
        {
            errors.Required("spec.strategy", "");
            return;
        }

        if (spec.Strategy == "OldestEmulationVersion" && emulated == default)
        {
            errors.Required("spec.emulationVersion", "must be specified when `strategy` is 'OldestEmulationVersion'");
        }

        LeaseStrategy.Strategy(spec.Strategy, "spec.strategy.strategy", errors); // upstream appends the name to the field's own path
    }

    /// <summary>The version; zero when it is none or wrong. A version before another ("1.2.0-rc.1") is less than that.</summary>
    private static (BigInteger Major, BigInteger Minor, BigInteger Patch, int IsWhole) Version(string text, string path, FieldErrors errors)
    {
        if (text.Length == 0)
        {
            return default;
        }

        if (Semantic().Match(text) is not { Success: true } match)
        {
            errors.Invalid(path, text, NoVersion);
            return default;
        }

        return (Number(1), Number(2), Number(3), match.Groups[4].Success ? -1 : 0);

        BigInteger Number(int group) => BigInteger.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Semantic();
}

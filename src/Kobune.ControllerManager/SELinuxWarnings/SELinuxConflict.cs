using Kobune.Client;

namespace Kobune.ControllerManager.SELinuxWarnings;

/// <summary>A pod that cannot have a volume on the same node as another one. Source: pkg/controller/volume/selinuxwarning/cache/conflict.go.</summary>
/// <param name="Property">SELinuxLabel or SELinuxChangePolicy.</param>
/// <param name="Pod">The pod that is told.</param>
/// <param name="Value">What it has.</param>
/// <param name="Other">The other pod.</param>
/// <param name="OtherValue">What that one has.</param>
internal sealed record SELinuxConflict(string Property, ObjectKey Pod, string Value, ObjectKey Other, string OtherValue)
{
    private const string Consequence = "If both pods land on the same node, only one of them may access the volume.";

    /// <summary>Of the Event.</summary>
    public string Reason => Property + "Conflict";

    /// <summary>Of the Event. A pod of another namespace is not named; upstream has no space after the property then.</summary>
    public string Message => Pod.Namespace == Other.Namespace
        ? $"{Property} \"{Value}\" conflicts with pod {Other.Name} that uses the same volume as this pod with {Property} \"{OtherValue}\". {Consequence}"
        : $"{Property}\"{Value}\" conflicts with another pod that uses the same volume as this pod with a different {Property}. {Consequence}";

    /// <summary>The same as the other pod is told.</summary>
    public SELinuxConflict Reversed => new(Property, Other, OtherValue, Pod, Value);
}

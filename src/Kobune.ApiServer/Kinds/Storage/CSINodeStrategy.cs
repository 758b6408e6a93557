using Kobune.Api;
using Kobune.Api.Storage.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>The CSI drivers of nodes. Source: pkg/apis/storage/validation, ValidateCSINode.</summary>
internal sealed class CSINodeStrategy : KindStrategy
{
    private const int MaxNodeId = 192;

    public override (string Group, string Resource) Resource => ("storage.k8s.io", "csinodes");

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var drivers = obj.Read<CSINode>().Spec.Drivers;
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < drivers.Count; i++)
        {
            var (driver, path) = (drivers[i], $"spec.drivers[{i}]");
            VolumeSourceRules.DriverName(driver.Name, path + ".name", errors);
            if (driver.NodeID.Length == 0)
            {
                errors.Required(path + ".nodeID", "");
            }

            if (driver.NodeID.Length > MaxNodeId)
            {
                errors.Invalid(path + ".nodeID", driver.NodeID, $"must be {MaxNodeId} characters or less");
            }

            errors.NonNegative(path + ".allocatable.count", driver.Allocatable?.Count);
            if (!names.Add(driver.Name))
            {
                errors.Duplicate(path + ".name", driver.Name);
            }

            Keys(driver.TopologyKeys, path, errors);
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        Validate(obj, errors);
        Validate(obj, errors); // upstream looks twice
        var mayCount = errors.Features.IsEnabled("MutableCSINodeAllocatableCount");
        foreach (var before in old.Read<CSINode>().Spec.Drivers)
        {
            foreach (var driver in obj.Read<CSINode>().Spec.Drivers.Where(d => d.Name == before.Name))
            {
                errors.Same("spec.drivers", mayCount ? driver with { Allocatable = null } : driver, mayCount ? before with { Allocatable = null } : before);
            }
        }
    }

    private static void Keys(IReadOnlyList<string> keys, string path, FieldErrors errors)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            if (key.Length == 0)
            {
                errors.Required(path, "");
            }

            if (!known.Add(key))
            {
                errors.Duplicate(path, key);
            }

            errors.Names(path, key, NameValidation.QualifiedName(key));
        }
    }
}

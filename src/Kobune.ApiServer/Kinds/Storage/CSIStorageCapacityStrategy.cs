using Kobune.Api;
using Kobune.Api.Storage.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>How much a class can still make somewhere. Source: pkg/apis/storage/validation, ValidateCSIStorageCapacity.</summary>
internal sealed class CSIStorageCapacityStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("storage.k8s.io", "csistoragecapacities");

    public override void Validate(EncodedObject obj, FieldErrors errors) => Validate(obj.Read<CSIStorageCapacity>(), anyValues: false, errors);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<CSIStorageCapacity>(), old.Read<CSIStorageCapacity>());
        Validate(now, FieldRules.HasInvalidValue(before.NodeTopology), errors);
        errors.Same("nodeTopology", now.NodeTopology, before.NodeTopology);
        errors.Same("storageClassName", now.StorageClassName, before.StorageClassName);
    }

    private static void Validate(CSIStorageCapacity item, bool anyValues, FieldErrors errors)
    {
        errors.Selector("nodeTopology", item.NodeTopology, anyValues);
        errors.Names("storageClassName", item.StorageClassName, NameValidation.Dns1123Subdomain(item.StorageClassName));
        if (item.Capacity is { } capacity)
        {
            errors.NonNegative("capacity", capacity);
        }
    }
}

using Kobune.Api;
using Kobune.Api.Storage.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>Attributes that volumes may be given later. Source: pkg/apis/storage/validation, ValidateVolumeAttributesClass.</summary>
internal sealed class VolumeAttributesClassStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("storage.k8s.io", "volumeattributesclasses");

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var item = obj.Read<VolumeAttributesClass>();
        StorageParameters.Provisioner(item.DriverName, "driverName", errors);
        StorageParameters.Validate(item.Parameters, errors);
        if (item.Parameters.Count == 0)
        {
            errors.Required("parameters", "must contain at least one key/value pair");
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        Validate(obj, errors); // upstream looks before and after
        var (now, before) = (obj.Read<VolumeAttributesClass>(), old.Read<VolumeAttributesClass>());
        if (now.DriverName != before.DriverName)
        {
            errors.Forbidden("driverName", "updates to driverName are forbidden.");
        }

        if (now with { Parameters = before.Parameters } != now)
        {
            errors.Forbidden("parameters", "updates to parameters are forbidden.");
        }

        Validate(obj, errors);
    }
}

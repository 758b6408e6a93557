using Kobune.Api;
using Kobune.Api.Resource.V1Beta2;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Resource;

/// <summary>Taints that an administrator gives devices. Source: k8s.io/kubernetes, pkg/apis/resource/validation.</summary>
internal sealed class DeviceTaintRuleStrategy : KindStrategy
{
    private const int MostConditions = 8;

    public override (string Group, string Resource) Resource => ("resource.k8s.io", "devicetaintrules");

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var spec = obj.Read<DeviceTaintRule>().Spec;
        if (spec.DeviceSelector?.Driver is { } driver)
        {
            DeviceRules.Driver(errors, "spec.deviceSelector.driver", driver);
        }

        if (spec.DeviceSelector?.Pool is { } pool)
        {
            DeviceRules.Pool(errors, "spec.deviceSelector.pool", pool);
        }

        if (spec.DeviceSelector?.Device is { } device)
        {
            DeviceRules.Label(errors, "spec.deviceSelector.device", device);
        }

        DeviceRules.Taint(errors, "spec.taint", new() { Key = spec.Taint.Key, Value = spec.Taint.Value, Effect = spec.Taint.Effect });
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        if (subresource != "status")
        {
            Validate(obj, errors);
            return;
        }

        var conditions = obj.Read<DeviceTaintRule>().Status.Conditions;
        ConditionRules.Validate(conditions, "status.conditions", errors);
        if (conditions.Count > MostConditions)
        {
            errors.TooMany("status.conditions", conditions.Count, MostConditions);
        }
    }
}

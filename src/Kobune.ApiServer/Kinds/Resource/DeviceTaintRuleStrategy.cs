using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Resource.V1Beta2;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Resource;

/// <summary>Taints that an administrator gives devices. Source: k8s.io/kubernetes, pkg/apis/resource/validation.</summary>
internal sealed class DeviceTaintRuleStrategy : KindStrategy
{
    private const int MostConditions = 8;

    public override (string Group, string Resource) Resource => ("resource.k8s.io", "devicetaintrules");

    public override void PrepareForCreate(StrategyContext context, JsonObject obj) => Stamp(context, obj);

    public override void PrepareForUpdate(StrategyContext context, JsonObject obj, JsonObject old, string subresource)
    {
        if (subresource == "status" || obj.Child("spec")?.Child("taint") is not { } taint)
        {
            return;
        }

        // Another effect counts from now, unless the user says from when.
        var before = old.Child("spec")?.Child("taint");
        if (taint.Text("effect") != before?.Text("effect") && taint.Text("timeAdded") == before?.Text("timeAdded"))
        {
            taint.Remove("timeAdded");
        }

        Stamp(context, obj);
    }

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

    /// <summary>A taint counts from when it was first seen.</summary>
    private static void Stamp(StrategyContext context, JsonObject obj) =>
        obj.Child("spec")?.Child("taint")?.DefaultEmpty("timeAdded", ObjectTree.Rfc3339(context.Time.GetUtcNow()));
}

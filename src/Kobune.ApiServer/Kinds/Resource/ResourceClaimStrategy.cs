using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Resource;

/// <summary>Claims of devices. Their spec never changes, and what was allocated stays until it is given back as a whole.</summary>
internal sealed class ResourceClaimStrategy : KindStrategy
{
    private const int MostConsumers = 256;

    public override (string Group, string Resource) Resource => ("resource.k8s.io", "resourceclaims");

    public override void ApplyDefaults(JsonObject obj) => DeviceClaimRules.ApplyDefaults(obj.Child("spec"));

    public override void PrepareForCreate(StrategyContext context, JsonObject obj)
    {
        ApplyDefaults(obj); // older versions say it in another form
        DeviceClaimRules.CheckAdminAccess(context, obj, obj.Child("spec"), "ResourceClaim");
    }

    public override void PrepareForUpdate(StrategyContext context, JsonObject obj, JsonObject old, string subresource)
    {
        var results = obj.Child("status", "allocation").Child("devices").Items("results").ToArray();
        var at = Array.FindIndex(results, r => r.Flag("adminAccess") == true);
        if (subresource == "status" && at >= 0 && !old.Child("status").Has("allocation"))
        {
            DeviceClaimRules.Refuse(context, obj, "ResourceClaim", $"status.allocation.devices.results[{at}].adminAccess");
        }
    }

    public override void Validate(EncodedObject obj, FieldErrors errors) => DeviceClaimRules.Check(errors, "spec.devices", obj.Read<ResourceClaim>().Spec.Devices);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<ResourceClaim>(), old.Read<ResourceClaim>());
        if (subresource == "status")
        {
            Status(errors, now, before);
        }
        else
        {
            errors.Same("spec", now.Spec, before.Spec);
        }
    }

    private static void Status(FieldErrors errors, ResourceClaim now, ResourceClaim before)
    {
        var (status, known) = (now.Status, before.Status);
        DeviceRules.List(errors, "status.reservedFor", status.ReservedFor, MostConsumers, (at, consumer) =>
        {
            errors.RequiredName(at + ".resource", consumer.Resource);
            errors.RequiredName(at + ".name", consumer.Name);
            errors.RequiredName(at + ".uid", consumer.Uid);
        }, c => c.Uid);
        DeviceStatusRules.Check(errors, status);

        if (status.ReservedFor.Count > 0 && status.Allocation is null)
        {
            errors.Forbidden("status.reservedFor", "may not be specified when `allocated` is not set");
        }
        else if (now.Metadata.DeletionTimestamp is not null && status.ReservedFor.Except(known.ReservedFor).Any())
        {
            errors.Forbidden("status.reservedFor", "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set");
        }

        if (status.Allocation is { } allocation && known.Allocation is { } first)
        {
            errors.Same("status.allocation", allocation, first);
        }
        else if (status.Allocation is { } made)
        {
            Allocation(errors, made, now.Spec.Devices);
        }
    }

    private static void Allocation(FieldErrors errors, AllocationResult allocation, DeviceClaim claim)
    {
        const string Path = "status.allocation.devices";
        DeviceRules.List(errors, Path + ".results", allocation.Devices.Results, DeviceRules.Most, (at, result) =>
        {
            DeviceClaimRules.Reference(errors, at + ".request", result.Request, claim);
            DeviceRules.Driver(errors, at + ".driver", result.Driver);
            DeviceRules.Pool(errors, at + ".pool", result.Pool);
            DeviceRules.Label(errors, at + ".device", result.Device);
            DeviceRules.Conditions(errors, at, result.BindingConditions, result.BindingFailureConditions);
            DeviceStatusRules.ShareID(errors, at + ".shareID", result.ShareID);
        });
        DeviceRules.List(errors, Path + ".config", allocation.Devices.Config, 2 * DeviceRules.Most, (at, config) =>
        {
            errors.OneOf(at + ".source", config.Source, "FromClaim", "FromClass");
            DeviceRules.List(errors, at + ".requests", config.Requests, DeviceRules.Most, (place, name) => DeviceClaimRules.Reference(errors, place, name, claim), n => n);
            DeviceRules.Opaque(errors, at, config.Opaque);
        });
        if (allocation.NodeSelector is { } nodes)
        {
            SchedulingValidation.Selector(nodes, "status.allocation.nodeSelector", errors);
        }
    }
}

/// <summary>Templates of claims, which never change.</summary>
internal sealed class ResourceClaimTemplateStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("resource.k8s.io", "resourceclaimtemplates");

    public override void ApplyDefaults(JsonObject obj) => DeviceClaimRules.ApplyDefaults(obj.Child("spec", "spec"));

    public override void PrepareForCreate(StrategyContext context, JsonObject obj)
    {
        ApplyDefaults(obj);
        DeviceClaimRules.CheckAdminAccess(context, obj, obj.Child("spec", "spec"), "ResourceClaimTemplate");
    }

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var spec = obj.Read<ResourceClaimTemplate>().Spec;
        errors.Labels("spec.metadata.labels", spec.Metadata.Labels);
        DeviceClaimRules.Check(errors, "spec.spec.devices", spec.Spec.Devices);
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors) =>
        errors.Same("spec", obj.Read<ResourceClaimTemplate>().Spec, old.Read<ResourceClaimTemplate>().Spec);
}

/// <summary>Classes of devices.</summary>
internal sealed class DeviceClassStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("resource.k8s.io", "deviceclasses");

    public override void Validate(EncodedObject obj, FieldErrors errors) => Check(obj.Read<DeviceClass>().Spec, null, errors);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors) =>
        Check(obj.Read<DeviceClass>().Spec, old.Read<DeviceClass>().Spec, errors);

    /// <summary>What is stored was valid once, and stays.</summary>
    private static void Check(DeviceClassSpec spec, DeviceClassSpec? before, FieldErrors errors)
    {
        if (before is null || !spec.Selectors.SequenceEqual(before.Selectors))
        {
            DeviceRules.Selectors(errors, "spec.selectors", spec.Selectors);
        }

        if (before is null || !spec.Config.SequenceEqual(before.Config))
        {
            DeviceRules.List(errors, "spec.config", spec.Config, DeviceRules.Most, (at, config) => DeviceRules.Opaque(errors, at, config.Opaque));
        }

        if (spec.ExtendedResourceName is { } name && !ExtendedResources.IsExtended(name))
        {
            errors.Invalid("spec.extendedResourceName", name, "must be a valid extended resource name");
        }
    }
}

using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Resource.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Resource;

/// <summary>What drivers publish: devices, or counters that devices share.</summary>
internal sealed class ResourceSliceStrategy : KindStrategy
{
    private const string Selection = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
    private const int MaxDevices = 128;
    private const int MaxAdvancedDevices = 64;
    private const int MaxCounterSets = 8;

    public override (string Group, string Resource) Resource => ("resource.k8s.io", "resourceslices");

    public override void PrepareForCreate(StrategyContext context, JsonObject obj) => StampTaints(context, obj);

    public override void PrepareForUpdate(StrategyContext context, JsonObject obj, JsonObject old, string subresource) => StampTaints(context, obj);

    public override void Validate(EncodedObject obj, FieldErrors errors) => Check(obj.Read<ResourceSlice>().Spec, null, errors);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors) =>
        Check(obj.Read<ResourceSlice>().Spec, old.Read<ResourceSlice>().Spec, errors);

    /// <summary>A taint counts from when it was first seen.</summary>
    private static void StampTaints(StrategyContext context, JsonObject obj)
    {
        foreach (var taint in obj.Child("spec").Items("devices").SelectMany(d => d.Items("taints")))
        {
            taint.DefaultEmpty("timeAdded", ObjectTree.Rfc3339(context.Time.GetUtcNow()));
        }
    }

    private static void Check(ResourceSliceSpec spec, ResourceSliceSpec? before, FieldErrors errors)
    {
        DeviceRules.Driver(errors, "spec.driver", spec.Driver);
        DeviceRules.Pool(errors, "spec.pool.name", spec.Pool.Name);
        if (spec.Pool.ResourceSliceCount <= 0)
        {
            errors.Invalid("spec.pool.resourceSliceCount", spec.Pool.ResourceSliceCount, "must be greater than zero");
        }

        if (spec.Pool.Generation < 0)
        {
            errors.Invalid("spec.pool.generation", spec.Pool.Generation, "must be greater than or equal to zero");
        }

        if (before is not null)
        {
            errors.Same("spec.pool.name", spec.Pool.Name, before.Pool.Name);
            errors.Same("spec.driver", spec.Driver, before.Driver);
            errors.Same("spec.nodeName", spec.NodeName, before.NodeName);
        }

        Nodes(spec, errors);
        if (spec.SharedCounters.Count > 0 && spec.Devices.Count > 0)
        {
            errors.Invalid("spec", "", "only one of `sharedCounters` or `devices` is allowed");
        }

        var most = spec.Devices.Any(d => d.Taints.Count > 0 || d.ConsumesCounters.Count > 0) ? MaxAdvancedDevices : MaxDevices;
        DeviceRules.List(errors, "spec.devices", spec.Devices, most, (at, device) => DeviceDescriptionRules.Check(errors, at, device, before?.Devices.FirstOrDefault(d => d.Name == device.Name), spec.PerDeviceNodeSelection == true), d => d.Name);
        DeviceRules.List(errors, "spec.sharedCounters", spec.SharedCounters, MaxCounterSets, (at, set) =>
        {
            errors.RequiredName(at + ".name", set.Name, NameValidation.Dns1123Label);
            DeviceDescriptionRules.Counters(errors, at + ".counters", set.Counters);
        }, s => s.Name);
    }

    private static void Nodes(ResourceSliceSpec spec, FieldErrors errors)
    {
        var set = new List<string>();
        if (spec.NodeName is { } name)
        {
            if (name.Length == 0)
            {
                errors.Invalid("spec.nodeName", name, "must be either unset or set to a non-empty string");
            }
            else
            {
                set.Add("`nodeName`");
                errors.Names("spec.nodeName", name, NameValidation.Dns1123Subdomain(name));
            }
        }

        if (spec.NodeSelector is { } selector)
        {
            set.Add("`nodeSelector`");
            SchedulingValidation.Selector(selector, "spec.nodeSelector", errors);
            if (selector.NodeSelectorTerms.Count != 1)
            {
                errors.Invalid("spec.nodeSelector.nodeSelectorTerms", selector.NodeSelectorTerms, "must have exactly one node selector term");
            }
        }

        Flag("allNodes", spec.AllNodes);
        Flag("perDeviceNodeSelection", spec.PerDeviceNodeSelection);
        if (set.Count == 0)
        {
            errors.Required("spec", Selection);
        }
        else if (set.Count > 1)
        {
            errors.Invalid("spec", $"{{{string.Join(", ", set)}}}", Selection + ", but multiple fields are set");
        }

        void Flag(string field, bool? value)
        {
            if (value == true)
            {
                set.Add($"`{field}`");
            }
            else if (value == false)
            {
                errors.Invalid("spec." + field, value, "must be either unset or set to true");
            }
        }
    }
}

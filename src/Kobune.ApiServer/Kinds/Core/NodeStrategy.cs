using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Validation;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Core;

/// <summary>Nodes.</summary>
internal sealed class NodeStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("", "nodes");

    public override void ApplyDefaults(JsonObject obj)
    {
        if (obj.Child("status") is { } status && status.Child("capacity") is { } capacity && !status.Has("allocatable"))
        {
            status["allocatable"] = capacity.DeepClone();
        }

        if (obj.Child("spec") is { } spec)
        {
            FirstRange(spec);
        }
    }

    public override void Validate(EncodedObject obj, FieldErrors errors) => Validate(obj.Read<Node>(), errors);

    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features)
    {
        var spec = obj.Read<Node>().Spec;
        return
        [
            .. spec.ConfigSource is null ? (string[])[] : ["spec.configSource: the feature is removed"],
            .. spec.DoNotUseExternalID.Length == 0 ? (string[])[] : ["spec.externalID: this field is deprecated, and is unused by Kubernetes"],
        ];
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<Node>(), old.Read<Node>());
        Validate(now, errors);
        var addresses = new HashSet<NodeAddress>();
        for (var i = 0; i < now.Status.Addresses.Count; i++)
        {
            if (!addresses.Add(now.Status.Addresses[i]))
            {
                errors.Duplicate($"status.addresses[{i}]", now.Status.Addresses[i]);
            }
        }

        if (before.Spec.PodCIDRs.Count > 0 && !before.Spec.PodCIDRs.SequenceEqual(now.Spec.PodCIDRs))
        {
            errors.Forbidden("spec.podCIDRs", "node updates may not change podCIDR except from \"\" to valid");
        }

        if (before.Spec.ProviderID.Length > 0 && before.Spec.ProviderID != now.Spec.ProviderID)
        {
            errors.Forbidden("spec.providerID", "node updates may not change providerID except from \"\" to valid");
        }
    }

    // Inside, upstream has the list alone: the single field decides where both are given and differ, and follows the list else.
    private static void FirstRange(JsonObject spec)
    {
        var (one, list) = (spec.Text("podCIDR"), spec.Array("podCIDRs"));
        if (one.Length > 0 && (list is not { Count: > 0 } || list[0]?.ToString() != one))
        {
            spec["podCIDRs"] = new JsonArray(one);
        }
        else if (one.Length == 0 && list is { Count: > 0 })
        {
            spec["podCIDR"] = list[0]?.DeepClone();
        }
    }

    private static void Validate(Node node, FieldErrors errors)
    {
        for (var i = 0; i < node.Spec.PodCIDRs.Count; i++)
        {
            errors.LegacyCidr($"spec.podCIDRs[{i}]", node.Spec.PodCIDRs[i]);
        }

        if (node.Spec.PodCIDRs.Count > 2 || (node.Spec.PodCIDRs.Count == 2 && node.Spec.PodCIDRs[0].Contains(':') == node.Spec.PodCIDRs[1].Contains(':')))
        {
            errors.Invalid("spec.podCIDRs", node.Spec.PodCIDRs, "may specify no more than one CIDR for each IP family");
        }

        for (var i = 1; i < node.Spec.PodCIDRs.Count; i++)
        {
            if (node.Spec.PodCIDRs.Take(i).Contains(node.Spec.PodCIDRs[i]))
            {
                errors.Duplicate($"spec.podCIDRs[{i}]", node.Spec.PodCIDRs[i]);
            }
        }

        var taints = new HashSet<(string, string)>();
        for (var i = 0; i < node.Spec.Taints.Count; i++)
        {
            var (taint, path) = (node.Spec.Taints[i], $"metadata.taints[{i}]"); // upstream's path
            errors.Names(path + ".key", taint.Key, NameValidation.QualifiedName(taint.Key));
            if (NameValidation.LabelValue(taint.Value) is { Count: > 0 } problems)
            {
                errors.Invalid(path + ".value", taint.Value, string.Join(";", problems));
            }

            errors.OneOf(path + ".effect", taint.Effect, "NoSchedule", "PreferNoSchedule", "NoExecute");
            if (!taints.Add((taint.Key, taint.Effect)))
            {
                errors.Add("FieldValueDuplicate", path, $"Duplicate value: {FieldValue.Show(taint)}: taints must be unique by key and effect pair");
            }
        }

        foreach (var (name, value) in node.Status.Capacity)
        {
            ResourceNames.Value(name, value, $"status.capacity.{name}", errors);
        }

        foreach (var (name, value) in node.Status.Allocatable)
        {
            ResourceNames.Value(name, value, $"status.allocatable.{name}", errors);
        }
    }
}

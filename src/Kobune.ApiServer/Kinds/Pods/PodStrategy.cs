using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Quotas;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Pods (upstream's pkg/registry/core/pod).</summary>
internal sealed class PodStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("", "pods");

    public override void ApplyDefaults(JsonObject obj) => PodDefaults.ApplyToPod(obj);

    public override void PrepareForCreate(StrategyContext context, JsonObject obj)
    {
        var spec = obj.Need("spec");
        if (spec.Number("terminationGracePeriodSeconds") < 0)
        {
            spec["terminationGracePeriodSeconds"] = 1;
        }

        LabelKeyMerge.Apply(obj);
        var status = new JsonObject { ["phase"] = PodPhase.Pending, ["qosClass"] = PodQos.Of(spec.Read<PodSpec>()) };
        if (spec.Array("schedulingGates") is { Count: > 0 })
        {
            status["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "PodScheduled",
                ["status"] = "False",
                ["reason"] = "SchedulingGated",
                ["message"] = "Scheduling is blocked due to non-empty scheduling gates",
            });
        }

        obj["status"] = status;
    }

    public override void PrepareForUpdate(StrategyContext context, JsonObject obj, JsonObject old, string subresource)
    {
        if (subresource != "status")
        {
            return;
        }

        // A quality class is for life: a kubelet that does not send it keeps it.
        var status = obj.Need("status");
        if (status.Text("qosClass").Length == 0)
        {
            status.CopyFrom("qosClass", old.Child("status"));
        }
    }

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var pod = obj.Read<Pod>();
        PodMetadataRules.Validate(pod.Metadata, pod.Spec, "metadata.annotations", anyCost: false, errors);
        PodUpdateValidation.Spec(pod, PodTolerance.None, errors);
        if (pod.Spec.EphemeralContainers.Count > 0)
        {
            errors.Forbidden("spec.ephemeralContainers", "cannot be set on create");
        }

        if (pod.Spec.SchedulingGates.Count > 0 && pod.Spec.NodeName.Length > 0)
        {
            errors.Forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared");
        }

        PodMetadataRules.Profiles(pod.Metadata.Annotations, pod.Spec, "spec", errors);
    }

    /// <summary>Of changes nobody is warned: few people make them.</summary>
    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features)
    {
        if (old is not null)
        {
            return [];
        }

        var pod = obj.Read<Pod>();
        return [.. NameWarnings.NotALabel(pod.Metadata.Name, "the Pod's hostname"), .. PodWarnings.Of(pod.Metadata, pod.Spec, "")];
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        switch (subresource)
        {
            case "":
                PodUpdateValidation.Validate(obj.Read<Pod>(), old.Read<Pod>(), errors);
                break;
            case "status":
                PodStatusValidation.Validate(obj.Read<Pod>(), old.Read<Pod>(), errors);
                break;
            case "resize":
                PodResizeValidation.Validate(obj.Read<Pod>(), old.Read<Pod>(), errors);
                break;
            case "ephemeralcontainers":
                PodUpdateValidation.ValidateEphemeral(obj.Read<Pod>(), old.Read<Pod>(), errors);
                break;
        }
    }
}

using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Autoscaling.V2;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Policy;

/// <summary>Horizontal pod autoscalers, in the form of v2.</summary>
internal sealed class HorizontalPodAutoscalerStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("autoscaling", "horizontalpodautoscalers");

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Need("spec");
        spec.Default("minReplicas", 1);
        if (spec.Array("metrics") is null or { Count: 0 })
        {
            spec["metrics"] = new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = 80 } },
            });
        }

        if (spec.Child("behavior") is { } behavior)
        {
            Rules(behavior.Need("scaleUp"), 0, ("Pods", 4), ("Percent", 100));
            Rules(behavior.Need("scaleDown"), null, ("Percent", 100));
        }
    }

    public override void Validate(EncodedObject obj, FieldErrors errors) => AutoscalerRules.Validate(obj.Read<HorizontalPodAutoscaler>().Spec, null, errors);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var now = obj.Read<HorizontalPodAutoscaler>();
        if (subresource == "status")
        {
            errors.NonNegative("status.currentReplicas", now.Status.CurrentReplicas);
            errors.NonNegative("status.desiredReplicas", now.Status.DesiredReplicas);
            return;
        }

        AutoscalerRules.Validate(now.Spec, old.Read<HorizontalPodAutoscaler>().Spec, errors);
    }

    private static void Rules(JsonObject rules, long? window, params ReadOnlySpan<(string Type, long Value)> policies)
    {
        if (window is { } seconds)
        {
            rules.Default("stabilizationWindowSeconds", seconds);
        }

        rules.Default("selectPolicy", "Max");
        if (rules.Has("policies"))
        {
            return;
        }

        var list = rules.NeedArray("policies");
        foreach (var (type, value) in policies)
        {
            list.Add((JsonNode)new JsonObject { ["type"] = type, ["value"] = value, ["periodSeconds"] = 15 });
        }
    }
}

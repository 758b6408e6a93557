using Kobune.Api;
using Kobune.Api.Features;
using Kobune.Api.Node.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>How pods may be run. Source: pkg/apis/node/validation.</summary>
internal sealed class RuntimeClassStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("node.k8s.io", "runtimeclasses");

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var item = obj.Read<RuntimeClass>();
        errors.Names("handler", item.Handler, NameValidation.Dns1123Label(item.Handler));
        if (item.Overhead is { } overhead)
        {
            ResourceValidation.Overhead(overhead.PodFixed, "overhead", PodTolerance.None, errors);
        }

        if (item.Scheduling is { } scheduling)
        {
            errors.Labels("scheduling.nodeSelector", scheduling.NodeSelector);
            SchedulingValidation.Tolerations(scheduling.Tolerations, "scheduling.tolerations", compared: false, errors);
            for (var i = 0; i < scheduling.Tolerations.Count; i++)
            {
                if (scheduling.Tolerations.Take(i).Contains(scheduling.Tolerations[i]))
                {
                    errors.Duplicate($"scheduling.tolerations[{i}]", scheduling.Tolerations[i]);
                }
            }
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors) =>
        errors.Same("handler", obj.Read<RuntimeClass>().Handler, old.Read<RuntimeClass>().Handler);

    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features) =>
        obj.Read<RuntimeClass>().Scheduling is { } scheduling ? NodeLabelWarnings.OfMap(scheduling.NodeSelector, _ => "scheduling.nodeSelector") : [];
}

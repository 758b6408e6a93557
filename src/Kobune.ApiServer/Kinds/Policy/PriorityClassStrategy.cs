using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Scheduling.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Policy;

/// <summary>Priority classes.</summary>
internal sealed class PriorityClassStrategy : KindStrategy
{
    private const int HighestUserValue = 1_000_000_000;
    private static readonly Dictionary<string, int> System = new() { ["system-cluster-critical"] = 2_000_000_000, ["system-node-critical"] = 2_000_001_000 };

    public override (string Group, string Resource) Resource => ("scheduling.k8s.io", "priorityclasses");

    public override void ApplyDefaults(JsonObject obj) => obj.Default("preemptionPolicy", "PreemptLowerPriority");

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var item = obj.Read<PriorityClass>();
        var name = item.Metadata.Name;
        if (name.StartsWith("system-", StringComparison.Ordinal))
        {
            if (!System.TryGetValue(name, out var value))
            {
                errors.Forbidden("metadata.name", $"priority class names with 'system-' prefix are reserved for system use only. error: {name} is not a known system priority class");
            }
            else if (value != item.Value)
            {
                errors.Forbidden("metadata.name", $"priority class names with 'system-' prefix are reserved for system use only. error: value of {name} PriorityClass must be {value}");
            }
            else if (item.GlobalDefault == true)
            {
                errors.Forbidden("metadata.name", $"priority class names with 'system-' prefix are reserved for system use only. error: globalDefault of {name} PriorityClass must be false");
            }
        }
        else if (item.Value > HighestUserValue)
        {
            errors.Forbidden("value", $"maximum allowed value of a user defined priority is {HighestUserValue}");
        }

        if (item.PreemptionPolicy is { } policy)
        {
            errors.OneOf("preemptionPolicy", policy, "Never", "PreemptLowerPriority");
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<PriorityClass>(), old.Read<PriorityClass>());
        if (now.Value != before.Value)
        {
            errors.Forbidden("value", "may not be changed in an update.");
        }

        errors.Same("preemptionPolicy", now.PreemptionPolicy, before.PreemptionPolicy);
    }
}

using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Features;
using Kobune.Api.Storage.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>Storage classes.</summary>
internal sealed class StorageClassStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("storage.k8s.io", "storageclasses");

    public override void ApplyDefaults(JsonObject obj)
    {
        obj.Default("reclaimPolicy", "Delete");
        obj.Default("volumeBindingMode", "Immediate");
    }

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var item = obj.Read<StorageClass>();
        StorageParameters.Provisioner(item.Provisioner, "provisioner", errors);
        StorageParameters.Validate(item.Parameters, errors);
        errors.OneOfOrEmpty("reclaimPolicy", item.ReclaimPolicy, "Delete", "Retain");
        if (item.VolumeBindingMode is null)
        {
            errors.Required("volumeBindingMode", "");
        }
        else if (item.VolumeBindingMode is not ("Immediate" or "WaitForFirstConsumer"))
        {
            errors.NotSupported("volumeBindingMode", item.VolumeBindingMode, ["Immediate", "WaitForFirstConsumer"]);
        }

        TopologyRules.Validate(item.AllowedTopologies, "allowedTopologies", errors);
    }

    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features) => obj.Read<StorageClass>().AllowedTopologies.SelectMany((t, i) => t.MatchLabelExpressions
        .Select((e, j) => NodeLabelWarnings.Of(e.Key) is { } instead ? $"allowedTopologies[{i}].matchLabelExpressions[{j}].key: {instead}" : "").Where(w => w.Length > 0));

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        Validate(obj, errors);
        var (now, before) = (obj.Read<StorageClass>(), old.Read<StorageClass>());
        if (now with { Parameters = before.Parameters } != now)
        {
            errors.Forbidden("parameters", "updates to parameters are forbidden.");
        }

        if (now.Provisioner != before.Provisioner)
        {
            errors.Forbidden("provisioner", "updates to provisioner are forbidden.");
        }

        if (now.ReclaimPolicy != before.ReclaimPolicy)
        {
            errors.Forbidden("reclaimPolicy", "updates to reclaimPolicy are forbidden.");
        }

        errors.Same("volumeBindingMode", now.VolumeBindingMode, before.VolumeBindingMode);
    }
}

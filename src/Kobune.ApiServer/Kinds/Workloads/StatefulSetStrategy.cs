using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Features;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Kinds.Storage;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Workloads;

/// <summary>Stateful sets.</summary>
internal sealed class StatefulSetStrategy : KindStrategy
{
    private const string OnlyThese =
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

    public override (string Group, string Resource) Resource => ("apps", "statefulsets");

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Need("spec");
        TemplateRules.ApplyDefaults(spec);
        spec.DefaultEmpty("podManagementPolicy", "OrderedReady");
        var strategy = spec.Need("updateStrategy");
        if (strategy.Text("type").Length == 0)
        {
            strategy["type"] = "RollingUpdate";
        }

        if (strategy.Text("type") == "RollingUpdate")
        {
            strategy.Need("rollingUpdate").Default("partition", 0);
        }

        var retention = spec.Need("persistentVolumeClaimRetentionPolicy");
        retention.DefaultEmpty("whenDeleted", "Retain");
        retention.DefaultEmpty("whenScaled", "Retain");
        spec.Default("replicas", 1);
        spec.Default("revisionHistoryLimit", 10);
        foreach (var claim in spec.Items("volumeClaimTemplates"))
        {
            claim["apiVersion"] = "v1";
            claim["kind"] = "PersistentVolumeClaim";
            claim.Need("spec").Default("volumeMode", "Filesystem");
            claim.Need("status").DefaultEmpty("phase", "Pending");
        }
    }

    public override void Validate(EncodedObject obj, FieldErrors errors) => Validate(obj.Read<StatefulSet>().Spec, null, errors);

    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features)
    {
        var now = obj.Read<StatefulSet>();
        return old?.Read<StatefulSet>().Spec == now.Spec ? [] : [.. NameWarnings.OfPods(now.Metadata.Name, old), .. PodWarnings.OfTemplate(now.Spec.Template, "spec.template."), .. Claims(now.Spec)];
    }

    private static IEnumerable<string> Claims(StatefulSetSpec spec) =>
    [
        .. spec.VolumeClaimTemplates.SelectMany((c, i) => VolumeWarnings.OfClaim(c.Spec, $"spec.volumeClaimTemplates[{i}].Spec")),
        .. spec.RevisionHistoryLimit < 0 ? ["spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended"] : (string[])[],
    ];

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        if (subresource == "status")
        {
            WorkloadStatusRules.Validate(obj.Read<StatefulSet>().Status, old.Read<StatefulSet>().Status, errors);
            return;
        }

        var (now, before) = (obj.Read<StatefulSet>().Spec, old.Read<StatefulSet>().Spec);
        Validate(now, before, errors);
        var munged = now with
        {
            Replicas = before.Replicas,
            Template = before.Template,
            UpdateStrategy = before.UpdateStrategy,
            MinReadySeconds = before.MinReadySeconds,
            Ordinals = before.Ordinals,
            RevisionHistoryLimit = before.RevisionHistoryLimit,
            PersistentVolumeClaimRetentionPolicy = before.PersistentVolumeClaimRetentionPolicy,
        };
        if (munged != before)
        {
            errors.Forbidden("spec", OnlyThese);
        }
    }

    private static void Validate(StatefulSetSpec spec, StatefulSetSpec? before, FieldErrors errors)
    {
        if (spec.PodManagementPolicy is not ("OrderedReady" or "Parallel"))
        {
            errors.Invalid("spec.podManagementPolicy", spec.PodManagementPolicy, "must be 'OrderedReady' or 'Parallel'");
        }

        switch (spec.UpdateStrategy.Type)
        {
            case "OnDelete":
                if (spec.UpdateStrategy.RollingUpdate is not null)
                {
                    errors.Invalid("spec.updateStrategy.rollingUpdate", spec.UpdateStrategy.RollingUpdate, "only allowed for updateStrategy 'RollingUpdate'");
                }

                break;
            case "RollingUpdate":
                Rolling(spec.UpdateStrategy.RollingUpdate, errors);
                break;
            default:
                errors.Invalid("spec.updateStrategy", spec.UpdateStrategy, "must be 'RollingUpdate' or 'OnDelete'");
                break;
        }

        if (spec.PersistentVolumeClaimRetentionPolicy is { } retention)
        {
            Retention(retention.WhenDeleted, "whenDeleted", errors);
            Retention(retention.WhenScaled, "whenScaled", errors);
        }

        errors.NonNegative("spec.replicas", spec.Replicas);
        errors.NonNegative("spec.minReadySeconds", spec.MinReadySeconds);
        errors.NonNegative("spec.ordinals.start", spec.Ordinals?.Start);
        StatefulTemplateRules.Validate(spec, before, errors);
    }

    private static void Rolling(RollingUpdateStatefulSetStrategy? rolling, FieldErrors errors)
    {
        const string path = "spec.updateStrategy.rollingUpdate";
        errors.NonNegative(path + ".partition", rolling?.Partition);
        if (rolling?.MaxUnavailable is { } unavailable)
        {
            TemplateRules.IntOrPercent(unavailable, path + ".maxUnavailable", errors);
            if (TemplateRules.Number(unavailable) == 0)
            {
                errors.Invalid(path + ".maxUnavailable", unavailable, "cannot be 0");
            }

            TemplateRules.NotOver100Percent(unavailable, path + ".maxUnavailable", errors);
        }
    }

    private static void Retention(string policy, string when, FieldErrors errors)
    {
        if (policy is not (PersistentVolumeClaimRetentionPolicyType.Retain or PersistentVolumeClaimRetentionPolicyType.Delete))
        {
            errors.NotSupported("spec.persistentVolumeClaimRetentionPolicy." + when, policy, ["Retain", "Delete"]);
        }
    }
}

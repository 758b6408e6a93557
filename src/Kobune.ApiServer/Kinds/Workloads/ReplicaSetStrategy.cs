using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Workloads;

/// <summary>Replica sets.</summary>
internal sealed class ReplicaSetStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("apps", "replicasets");

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Need("spec");
        TemplateRules.ApplyDefaults(spec);
        spec.Default("replicas", 1);
    }

    public override void Validate(EncodedObject obj, FieldErrors errors) => Validate(obj.Read<ReplicaSet>().Spec, null, errors);

    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features)
    {
        var now = obj.Read<ReplicaSet>();
        return old?.Read<ReplicaSet>().Spec == now.Spec ? [] : [.. NameWarnings.OfPods(now.Metadata.Name, old), .. PodWarnings.OfTemplate(now.Spec.Template, "spec.template.")];
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<ReplicaSet>(), old.Read<ReplicaSet>());
        if (subresource == "status")
        {
            WorkloadStatusRules.Validate(now.Status, errors);
            return;
        }

        Validate(now.Spec, before.Spec, errors);
        Validate(now.Spec, before.Spec, errors); // upstream looks twice, as at a new one and as at a change, and its causes tell all twice
        errors.Same("spec.selector", now.Spec.Selector, before.Spec.Selector);
    }

    private static void Validate(ReplicaSetSpec spec, ReplicaSetSpec? old, FieldErrors errors)
    {
        errors.NonNegative("spec.replicas", spec.Replicas);
        errors.NonNegative("spec.minReadySeconds", spec.MinReadySeconds);
        TemplateRules.Validate(spec.Selector, spec.Template, old?.Template, errors);
    }
}

/// <summary>Replication controllers.</summary>
internal sealed class ReplicationControllerStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("", "replicationcontrollers");

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Need("spec");
        if (spec.Child("template") is { } template)
        {
            TemplateRules.ApplyDefaults(spec);
            if (template.Child("metadata", "labels") is { Count: > 0 } labels)
            {
                if (spec.Child("selector") is null or { Count: 0 })
                {
                    spec["selector"] = labels.DeepClone();
                }

                if (obj.Child("metadata", "labels") is null or { Count: 0 })
                {
                    obj.Need("metadata")["labels"] = labels.DeepClone();
                }
            }
        }

        spec.Default("replicas", 1);
    }

    public override void Validate(EncodedObject obj, FieldErrors errors) => Validate(obj.Read<ReplicationController>().Spec, null, errors);

    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features)
    {
        var now = obj.Read<ReplicationController>();
        return old?.Read<ReplicationController>().Spec == now.Spec || now.Spec.Template is not { } template ? [] : [.. NameWarnings.OfPods(now.Metadata.Name, old), .. PodWarnings.OfTemplate(template, "spec.template.")];
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        if (subresource == "status")
        {
            WorkloadStatusRules.Validate(obj.Read<ReplicationController>().Status, errors);
            return;
        }

        var (spec, before) = (obj.Read<ReplicationController>().Spec, old.Read<ReplicationController>().Spec);
        Validate(spec, before, errors);
        Validate(spec, before, errors); // twice, as with ReplicaSets
    }

    private static void Validate(ReplicationControllerSpec spec, ReplicationControllerSpec? old, FieldErrors errors)
    {
        errors.NonNegative("spec.minReadySeconds", spec.MinReadySeconds);
        if (spec.Selector.Count == 0)
        {
            errors.Required("spec.selector", "");
        }

        errors.NonNegative("spec.replicas", spec.Replicas);
        if (spec.Template is not { } template)
        {
            errors.Required("spec.template", "");
            return;
        }

        if (spec.Selector.Any(s => template.Metadata.Labels.GetValueOrDefault(s.Key) != s.Value))
        {
            TemplateRules.NotSelected(template, errors);
        }

        TemplateRules.ValidateTemplate(template, "spec.template", PodTolerance.Of(template, old?.Template, errors.Features), errors);
        TemplateRules.AlwaysRestarts(template, "ReplicationController", errors);
    }
}

/// <summary>Pod templates that stand alone.</summary>
internal sealed class PodTemplateStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("", "podtemplates");

    public override void ApplyDefaults(JsonObject obj) => TemplateRules.ApplyDefaults(obj);

    public override void Validate(EncodedObject obj, FieldErrors errors) => Validate(obj.Read<PodTemplate>().Template, null, errors);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors) =>
        Validate(obj.Read<PodTemplate>().Template, old.Read<PodTemplate>().Template, errors);

    private static void Validate(PodTemplateSpec template, PodTemplateSpec? old, FieldErrors errors) =>
        TemplateRules.ValidateTemplate(template, "template", PodTolerance.Of(template, old, errors.Features), errors);
}

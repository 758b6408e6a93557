using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Batch.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Workloads;

/// <summary>Jobs.</summary>
internal sealed class JobStrategy : KindStrategy
{
    private const string ControllerUid = "batch.kubernetes.io/controller-uid";

    public override (string Group, string Resource) Resource => ("batch", "jobs");

    public static void ApplyDefaultsToSpec(JsonObject spec)
    {
        TemplateRules.ApplyDefaults(spec);
        if (!spec.Has("completions") && !spec.Has("parallelism"))
        {
            spec["completions"] = 1L;
        }

        spec.Default("parallelism", 1);
        spec.Default("backoffLimit", spec.Has("backoffLimitPerIndex") ? int.MaxValue : 6);
        spec.Default("completionMode", "NonIndexed");
        spec.Default("suspend", false);
        spec.Default("podReplacementPolicy", spec.Has("podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
        foreach (var condition in spec.Child("podFailurePolicy").Items("rules").SelectMany(r => r.Items("onPodConditions")))
        {
            condition.DefaultEmpty("status", "True");
        }
    }

    public override void ApplyDefaults(JsonObject obj)
    {
        ApplyDefaultsToSpec(obj.Need("spec"));
        if (obj.Child("metadata", "labels") is null or { Count: 0 } && obj.Child("spec", "template").Child("metadata", "labels") is { Count: > 0 } labels)
        {
            obj.Need("metadata")["labels"] = labels.DeepClone();
        }
    }

    public override void PrepareForCreate(StrategyContext context, JsonObject obj)
    {
        var spec = obj.Need("spec");
        if (spec.Flag("manualSelector") == true)
        {
            return;
        }

        // Selector and labels come from the uid, so that two jobs never share pods.
        var (uid, name) = (obj.Child("metadata").Text("uid"), obj.Child("metadata").Text("name"));
        var labels = spec.Need("template").Need("metadata").Need("labels");
        labels["batch.kubernetes.io/job-name"] = name;
        labels["job-name"] = name;
        labels[ControllerUid] = uid;
        labels["controller-uid"] = uid;
        spec.Need("selector").Need("matchLabels")[ControllerUid] = uid;
    }

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var spec = obj.Read<Job>().Spec;
        if (spec.Selector is null)
        {
            errors.Required("spec.selector", "");
        }
        else if (!TemplateRules.Matches(spec.Selector, spec.Template.Metadata.Labels))
        {
            errors.Invalid("spec.template.metadata.labels", spec.Template.Metadata.Labels, "`selector` does not match template `labels`");
        }

        ValidateSpec(spec, "spec", errors);
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        if (subresource == "status")
        {
            return;
        }

        var (now, before) = (obj.Read<Job>().Spec, old.Read<Job>());
        ValidateSpec(now, "spec", errors);
        if (!(now.CompletionMode == "Indexed" && now.Completions == now.Parallelism))
        {
            errors.Same("spec.completions", now.Completions, before.Spec.Completions); // an indexed job may be scaled with its parallelism
        }

        errors.Same("spec.selector", now.Selector, before.Spec.Selector);
        if (!(before.Spec.Suspend == true && before.Status.StartTime is null))
        {
            errors.Same("spec.template", now.Template, before.Spec.Template);
        }

        errors.Same("spec.completionMode", now.CompletionMode, before.Spec.CompletionMode);
        errors.Same("spec.podFailurePolicy", now.PodFailurePolicy, before.Spec.PodFailurePolicy);
        errors.Same("spec.backoffLimitPerIndex", now.BackoffLimitPerIndex, before.Spec.BackoffLimitPerIndex);
        errors.Same("spec.managedBy", now.ManagedBy, before.Spec.ManagedBy);
        errors.Same("spec.successPolicy", now.SuccessPolicy, before.Spec.SuccessPolicy);
    }

    public static void ValidateSpec(JobSpec spec, string path, FieldErrors errors)
    {
        errors.NonNegative(path + ".parallelism", spec.Parallelism);
        errors.NonNegative(path + ".completions", spec.Completions);
        errors.NonNegative(path + ".activeDeadlineSeconds", spec.ActiveDeadlineSeconds);
        errors.NonNegative(path + ".backoffLimit", spec.BackoffLimit);
        errors.NonNegative(path + ".ttlSecondsAfterFinished", spec.TTLSecondsAfterFinished);
        errors.NonNegative(path + ".backoffLimitPerIndex", spec.BackoffLimitPerIndex);
        errors.NonNegative(path + ".maxFailedIndexes", spec.MaxFailedIndexes);
        if (spec.CompletionMode is { } mode)
        {
            if (mode is not ("NonIndexed" or "Indexed"))
            {
                errors.NotSupported(path + ".completionMode", mode, ["Indexed", "NonIndexed"]);
            }

            if (mode == "Indexed" && spec.Completions is null)
            {
                errors.Required(path + ".completions", "when completion mode is Indexed");
            }

            if (mode == "Indexed" && spec.Parallelism > 100_000)
            {
                errors.Invalid(path + ".parallelism", spec.Parallelism, "must be less than or equal to 100000 when completion mode is Indexed");
            }
        }

        errors.OneOfOrEmpty(path + ".podReplacementPolicy", spec.PodReplacementPolicy, "Failed", "TerminatingOrFailed");
        TemplateRules.ValidateTemplate(spec.Template, path + ".template", errors);
        var policy = spec.Template.Spec.RestartPolicy;
        if (policy == "Always")
        {
            errors.Required(path + ".template.spec.restartPolicy", "valid values: \"OnFailure\", \"Never\"");
        }
        else if (policy is not ("OnFailure" or "Never"))
        {
            errors.NotSupported(path + ".template.spec.restartPolicy", policy, ["OnFailure", "Never"]);
        }
        else if (spec.PodFailurePolicy is not null && policy != "Never")
        {
            errors.Invalid(path + ".template.spec.restartPolicy", policy, "only \"Never\" is supported when podFailurePolicy is specified");
        }
    }
}

using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Batch.V1;
using Kobune.Api.Features;
using Kobune.Api.Validation;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Workloads;

/// <summary>Jobs. Source: pkg/registry/batch/job/strategy.go and pkg/apis/batch/validation.</summary>
internal sealed class JobStrategy : KindStrategy
{
    private const string ControllerUid = "batch.kubernetes.io/controller-uid";
    private const string JobName = "batch.kubernetes.io/job-name";

    // Labels that a job has from its template, and those of the template: in Go both are one map, and what is added to it is in both.
    private static readonly ConditionalWeakTable<JsonObject, JsonObject> Shared = [];

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
        LabelsOfTemplate(obj);
    }

    private static void LabelsOfTemplate(JsonObject obj)
    {
        if (obj.Child("metadata", "labels") is null or { Count: 0 } && obj.Child("spec", "template").Child("metadata", "labels") is { Count: > 0 } labels)
        {
            var copy = labels.DeepClone().AsObject();
            obj.Need("metadata")["labels"] = copy;
            Shared.Add(copy, labels);
        }
    }

    /// <summary>Selector and labels come from the uid, so that two jobs never share pods. What somebody wrote there stays, and is refused when it is not the same.</summary>
    public override void PrepareForCreate(StrategyContext context, JsonObject obj)
    {
        var spec = obj.Need("spec");
        if (spec.Flag("manualSelector") == true)
        {
            return;
        }

        var (uid, name) = (obj.Child("metadata").Text("uid"), obj.Child("metadata").Text("name"));
        var labels = spec.Need("template").Need("metadata").Need("labels");
        var own = obj.Child("metadata", "labels") is { } found && Shared.TryGetValue(found, out var source) && ReferenceEquals(source, labels) ? found : null;
        foreach (var (key, value) in Generated(name, uid))
        {
            labels.Default(key, value);
            own?.Default(key, value);
        }

        spec.Need("selector").Need("matchLabels").Default(ControllerUid, uid);
    }

    /// <summary>Upstream defaults what it has stored once more, when the template has the labels above.</summary>
    public override ValueTask AllocateAsync(StrategyContext context, JsonObject? obj, EncodedObject? old, AllocationPlan plan, CancellationToken ct)
    {
        if (obj is not null && old is null)
        {
            LabelsOfTemplate(obj);
        }

        return ValueTask.CompletedTask;
    }

    public override bool ChangesOnAllocate => true;

    public override void Validate(EncodedObject obj, FieldErrors errors) => Validate(obj.Read<Job>(), null, errors);

    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features)
    {
        var now = obj.Read<Job>();
        return old?.Read<Job>().Spec == now.Spec ? [] : [.. NameWarnings.OfPods(now.Metadata.Name, old), .. SpecWarnings(now.Spec, "spec.")];
    }

    /// <summary>Of jobs and of what cron jobs make them from (upstream's WarningsForJobSpec).</summary>
    public static IEnumerable<string> SpecWarnings(JobSpec spec, string prefix)
    {
        if (spec is { CompletionMode: "Indexed", Completions: > 100_000, Parallelism: > 10_000 })
        {
            yield return "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail";
        }

        foreach (var warning in PodWarnings.OfTemplate(spec.Template, prefix + "template."))
        {
            yield return warning;
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<Job>(), old.Read<Job>());
        if (subresource == "status")
        {
            JobStatusRules.Validate(now, before, errors);
            return;
        }

        Validate(now, before, errors);
        var (spec, previous) = (now.Spec, before.Spec);
        ValidateSpec(spec, before, errors); // upstream looks at the spec of a job that changes twice, and tells everything twice
        if (spec.CompletionMode != "Indexed")
        {
            errors.Same("spec.completions", spec.Completions, previous.Completions);
        }
        else if (spec.Completions is { } completions && completions != previous.Completions && completions != spec.Parallelism)
        {
            errors.Invalid("spec.completions", completions, "can only be modified in tandem with spec.parallelism");
        }

        errors.Same("spec.selector", spec.Selector, previous.Selector);
        JobTemplateRules.ValidateUpdate(spec.Template, before, errors);
        errors.Same("spec.completionMode", spec.CompletionMode, previous.CompletionMode);
        errors.Same("spec.podFailurePolicy", spec.PodFailurePolicy, previous.PodFailurePolicy);
        errors.Same("spec.backoffLimitPerIndex", spec.BackoffLimitPerIndex, previous.BackoffLimitPerIndex);
        errors.Same("spec.managedBy", spec.ManagedBy, previous.ManagedBy);
        errors.Same("spec.successPolicy", spec.SuccessPolicy, previous.SuccessPolicy);
    }

    private static void Validate(Job job, Job? before, FieldErrors errors)
    {
        var spec = job.Spec;
        ValidateGenerated(job, before, errors);
        ValidateSpec(spec, before, errors);
        if (spec is { CompletionMode: "Indexed", Completions: > 0 } && $"{job.Metadata.Name}-{spec.Completions - 1}" is var hostname && NameValidation.Dns1123Label(hostname).Count > 0)
        {
            errors.Invalid("metadata.name", job.Metadata.Name, "will not able to create pod with invalid DNS label: " + hostname);
        }
    }

    private static void ValidateSpec(JobSpec spec, Job? before, FieldErrors errors)
    {
        var tolerance = PodTolerance.Of(spec.Template, before?.Spec.Template, errors.Features).Or(before?.Spec.Selector);
        JobSpecRules.Validate(spec, "spec", tolerance, errors);
        if (spec.Selector is null)
        {
            // None at all selects nothing, and upstream tells that of the labels too.
            errors.Required("spec.selector", "");
            TemplateRules.NotSelected(spec.Template, errors);
            return;
        }

        errors.Selector("spec.selector", spec.Selector, tolerance.SelectorValues);
        if (!TemplateRules.Matches(spec.Selector, spec.Template.Metadata.Labels))
        {
            TemplateRules.NotSelected(spec.Template, errors);
        }
    }

    /// <summary>What was generated is there. Jobs from before the prefixed labels need not have those.</summary>
    private static void ValidateGenerated(Job job, Job? before, FieldErrors errors)
    {
        if (job.Spec.ManualSelector == true || job.Spec.Selector is null)
        {
            return;
        }

        if (job.Metadata.Uid.Length == 0)
        {
            errors.Required("metadata.uid", "");
        }

        var labels = job.Spec.Template.Metadata.Labels;
        var had = before?.Spec.Template.Metadata.Labels;
        var isOld = had is not null && !(had.ContainsKey(JobName) && had.ContainsKey(ControllerUid));
        var expected = Generated(job.Metadata.Name, job.Metadata.Uid).Where(l => !isOld || !l.Key.Contains('/', StringComparison.Ordinal)).ToDictionary();
        foreach (var (key, value) in expected.OrderBy(e => e.Key.Contains('/', StringComparison.Ordinal)).ThenBy(e => e.Key, StringComparer.Ordinal))
        {
            var path = $"spec.template.metadata.labels[{key}]";
            if (!labels.TryGetValue(key, out var actual))
            {
                errors.Required(path, $"must be '{value}'");
            }
            else if (actual != value)
            {
                errors.Invalid(path, labels, $"must be '{value}'");
            }
        }

        if (!TemplateRules.Matches(job.Spec.Selector, expected))
        {
            errors.Invalid("spec.selector", job.Spec.Selector, "`selector` not auto-generated");
        }
    }

    private static Dictionary<string, string> Generated(string name, string uid) => new()
    {
        [JobName] = name,
        ["job-name"] = name,
        [ControllerUid] = uid,
        ["controller-uid"] = uid,
    };
}

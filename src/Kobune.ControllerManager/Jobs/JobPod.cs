using System.Globalization;
using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.Jobs;

/// <summary>Pods of a Job. Source: pkg/controller/job: job_controller.go, manageJob, and indexed_job_utils.go.</summary>
internal static class JobPod
{
    private const string IndexVariable = "JOB_COMPLETION_INDEX";

    // What the server adds to a generateName, and what a name may have.
    private const int MaxPrefix = 58;

    /// <param name="job">The Job.</param>
    /// <param name="index">The pod's completion index; null in a Job without.</param>
    /// <param name="replaced">The failed pod of the same index; null for the first one.</param>
    /// <param name="hasLabel">The index is a label too, and the variable reads it from there (gate PodIndexLabel).</param>
    public static Pod Make(Job job, int? index, Pod? replaced, bool hasLabel)
    {
        var pod = PodFromTemplate.Make(job.Spec.Template, job);
        var metadata = pod.Metadata with { Finalizers = [.. pod.Metadata.Finalizers.Where(f => f != JobPodFacts.TrackingFinalizer), JobPodFacts.TrackingFinalizer] };
        if (index is not { } number)
        {
            return pod with { Metadata = metadata };
        }

        var text = number.ToString(CultureInfo.InvariantCulture);
        var annotations = new Dictionary<string, string>(metadata.Annotations) { [JobPodFacts.CompletionIndexKey] = text };
        if (job.HasLimitPerIndex())
        {
            CountFailures(job, replaced, annotations);
        }

        return pod with
        {
            Metadata = metadata with
            {
                GenerateName = GenerateName(job.Metadata.Name, text),
                Annotations = annotations,
                Labels = hasLabel ? new Dictionary<string, string>(metadata.Labels) { [JobPodFacts.CompletionIndexKey] = text } : metadata.Labels,
            },
            Spec = pod.Spec with
            {
                Hostname = job.Metadata.Name + "-" + text,
                InitContainers = [.. pod.Spec.InitContainers.Select(c => WithIndex(c, hasLabel))],
                Containers = [.. pod.Spec.Containers.Select(c => WithIndex(c, hasLabel))],
            },
        };
    }

    private static string GenerateName(string job, string index)
    {
        var suffix = $"-{index}-";
        return job[..Math.Min(job.Length, MaxPrefix - suffix.Length)] + suffix;
    }

    private static void CountFailures(Job job, Pod? replaced, Dictionary<string, string> annotations)
    {
        var (failures, ignored) = (0, 0);
        if (replaced is not null)
        {
            var counts = PodFailureVerdict.Of(job.Spec.PodFailurePolicy, replaced).Counts;
            failures = replaced.FailureCount() + (counts ? 1 : 0);
            ignored = replaced.IgnoredFailureCount() + (counts ? 0 : 1);
        }

        annotations[JobPodFacts.FailureCountKey] = failures.ToString(CultureInfo.InvariantCulture);
        if (ignored > 0)
        {
            annotations[JobPodFacts.IgnoredFailureCountKey] = ignored.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static Container WithIndex(Container container, bool hasLabel)
    {
        if (container.Env.Any(e => e.Name == IndexVariable))
        {
            return container;
        }

        var path = $"metadata.{(hasLabel ? "labels" : "annotations")}['{JobPodFacts.CompletionIndexKey}']";
        return container with { Env = [.. container.Env, new EnvVar { Name = IndexVariable, ValueFrom = new EnvVarSource { FieldRef = new ObjectFieldSelector { FieldPath = path } } }] };
    }
}

using Kobune.Api.Schema;

namespace Kobune.Scheduler.Configuration;

/// <summary>What a configuration file says of the connection and of the election. Source: k8s.io/component-base, config/validation.</summary>
internal static class Surroundings
{
    /// <summary>The connection is given; what is said of it has to be right all the same.</summary>
    public static void Connection(ConfigNode? node)
    {
        node?.Ignore("kubeconfig", "acceptContentTypes", "contentType", "qps");
        if (node?.Number("burst") is < 0 and var burst)
        {
            node!.Problems.Invalid(node.At("burst"), burst, "must be non-negative");
        }

        node?.End();
    }

    /// <summary>Whether there is an election. Its times are those of the elector.</summary>
    public static bool? Election(ConfigNode? node)
    {
        if (node is null)
        {
            return null;
        }

        node.Ignore("resourceName", "resourceNamespace");
        var (elects, kind) = (node.Flag("leaderElect"), node.Text("resourceLock") ?? "leases");
        var (lease, deadline, retry) = (Span(node, "leaseDuration", 15), Span(node, "renewDeadline", 10), Span(node, "retryPeriod", 2));
        if (elects == true)
        {
            RequirePositive(node, "leaseDuration", lease);
            RequirePositive(node, "renewDeadline", deadline);
            RequirePositive(node, "retryPeriod", retry);
            if (lease < deadline)
            {
                node.Problems.InvalidText(node.At("leaseDuration"), GoDuration.Format(deadline), "LeaseDuration must be greater than RenewDeadline");
            }

            if (kind.Length == 0)
            {
                node.Problems.Required(node.At("resourceLock"), "resourceLock is required");
            }

            if (kind != "leases")
            {
                node.Problems.Invalid(node.At("resourceLock"), kind, "resourceLock value must be \"leases\"");
            }
        }

        node.End();
        return elects;
    }

    /// <summary>A duration of a file.</summary>
    public static TimeSpan? Span(ConfigNode node, string field) =>
        node.Text(field) is not { } text ? null : GoDuration.TryParse(text) is { } nanos ? TimeSpan.FromTicks(nanos / TimeSpan.NanosecondsPerTick) : throw node.Wrong(field, "a duration");

    private static TimeSpan Span(ConfigNode node, string field, int seconds) => Span(node, field) is { } given && given != TimeSpan.Zero ? given : TimeSpan.FromSeconds(seconds);

    private static void RequirePositive(ConfigNode node, string field, TimeSpan value)
    {
        if (value <= TimeSpan.Zero)
        {
            node.Problems.InvalidText(node.At(field), GoDuration.Format(value), "must be greater than zero");
        }
    }
}

using Kobune.Api.ApiRegistration.V1;

namespace Kobune.ApiServer.Aggregation;

/// <summary>The condition of APIServices, with upstream's reasons and words (k8s.io/kube-aggregator, controllers/status).</summary>
internal static class ApiServiceConditions
{
    public const string Available = "Available";

    public static APIServiceCondition Local { get; } = Of("True", "Local", "Local APIServices are always available");

    public static APIServiceCondition Passed { get; } = Of("True", "Passed", "all checks passed");

    public static APIServiceCondition Refused(string reason, string message) => Of("False", reason, message);

    /// <summary>The status with this condition; the time of its last transition is kept while its status is the same. The same status when nothing changed.</summary>
    public static APIServiceStatus Apply(APIServiceStatus status, APIServiceCondition condition, DateTimeOffset now)
    {
        var known = status.Conditions.FirstOrDefault(c => c.Type == condition.Type);
        if (known is not null && known.Status == condition.Status && known.Reason == condition.Reason && known.Message == condition.Message)
        {
            return status;
        }

        var since = known is not null && known.Status == condition.Status ? known.LastTransitionTime : now;
        return status with { Conditions = [.. status.Conditions.Where(c => c.Type != condition.Type), condition with { LastTransitionTime = since }] };
    }

    private static APIServiceCondition Of(string status, string reason, string message) => new() { Type = Available, Status = status, Reason = reason, Message = message };
}

namespace Kobune.Kubelet.Pods;

/// <summary>A container was not started: becomes its waiting reason.</summary>
internal sealed class StartException(string reason, string message, Exception? cause = null) : Exception(message, cause)
{
    internal string Reason => reason;

    /// <summary>When to try again; null is the worker's own pace.</summary>
    internal TimeSpan? RetryAfter { get; init; }
}

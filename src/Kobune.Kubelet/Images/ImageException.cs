namespace Kobune.Kubelet.Images;

/// <summary>An image is not there and cannot be had now.</summary>
/// <param name="reason">The waiting reason: ErrImagePull, ImagePullBackOff, ErrImageNeverPull, InvalidImageName, ImageInspectError.</param>
internal sealed class ImageException(string reason, string message) : Exception(message)
{
    internal string Reason => reason;

    /// <summary>When to look again; null when only another event can help.</summary>
    internal TimeSpan? RetryAfter { get; init; }
}

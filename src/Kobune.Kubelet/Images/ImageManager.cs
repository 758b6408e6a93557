using System.Collections.Concurrent;
using System.Diagnostics;
using Kobune.Api.Core.V1;
using Kobune.Api.Schema;
using Kobune.Grpc;
using Kobune.Kubelet.Events;
using Kobune.Kubelet.Pods;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Images;

/// <summary>Registry credentials for an image, from the pod's pull secrets.</summary>
internal delegate Task<IReadOnlyList<Cri.AuthConfig>> ImageCredentials(Pod pod, string image, CancellationToken ct);

/// <summary>Makes sure that an image is on the node (kubelet/images/image_manager.go).</summary>
internal sealed class ImageManager(ICriRuntime runtime, IKubeletEvents events, ImageCredentials credentials, TimeProvider time)
{
    /// <summary>Called before an image is pulled.</summary>
    internal Func<string, CancellationToken, Task> BeforePull { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Pulls that may be under way at once; null = any number.</summary>
    internal SemaphoreSlim? Slots { get; init; }

    private readonly KubeletBackOff _backOff = new(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5), time);
    private readonly ConcurrentDictionary<string, (DateTimeOffset At, string Message)> _failures = new();

    /// <summary>The image, pulled when the policy asks for it.</summary>
    /// <exception cref="ImageException">It cannot be had now.</exception>
    internal async Task<Cri.Image> EnsureAsync(Pod pod, Container container, Cri.PodSandboxConfig? sandbox, CancellationToken ct)
    {
        if (ImageName.Complaint(container.Image) is { } complaint)
        {
            throw new ImageException("InvalidImageName", $"Failed to apply default image tag \"{container.Image}\": couldn't parse image name \"{container.Image}\": {complaint}");
        }

        var image = ImageName.WithTag(container.Image);
        var policy = ImageName.Policy(container.ImagePullPolicy, container.Image);
        var present = await InspectAsync(pod, container, image, ct);
        if (present is not null && policy != "Always")
        {
            events.Pod(pod, container, EventReasons.Normal, EventReasons.Pulled, $"Container image \"{container.Image}\" already present on machine and can be accessed by the pod");
            return present;
        }

        if (policy == "Never")
        {
            events.Pod(pod, container, EventReasons.Warning, EventReasons.ErrImageNeverPull, $"Container image \"{container.Image}\" is not present with pull policy of Never");
            throw new ImageException("ErrImageNeverPull", $"Container image \"{container.Image}\" is not present with pull policy of Never");
        }

        return await PullAsync(pod, container, image, sandbox, ct);
    }

    internal void Forget(string podUid)
    {
        _backOff.Forget(podUid + "_");
        foreach (var key in _failures.Keys.Where(k => k.StartsWith(podUid + "_", StringComparison.Ordinal)))
        {
            _failures.TryRemove(key, out _);
        }
    }

    private async Task<Cri.Image?> InspectAsync(Pod pod, Container container, string image, CancellationToken ct)
    {
        try
        {
            return await runtime.ImageStatusAsync(image, ct);
        }
        catch (RpcException e)
        {
            events.Pod(pod, container, EventReasons.Warning, EventReasons.InspectFailed, $"Failed to inspect image \"{container.Image}\": {e.Message}");
            throw new ImageException("ImageInspectError", $"Failed to inspect image \"{container.Image}\": {e.Message}") { RetryAfter = TimeSpan.FromSeconds(10) };
        }
    }

    private async Task<Cri.Image> PullAsync(Pod pod, Container container, string image, Cri.PodSandboxConfig? sandbox, CancellationToken ct)
    {
        var key = $"{pod.Metadata.Uid}_{image}";
        if (_failures.TryGetValue(key, out var failed) && _backOff.Remaining(key, failed.At) is var remaining && remaining > TimeSpan.Zero)
        {
            events.Pod(pod, container, EventReasons.Normal, EventReasons.BackOff, $"Back-off pulling image \"{container.Image}\"");
            throw new ImageException("ImagePullBackOff", $"Back-off pulling image \"{container.Image}\": {failed.Message}") { RetryAfter = remaining };
        }

        events.Pod(pod, container, EventReasons.Normal, EventReasons.Pulling, $"Pulling image \"{container.Image}\"");
        var started = Stopwatch.GetTimestamp();
        await BeforePull(image, ct);
        try
        {
            await InSlotAsync(() => PullWithCredentialsAsync(pod, image, sandbox, ct), ct);
            var pulled = await runtime.ImageStatusAsync(image, ct) ?? throw new RpcException(StatusCode.NotFound, $"image {image} vanished after the pull");
            var took = GoDuration.Format(TimeSpan.FromMilliseconds(Math.Floor(Stopwatch.GetElapsedTime(started).TotalMilliseconds)));
            events.Pod(pod, container, EventReasons.Normal, EventReasons.Pulled, $"Successfully pulled image \"{container.Image}\" in {took} ({took} including waiting). Image size: {pulled.Size} bytes.");
            _failures.TryRemove(key, out _);
            return pulled;
        }
        catch (RpcException e)
        {
            events.Pod(pod, container, EventReasons.Warning, EventReasons.Failed, $"Failed to pull image \"{container.Image}\": {e.Message}");
            var now = time.GetUtcNow();
            _backOff.Next(key, now);
            _failures[key] = (now, "ErrImagePull: " + e.Message);
            throw new ImageException("ErrImagePull", e.Message) { RetryAfter = _backOff.Pause(key) / 2 }; // the look in between says ImagePullBackOff
        }
    }

    private async Task InSlotAsync(Func<Task> pull, CancellationToken ct)
    {
        if (Slots is null)
        {
            await pull();
            return;
        }

        await Slots.WaitAsync(ct);
        try
        {
            await pull();
        }
        finally
        {
            Slots.Release();
        }
    }

    private async Task PullWithCredentialsAsync(Pod pod, string image, Cri.PodSandboxConfig? sandbox, CancellationToken ct)
    {
        var known = await credentials(pod, image, ct);
        if (known.Count == 0)
        {
            await runtime.PullImageAsync(image, null, sandbox, ct);
            return;
        }

        for (var i = 0; i < known.Count; i++)
        {
            try
            {
                await runtime.PullImageAsync(image, known[i], sandbox, ct);
                return;
            }
            catch (RpcException) when (i + 1 < known.Count)
            {
                // The next set of credentials may be the right one.
            }
        }
    }
}

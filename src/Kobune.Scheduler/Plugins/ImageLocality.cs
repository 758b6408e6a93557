using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Plugins;

/// <summary>Prefers nodes that have the pod's images, the larger the more, scaled down for images that few nodes have (against crowding on them).</summary>
internal sealed class ImageLocality(Snapshot snapshot) : IPreScorePlugin, IScorePlugin
{
    private const long MegaByte = 1024 * 1024;
    private const long SmallestImage = 23 * MegaByte;
    private const long LargestContainer = 1000 * MegaByte;

    private static readonly Status Skip = Status.Skip("ImageLocality");

    public string Name => "ImageLocality";

    /// <summary>Without any of the images in the cluster all nodes score alike. (Upstream scores them all 0.)</summary>
    public Status? PreScore(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes)
    {
        var images = pod.Pod.Spec.InitContainers.Concat(pod.Pod.Spec.Containers).Select(container => Normalize(container.Image)).ToList();
        if (!images.Exists(snapshot.Images.ContainsKey))
        {
            return Skip;
        }

        state.Write(this, images);
        return null;
    }

    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        var images = state.Read<List<string>>(this);
        var sum = node.Node.Status.Images
            .Where(image => image.Names.Any(images.Contains))
            .Sum(image => Spread(image.Names.First(images.Contains)) * images.Count(image.Names.Contains));
        var most = LargestContainer * images.Count;
        return SchedulingFramework.MaxNodeScore * (Math.Clamp(sum, SmallestImage, most) - SmallestImage) / (most - SmallestImage);
    }

    /// <summary>An image name without tag or digest means its latest.</summary>
    internal static string Normalize(string image) => image.LastIndexOf(':') <= image.LastIndexOf('/') ? image + ":latest" : image;

    private long Spread(string name) =>
        snapshot.Images.TryGetValue(name, out var image) ? (long)(image.Size * ((double)image.Nodes / snapshot.Nodes.Count)) : 0;
}

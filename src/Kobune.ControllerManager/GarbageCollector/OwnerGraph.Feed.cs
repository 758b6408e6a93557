using Kobune.Api;
using Kobune.Api.Meta.V1;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.GarbageCollector;

internal sealed partial class OwnerGraph
{
    /// <summary>
    /// Feeds the graph from one resource. <paramref name="changed"/> hears of each change, and of a first list that holds more than what every server has by itself: it may be newer
    /// than what discovery told before.
    /// </summary>
    public sealed class Feed(OwnerGraph graph, ResourceDescriptor resource, Func<OwnerReference, ResourceDescriptor?> find, Action changed) : IReflectorSink<PartialObjectMetadata>
    {
        private const string Automanaged = "kube-aggregator.kubernetes.io/automanaged";
        private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Synced => _synced.Task;

        public ResourceDescriptor Resource => resource;

        public void Replace(IReadOnlyList<PartialObjectMetadata> items, ulong revision)
        {
            graph.Replace(resource, items, find);
            var isFirst = _synced.TrySetResult();
            if (!isFirst || items.Any(i => !i.Metadata.Labels.ContainsKey(Automanaged)))
            {
                changed();
            }
        }

        public void Set(PartialObjectMetadata item)
        {
            graph.Set(resource, item.Metadata, find);
            changed();
        }

        public void Delete(PartialObjectMetadata item)
        {
            graph.Remove(item.Metadata.Uid);
            changed();
        }

        public void Progress(ulong revision)
        {
        }

        public void Failed(string error)
        {
        }
    }
}

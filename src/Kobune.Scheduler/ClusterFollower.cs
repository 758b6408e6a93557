using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using Kobune.Api.Storage.V1;
using Kobune.Client.Informers;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Metrics;
using Kobune.Scheduler.Queue;

namespace Kobune.Scheduler;

/// <summary>Brings changes of pods and nodes into cache and queue. Runs on the informers' loops. Source: pkg/scheduler, eventhandlers.go.</summary>
internal sealed class ClusterFollower(Profiles profiles, SchedulerCache cache, SchedulingQueue queue, Nominator nominator, EventMetrics metrics, TimeProvider time)
{
    public void OnNode(Change<Node> change)
    {
        var begun = time.GetTimestamp();
        if (change.New is not { } node)
        {
            cache.RemoveNode(change.Object.Metadata.Name);
            Move(begun, new ClusterEvent(EventResource.Node, ActionType.Delete, Old: change.Old));
            return;
        }

        cache.SetNode(node);
        var action = change.Old is { } old ? NodeChanges.Of(old, node) : ActionType.Add;
        if (action != ActionType.None)
        {
            Move(begun, new ClusterEvent(EventResource.Node, action, change.Old, node));
        }
    }

    public void OnPod(Change<Pod> change)
    {
        var (old, now) = (change.Old, change.New);
        if (old is not null && now is not null && old.Metadata.Uid != now.Metadata.Uid)
        {
            OnPod(new Change<Pod>(ChangeKind.Deleted, old, null)); // deleted and created again faster than the watch told
            OnPod(new Change<Pod>(ChangeKind.Added, null, now));
            return;
        }

        FollowWaiting(old is not null && IsWaiting(old) ? old : null, now is not null && IsWaiting(now) ? now : null);
        FollowAssigned(old is not null && IsAssigned(old) ? old : null, now is not null && IsAssigned(now) ? now : null);
    }

    public void OnClaim(Change<PersistentVolumeClaim> change) => OnStorage(EventResource.PersistentVolumeClaim, change);

    public void OnVolume(Change<PersistentVolume> change) => OnStorage(EventResource.PersistentVolume, change);

    public void OnClass(Change<StorageClass> change) => OnStorage(EventResource.StorageClass, change);

    public void OnCSINode(Change<CSINode> change) => OnStorage(EventResource.CSINode, change);

    public void OnCSIDriver(Change<CSIDriver> change) => OnStorage(EventResource.CSIDriver, change);

    public void OnCapacity(Change<CSIStorageCapacity> change) => OnStorage(EventResource.CSIStorageCapacity, change);

    public void OnAttachment(Change<VolumeAttachment> change) => OnStorage(EventResource.VolumeAttachment, change);

    public void OnNamespace(Change<Namespace> change)
    {
        if (change.New is null || change.Old is null || !PodChanges.Same(change.Old.Metadata.Labels, change.New.Metadata.Labels))
        {
            OnStorage(EventResource.Namespace, change);
        }
    }

    public void OnDeviceClaim(Change<Api.Resource.V1.ResourceClaim> change) => OnStorage(EventResource.ResourceClaim, change);

    public void OnDeviceClass(Change<DeviceClass> change) => OnStorage(EventResource.DeviceClass, change);

    public void OnSlice(Change<ResourceSlice> change) => OnStorage(EventResource.ResourceSlice, change);

    /// <summary>A rule changes the devices of slices, as their drivers do.</summary>
    public void OnTaintRule(Change<Api.Resource.V1Beta2.DeviceTaintRule> change) => OnStorage(EventResource.ResourceSlice, change);

    private void OnStorage<T>(EventResource resource, Change<T> change)
        where T : class, IKubernetesObject<T>
    {
        var begun = time.GetTimestamp();
        var action = change.Old is null ? ActionType.Add : change.New is null ? ActionType.Delete : ActionType.UpdateStorage;
        Move(begun, new ClusterEvent(resource, action, change.Old, change.New));
    }

    private void Move(long begun, ClusterEvent happened)
    {
        queue.Move(happened);
        metrics.Handled(happened.Label, time.GetElapsedTime(begun));
    }

    private static bool IsTerminal(Pod pod) => pod.Status.Phase is PodPhase.Succeeded or PodPhase.Failed;

    private static bool IsAssigned(Pod pod) => pod.Spec.NodeName.Length > 0 && !IsTerminal(pod);

    private bool IsWaiting(Pod pod) => pod.Spec.NodeName.Length == 0 && !IsTerminal(pod) && profiles.Knows(pod);

    private void FollowWaiting(Pod? old, Pod? now)
    {
        if (now is null)
        {
            if (old is not null)
            {
                queue.Delete(old.Metadata.Uid);
                nominator.Remove(old.Metadata.Uid);
            }

            return;
        }

        if (cache.IsAssumed(now.Metadata.Uid))
        {
            return; // its binding is under way
        }

        if (old?.Status.NominatedNodeName != now.Status.NominatedNodeName)
        {
            nominator.Set(new PodInfo(now), now.Status.NominatedNodeName);
        }

        if (old is null)
        {
            queue.Add(now);
        }
        else
        {
            queue.Update(old, now);
        }
    }

    private void FollowAssigned(Pod? old, Pod? now)
    {
        var begun = time.GetTimestamp();
        if (now is null)
        {
            if (old is not null)
            {
                cache.RemovePod(old.Metadata.Uid);
                Move(begun, new ClusterEvent(EventResource.AssignedPod, ActionType.Delete, Old: old));
            }

            return;
        }

        if (old is null)
        {
            cache.SetPod(new PodInfo(now));
            Move(begun, new ClusterEvent(EventResource.AssignedPod, ActionType.Add, New: now));
            return;
        }

        var isRelabeled = !PodChanges.Same(old.Metadata.Labels, now.Metadata.Labels);
        if (!isRelabeled && old.Metadata.DeletionTimestamp == now.Metadata.DeletionTimestamp
            && old.Spec == now.Spec && !now.Status.ContainerStatuses.Any(status => status.AllocatedResources.Count > 0))
        {
            return; // its status alone, which is most updates
        }

        cache.SetPod(new PodInfo(now));
        var changes = isRelabeled ? ActionType.UpdatePodLabel : ActionType.None;
        changes |= PodChanges.IsScaledDown(PodRequests.Of(old), PodRequests.Of(now)) ? ActionType.UpdatePodScaleDown : ActionType.None;
        if (changes != ActionType.None)
        {
            Move(begun, new ClusterEvent(EventResource.AssignedPod, changes, old, now));
        }
    }
}

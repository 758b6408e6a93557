using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Storage.V1;
using Kobune.ControllerManager.AttachDetach;

namespace Kobune.ControllerManager.Tests;

/// <summary>When an attachment that nobody needs goes.</summary>
public class AttachmentPlanTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly AttachableVolume Volume = new("v", "d", "h", true);

    [Theory]
    [InlineData(true, false, false, 0, true)] // unmounted
    [InlineData(true, true, false, 60, false)] // a healthy node is waited for
    [InlineData(false, true, false, 5, false)]
    [InlineData(false, true, false, 6, true)] // an unhealthy one for six minutes
    [InlineData(false, true, true, 0, true)] // one that is out of service not at all
    public void An_unneeded_attachment_waits_for_its_node(bool isReady, bool isMounted, bool isOutOfService, int minutes, bool goes)
    {
        var node = new Node
        {
            Spec = new() { Taints = isOutOfService ? [new Taint { Key = "node.kubernetes.io/out-of-service", Effect = "NoExecute" }] : [] },
            Status = new() { Conditions = [new NodeCondition { Type = "Ready", Status = isReady ? "True" : "Unknown" }], VolumesInUse = isMounted ? [Volume.UniqueName] : [] },
        };
        var plan = Compute(node, [], minutes);
        Assert.Equal((goes ? 1 : 0, goes ? 0 : 1, goes ? 0 : 1), (plan.Detach.Count, plan.WaitFor.Count, plan.Attached.Count));
    }

    [Fact]
    public void A_node_that_is_gone_is_waited_for_six_minutes_and_gets_nothing()
    {
        Assert.Empty(Compute(null, [Volume with { Handle = "other" }], 5).Attach);
        Assert.Empty(Compute(null, [], 5).Detach);
        Assert.Single(Compute(null, [], 6).Detach);
    }

    [Theory]
    [InlineData(true, true, false)] // as long as it takes
    [InlineData(false, false, false)] // a node that is gone too
    [InlineData(true, false, true)] // what is not mounted goes at once
    public void Where_force_is_turned_off_no_node_is_taken_a_volume_for_being_late(bool isThere, bool isMounted, bool goes)
    {
        var node = isThere ? new Node { Status = new() { VolumesInUse = isMounted ? [Volume.UniqueName] : [] } } : null;
        var own = new VolumeAttachment { Metadata = new ObjectMeta { Name = Volume.AttachmentOn("n") }, Status = new() { Attached = true } };
        var plan = AttachmentPlan.Compute("n", node, [], [(own, Volume)], _ => [], _ => Now.AddHours(-1), Now, forcesLate: false);
        Assert.Equal((goes ? 1 : 0, goes ? 0 : 1), (plan.Detach.Count, plan.WaitFor.Count));
    }

    [Fact]
    public void A_volume_that_another_node_has_waits_unless_many_may_have_it()
    {
        var (one, many) = (new AttachableVolume("a", "d", "a", true), new AttachableVolume("b", "d", "b", false));
        var plan = AttachmentPlan.Compute("n", new Node(), [one, many], [], _ => ["m"], _ => Now, Now);
        Assert.Equal((many, one), (Assert.Single(plan.Attach), Assert.Single(plan.Elsewhere)));
    }

    [Fact]
    public void A_pod_needs_its_volumes_until_nothing_of_it_runs()
    {
        var pod = new Pod { Spec = new() { NodeName = "n" }, Status = new() { Phase = "Running", ContainerStatuses = [new ContainerStatus { State = new() { Running = new() } }] } };
        Assert.True(AttachmentPlan.NeedsVolumes(pod));
        Assert.True(AttachmentPlan.NeedsVolumes(pod with { Metadata = new ObjectMeta { DeletionTimestamp = Now } }));
        var ended = pod with { Metadata = new ObjectMeta { DeletionTimestamp = Now }, Status = pod.Status with { ContainerStatuses = [new ContainerStatus { State = new() { Terminated = new() } }] } };
        Assert.False(AttachmentPlan.NeedsVolumes(ended));
        Assert.False(AttachmentPlan.NeedsVolumes(pod with { Status = pod.Status with { Phase = "Succeeded" } }));
        Assert.False(AttachmentPlan.NeedsVolumes(pod with { Spec = new() }));
    }

    [Theory]
    [InlineData("", "", false)]
    [InlineData("a", "a", false)]
    [InlineData("a", "", false)]
    [InlineData("", "a", true)]
    [InlineData("a", "b a", true)]
    [InlineData("", null, false)]
    [InlineData(null, null, false)]
    public void What_the_kubelet_took_into_use_meanwhile_stays(string? planned, string? told, bool hasTaken)
    {
        Assert.Equal(hasTaken, AttachmentPlan.HasTakenMore(Of(planned), Of(told)));

        static Node? Of(string? volumes) => volumes is null ? null : new Node { Status = new() { VolumesInUse = volumes.Split(' ', StringSplitOptions.RemoveEmptyEntries) } };
    }

    private static AttachmentPlan Compute(Node? node, IReadOnlyList<AttachableVolume> needed, int minutes)
    {
        var attachment = new VolumeAttachment { Metadata = new ObjectMeta { Name = Volume.AttachmentOn("n"), Uid = "u" }, Status = new() { Attached = true } };
        return AttachmentPlan.Compute("n", node, needed, [(attachment, Volume)], _ => [], _ => Now.AddMinutes(-minutes), Now);
    }
}

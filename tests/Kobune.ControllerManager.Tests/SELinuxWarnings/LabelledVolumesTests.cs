using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.ControllerManager.SELinuxWarnings;

namespace Kobune.ControllerManager.Tests.SELinuxWarnings;

/// <summary>Which labels cannot be on one volume, and who is told.</summary>
public class LabelledVolumesTests
{
    private static readonly ObjectKey One = new("ns", "one");
    private static readonly ObjectKey Two = new("ns", "two");
    private static readonly ObjectKey Far = new("far", "three");

    [Theory]
    [InlineData("u:r:t:s0:c1,c2", "u:r:t:s0:c1,c2", false)]
    [InlineData("u:r:t:s0:c1,c2", "u:r:t:s0:c1,c3", true)]
    [InlineData("u:r:t:s0:c1,c2", ":::s0:c1,c2", false)]
    [InlineData("u:r:t:s0:c1,c2", ":::s0:c98,c99", true)]
    [InlineData("u:r:t:s0", "x:::", true)]
    [InlineData("u:::", ":r::", false)]
    [InlineData("", "u:r:t:s0", false)]
    [InlineData("", "", false)]
    public void Labels_conflict_where_both_say_something_else(string one, string other, bool expected)
    {
        Assert.Equal(expected, SELinuxLabels.Conflict(one, other));
        Assert.Equal(expected, SELinuxLabels.Conflict(other, one));
    }

    [Fact]
    public void A_containers_label_goes_before_its_pods_and_only_those_that_mount_the_volume_count()
    {
        var pod = new Pod
        {
            Spec = new()
            {
                SecurityContext = new() { SELinuxOptions = new() { Level = "s0:c1" } },
                InitContainers = [Mounting("i", "v", null)],
                Containers = [Mounting("a", "v", new() { Level = "s0:c2" }), Mounting("b", "w", new() { Level = "s0:c3" }), Mounting("c", "w", new())],
            },
        };
        Assert.Equal([":::s0:c1", ":::s0:c2"], SELinuxLabels.Of(pod, "v"));
        Assert.Equal([":::s0:c3", ""], SELinuxLabels.Of(pod, "w"));
        Assert.Empty(SELinuxLabels.Of(pod, "none"));
    }

    [Fact]
    public void A_pod_is_told_of_each_conflict_once_and_the_other_hears_the_reverse()
    {
        var volumes = new LabelledVolumes();
        Assert.Empty(volumes.Add("v", "d", One, new("::t:s0:c1", "MountOption")));
        var told = Assert.Single(volumes.Add("v", "d", Two, new("::t:s0:c2", "MountOption")));
        Assert.Equal(("SELinuxLabelConflict", Two, One), (told.Reason, told.Pod, told.Other));
        Assert.Equal("SELinuxLabel \"::t:s0:c2\" conflicts with pod one that uses the same volume as this pod with SELinuxLabel \"::t:s0:c1\". If both pods land on the same node, only one of them may access the volume.", told.Message);
        Assert.Equal("SELinuxLabel \"::t:s0:c1\" conflicts with pod two that uses the same volume as this pod with SELinuxLabel \"::t:s0:c2\". If both pods land on the same node, only one of them may access the volume.", told.Reversed.Message);
        Assert.Empty(volumes.Add("v", "d", Two, new("::t:s0:c2", "MountOption")));
        Assert.Empty(volumes.Add("w", "d", Two, new("::t:s0:c2", "MountOption")));
        Assert.Equal(2, volumes.Conflicts.Count);
        volumes.Remove(One);
        Assert.Empty(volumes.Conflicts);
    }

    [Fact]
    public void A_pod_of_another_namespace_is_not_named_and_policies_conflict_too()
    {
        var volumes = new LabelledVolumes();
        volumes.Add("v", "d", One, new("::t:s0:c1", "MountOption"));
        var told = Assert.Single(volumes.Add("v", "d", Far, new("", "Recursive")));
        Assert.Equal("SELinuxChangePolicyConflict", told.Reason);
        Assert.Equal("SELinuxChangePolicy\"Recursive\" conflicts with another pod that uses the same volume as this pod with a different SELinuxChangePolicy. If both pods land on the same node, only one of them may access the volume.", told.Message);
        Assert.Equal([Far, One], volumes.PodsOf("d").OrderBy(p => p.Namespace, StringComparer.Ordinal));
        Assert.Empty(volumes.PodsOf("other"));
    }

    private static Container Mounting(string name, string volume, SELinuxOptions? options) =>
        new() { Name = name, VolumeMounts = [new() { Name = volume }], SecurityContext = options is null ? null : new() { SELinuxOptions = options } };
}

using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;

namespace Kobune.Scheduler.Tests.Volumes;

/// <summary>What upstream's binder says of a node: at most one reason of claims that are bound, and one of those to bind.</summary>
public class VolumeFitTests
{
    private const string Affinity = "node(s) didn't match PersistentVolume's node affinity";
    private const string NoneToBind = "node(s) didn't find available persistent volumes to bind";
    private const string Missing = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";

    [Theory]
    [InlineData("bound, reached from its node", "bound:here", "here:a", "", Affinity)]
    [InlineData("bound to nothing", "bound:gone", "", Missing, Missing)]
    [InlineData("one to bind, with a volume on one node", "late:", "free:a:1Gi", "", NoneToBind)]
    [InlineData("one bound elsewhere and one without a volume", "bound:here late:", "here:a", NoneToBind, Affinity + ", " + NoneToBind)]
    [InlineData("bound to nothing, and one without a volume", "bound:gone late:", "", Missing + ", " + NoneToBind, Missing + ", " + NoneToBind)]
    [InlineData("two of the same complaint", "bound:here other:here", "here:a", "", Affinity)]
    [InlineData("a small claim leaves the large volume to the large one", "late:/5Gi other:/1Gi", "large:a:5Gi small:a:1Gi", "", NoneToBind)]
    public void Reasons(string name, string claims, string volumes, string onA, string onB)
    {
        var all = claims.Split(' ').Select(Claim).ToArray();
        var cluster = new TestCluster
        {
            Claims = new(all),
            Volumes = new([.. volumes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Volume)]),
            Classes = new(new StorageClass { Metadata = new() { Name = "made" }, Provisioner = "kubernetes.io/no-provisioner", VolumeBindingMode = "WaitForFirstConsumer" }),
        }.Nodes("a:at=a", "b:at=b");
        var pod = Objects.Pod("p").With(s => s with { Volumes = [.. all.Select(c => new Volume { Name = c.Metadata.Name, PersistentVolumeClaim = new() { ClaimName = c.Metadata.Name } })] });
        var reasons = cluster.Reasons(pod);
        Assert.True((onA, onB) == (reasons["a"], reasons["b"]), $"{name}: {reasons["a"]} | {reasons["b"]}");
    }

    [Theory]
    [InlineData("anywhere", "", "", "")]
    [InlineData("one of two values", "at=a,c", "", NoneToBind)]
    [InlineData("one of two terms", "at=c|at=b", NoneToBind, "")]
    [InlineData("all that a term says", "at=a,b;in=b", NoneToBind, "")]
    [InlineData("an empty term says nothing", "|at=b", NoneToBind, "")]
    [InlineData("a label that no node has", "else=a", NoneToBind, NoneToBind)]
    public void A_class_makes_volumes_where_its_topologies_allow(string name, string topologies, string onA, string onB)
    {
        var terms = topologies.Length == 0 ? [] : topologies.Split('|').Select(term => new TopologySelectorTerm
        {
            MatchLabelExpressions = [.. term.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(e => e.Split('=')).Select(e => new TopologySelectorLabelRequirement { Key = e[0], Values = e[1].Split(',') })],
        });
        var cluster = new TestCluster
        {
            Claims = new(Claim("late:")),
            Classes = new(new StorageClass { Metadata = new() { Name = "made" }, Provisioner = "maker", VolumeBindingMode = "WaitForFirstConsumer", AllowedTopologies = [.. terms] }),
        }.Nodes("a:at=a,in=a", "b:at=b,in=b");
        var reasons = cluster.Reasons(Objects.Pod("p").With(s => s with { Volumes = [new Volume { Name = "late", PersistentVolumeClaim = new() { ClaimName = "late" } }] }));
        Assert.True((onA, onB) == (reasons["a"], reasons["b"]), $"{name}: {reasons["a"]} | {reasons["b"]}");
    }

    // "NAME:VOLUME/SIZE"
    private static PersistentVolumeClaim Claim(string text)
    {
        var (name, rest) = (text.Split(':')[0], text.Split(':')[1].Split('/'));
        return new()
        {
            Metadata = new() { Namespace = "default", Name = name, Uid = "uid-" + name, Annotations = rest[0].Length > 0 ? Objects.Labels("pv.kubernetes.io/bind-completed=yes") : [] },
            Spec = new() { VolumeName = rest[0], AccessModes = ["ReadWriteOnce"], StorageClassName = "made", Resources = new() { Requests = Amount(Quantity.Parse(rest.ElementAtOrDefault(1) ?? "1Gi")) } },
        };
    }

    private static Dictionary<string, Quantity> Amount(Quantity size) => new() { ["storage"] = size };

    // "NAME:NODE:SIZE"; the volume "here" is the claim bound's
    private static PersistentVolume Volume(string text)
    {
        var parts = text.Split(':');
        return new()
        {
            Metadata = new() { Name = parts[0] },
            Spec = new()
            {
                AccessModes = ["ReadWriteOnce"],
                StorageClassName = "made",
                ClaimRef = parts[0] == "here" ? new() { Namespace = "default", Name = "bound", Uid = "uid-bound" } : null,
                Capacity = Amount(Quantity.Parse(parts.ElementAtOrDefault(2) ?? "1Gi")),
                NodeAffinity = new() { Required = new() { NodeSelectorTerms = [new() { MatchExpressions = [new() { Key = "at", Operator = "In", Values = [parts[1]] }] }] } },
            },
            Status = new() { Phase = "Available" },
        };
    }
}

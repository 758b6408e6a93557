using Kobune.Api.Core.V1;
using Kobune.Api.Volumes;

namespace Kobune.Api.Tests.Volumes;

public class VolumeMatchTests
{
    private sealed record Case(string Name, PersistentVolumeClaim Claim, PersistentVolume[] Volumes, string? Found)
    {
        public bool IsReservedOnly { get; init; }

        public Func<PersistentVolume, bool>? FitsNode { get; init; }
    }

    private static readonly Case[] Cases =
    [
        new("the smallest that is large enough", Claim("5Gi"), [Volume("small", "1Gi"), Volume("large", "100Gi"), Volume("right", "6Gi")], "right"),
        new("none is large enough", Claim("5Gi"), [Volume("small", "1Gi")], null),
        new("every mode of the claim must be there", Claim("1Gi", "ReadWriteMany"), [Volume("once", "1Gi"), Volume("many", "9Gi", "ReadWriteOnce", "ReadWriteMany")], "many"),
        new("fewer modes come first, whatever the size", Claim("1Gi"), [Volume("both", "1Gi", "ReadWriteOnce", "ReadOnlyMany"), Volume("one", "50Gi")], "one"),
        new("another class does not match", Claim("1Gi") with { Spec = Claim("1Gi").Spec with { StorageClassName = "fast" } }, [Volume("v", "1Gi")], null),
        new("no class wants a volume without one", Claim("1Gi"), [InClass(Volume("classy", "1Gi"), "fast"), Volume("plain", "2Gi")], "plain"),
        new("the selector must hold", Selecting(Claim("1Gi"), "blue"), [Labelled(Volume("red", "1Gi"), "red"), Labelled(Volume("blue", "2Gi"), "blue")], "blue"),
        new("another's volume is not taken", Claim("1Gi"), [For(Volume("taken", "1Gi"), "somebody", "")], null),
        new("one that names the claim comes before a smaller one", Claim("1Gi"), [Volume("small", "1Gi"), For(Volume("reserved", "9Gi"), "c", "")], "reserved"),
        new("one that names a claim of the same name before it was made anew is not taken", Claim("1Gi"), [For(Volume("old", "1Gi"), "c", "other-uid")], null),
        new("a released one is not taken", Claim("1Gi"), [Volume("gone", "1Gi") with { Status = new() { Phase = "Released" } }], null),
        new("one that is being deleted is not taken", Claim("1Gi"), [Volume("going", "1Gi") with { Metadata = new() { Name = "going", DeletionTimestamp = DateTimeOffset.UnixEpoch } }], null),
        new("a block device is no file system", Claim("1Gi"), [Volume("block", "1Gi") with { Spec = Volume("block", "1Gi").Spec with { VolumeMode = "Block" } }], null),
        new("waiting for a pod: only one that names the claim", Claim("1Gi"), [Volume("free", "1Gi")], null) { IsReservedOnly = true },
        new("waiting for a pod: one that names the claim", Claim("1Gi"), [Volume("free", "1Gi"), For(Volume("mine", "1Gi"), "c", "uid")], "mine") { IsReservedOnly = true },
        new("on a node: only what is reached from there", Claim("1Gi"), [Volume("far", "1Gi"), Volume("near", "2Gi")], "near") { FitsNode = v => v.Metadata.Name == "near" },
        new("on a node: a reserved one out of reach leaves nothing", Claim("1Gi"), [Volume("near", "1Gi"), For(Volume("far", "2Gi"), "c", "uid")], null) { FitsNode = v => v.Metadata.Name == "near" },
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Find(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        Assert.Equal(c.Found, VolumeMatch.Find(c.Claim, c.Volumes, c.IsReservedOnly, c.FitsNode)?.Metadata.Name);
    }

    [Theory]
    [InlineData("100Gi", "", "Filesystem", "ReadWriteOnce", "requested PV is too small")]
    [InlineData("1Gi", "fast", "Filesystem", "ReadWriteOnce", "storageClassName does not match")]
    [InlineData("1Gi", "", "Block", "ReadWriteOnce", "incompatible volumeMode")]
    [InlineData("1Gi", "", "Filesystem", "ReadWriteMany", "incompatible accessMode")]
    [InlineData("1Gi", "", "Filesystem", "ReadWriteOnce", null)]
    public void A_volume_asked_for_by_name_is_refused_in_upstreams_words(string size, string storageClass, string mode, string access, string? complaint)
    {
        var claim = Claim(size, access);
        Assert.Equal(complaint, VolumeMatch.Complaint(Volume("v", "5Gi"), claim with { Spec = claim.Spec with { StorageClassName = storageClass, VolumeMode = mode } }));
    }

    [Fact]
    public void A_volume_asked_for_by_name_that_goes_is_refused_whatever_it_has()
    {
        var going = Volume("v", "1Gi");
        Assert.Equal("the volume is marked for deletion \"v\"", VolumeMatch.Complaint(going with { Metadata = going.Metadata with { DeletionTimestamp = DateTimeOffset.UnixEpoch } }, Claim("9Gi")));
    }

    private static PersistentVolumeClaim Claim(string size, string mode = "ReadWriteOnce") => new()
    {
        Metadata = new() { Name = "c", Namespace = "d", Uid = "uid" },
        Spec = new() { AccessModes = [mode], Resources = new() { Requests = new Dictionary<string, Quantity> { ["storage"] = Quantity.Parse(size) } } },
    };

    private static PersistentVolume Volume(string name, string size, params string[] modes) => new()
    {
        Metadata = new() { Name = name },
        Spec = new() { AccessModes = modes.Length == 0 ? ["ReadWriteOnce"] : modes, Capacity = new Dictionary<string, Quantity> { ["storage"] = Quantity.Parse(size) } },
        Status = new() { Phase = "Available" },
    };

    private static PersistentVolume InClass(PersistentVolume volume, string name) => volume with { Spec = volume.Spec with { StorageClassName = name } };

    private static PersistentVolume Labelled(PersistentVolume volume, string color) => volume with { Metadata = volume.Metadata with { Labels = new Dictionary<string, string> { ["color"] = color } } };

    private static PersistentVolume For(PersistentVolume volume, string claim, string uid) => volume with { Spec = volume.Spec with { ClaimRef = new() { Name = claim, Namespace = "d", Uid = uid } } };

    private static PersistentVolumeClaim Selecting(PersistentVolumeClaim claim, string color) =>
        claim with { Spec = claim.Spec with { Selector = new() { MatchLabels = new Dictionary<string, string> { ["color"] = color } } } };
}

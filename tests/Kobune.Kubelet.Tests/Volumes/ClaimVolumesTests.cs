using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Kubelet.Volumes;

namespace Kobune.Kubelet.Tests.Volumes;

public sealed class ClaimVolumesTests : IDisposable
{
    private const string InUse = "volume uses the ReadWriteOncePod access mode and is already in use by another pod";
    private readonly string _root = Directory.CreateTempSubdirectory("kobune-claims-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_volume_for_one_pod_is_refused_to_a_second_one_until_the_first_has_ended()
    {
        var volume = Volume(["ReadWriteOncePod"], hostPath: _root);
        Assert.Equal(_root, (await SetUpAsync(volume, PodOf("a"))).Path);
        Assert.Equal(_root, (await SetUpAsync(volume, PodOf("a"))).Path);
        Assert.Equal(InUse, (await Assert.ThrowsAsync<VolumeException>(() => SetUpAsync(volume, PodOf("b")))).Message);

        Directory.Delete(Path.Combine(_root, "pods", "a", "volumes"), recursive: true); // what the end of a pod does
        Assert.Equal(_root, (await SetUpAsync(volume, PodOf("b"))).Path);
    }

    [Theory]
    [InlineData("ReadWriteOnce")]
    [InlineData("ReadWriteMany")]
    public async Task Other_volumes_serve_several_pods(string mode)
    {
        var volume = Volume([mode], hostPath: _root);
        await SetUpAsync(volume, PodOf("a"));
        Assert.Equal(_root, (await SetUpAsync(volume, PodOf("b"))).Path);
    }

    [Theory]
    [InlineData("Block", "mount", "volume data has volumeMode Block, but is specified in volumeMounts")]
    [InlineData("Filesystem", "device", "volume data has volumeMode Filesystem, but is specified in volumeDevices")]
    public async Task A_volume_is_used_as_what_it_is(string mode, string use, string expected) =>
        Assert.Equal(expected, (await Assert.ThrowsAsync<VolumeException>(() => SetUpAsync(Volume(["ReadWriteOnce"], hostPath: _root) is var v ? v with { Spec = v.Spec with { VolumeMode = mode } } : v, PodOf("a", use)))).Message);

    [Fact]
    public async Task A_hostPath_volume_is_no_block_device() =>
        Assert.Equal(
            "MapVolume.FindMapperPluginBySpec failed to find BlockVolumeMapper plugin. Volume plugin is nil. for volume \"pv\" : <nil>",
            (await Assert.ThrowsAsync<MountException>(() => SetUpAsync(Block(Volume(["ReadWriteOnce"], hostPath: "/dev/null")), PodOf("a", "device")))).Message);

    [Theory]
    [InlineData("/dev/null", "not a device")]
    [InlineData("/dev/kobune-none", "device not found")]
    public async Task A_local_volume_that_is_no_device_says_so(string path, string expected) =>
        Assert.Equal(
            $"MapVolume.MapBlockVolume failed for volume \"pv\" : blkUtil.AttachFileDevice failed. globalMapPath:{_root}/plugins/kubernetes.io~local-volume/volumeDevices/pv, podUID: a: {expected}",
            (await Assert.ThrowsAsync<MountException>(() => SetUpAsync(Block(Volume(["ReadWriteOnce"], local: path)), PodOf("a", "device")))).Message);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static PersistentVolume Block(PersistentVolume volume) => volume with { Spec = volume.Spec with { VolumeMode = "Block" } };

    private static PersistentVolume Volume(string[] modes, string? hostPath = null, string? local = null) => new()
    {
        Metadata = new ObjectMeta { Name = "pv" },
        Spec = new() { AccessModes = modes, HostPath = hostPath is null ? null : new() { Path = hostPath }, Local = local is null ? null : new() { Path = local } },
    };

    private static Pod PodOf(string uid, string use = "mount") => new()
    {
        Metadata = new ObjectMeta { Name = uid, Namespace = "default", Uid = uid },
        Spec = new()
        {
            Containers =
            [
                new Container
                {
                    Name = "c",
                    VolumeMounts = use == "mount" ? [new() { Name = "data", MountPath = "/v" }] : [],
                    VolumeDevices = use == "device" ? [new() { Name = "data", DevicePath = "/dev/x" }] : [],
                },
            ],
        },
    };

    private Task<MountedVolume> SetUpAsync(PersistentVolume volume, Pod pod) =>
        new ClaimVolumes(new(_root, "/logs", "/containers"), new OneVolume(volume), () => null).SetUpAsync(pod, "data", "claim", readOnly: false, Ct);

    private sealed class OneVolume(PersistentVolume volume) : IClaims
    {
        public Task<PersistentVolume> FindVolumeAsync(Pod pod, string claim, CancellationToken ct) => Task.FromResult(volume);
    }
}

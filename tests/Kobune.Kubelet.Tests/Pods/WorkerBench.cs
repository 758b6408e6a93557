using System.Collections.Concurrent;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Kubelet.Cgroups;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Devices;
using Kobune.Kubelet.Events;
using Kobune.Kubelet.Images;
using Kobune.Kubelet.Pods;
using Kobune.Kubelet.Probes;
using Kobune.Kubelet.Resizes;
using Kobune.Kubelet.Runtime;
using Kobune.Kubelet.Sandboxes;
using Kobune.Kubelet.Statuses;
using Kobune.Kubelet.Volumes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Kubelet.Tests.Pods;

/// <summary>Pod workers on a runtime in memory, with a clock that the test moves.</summary>
internal sealed class WorkerBench : IPodEnvironment, IPodObjects, IClaims, IDeviceClaims, IKubeletEvents, IStatusWriter, ISnapshots, IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kobune-worker").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpProber _http = new("v1.36.0");
    private readonly ProbeManager _probes;
    private readonly Node.TestLog _log = new();
    private readonly Task _writers;

    internal WorkerBench(KubeletOptions? settings = null)
    {
        Runtime = new FakeRuntime(Time);
        var options = settings ?? new KubeletOptions { NodeName = "n", NodeIP = "192.168.49.2" };
        var folders = new PodFolders(_folder, _folder + "/logs", _folder + "/links");
        var reader = new PodRuntimeReader(Runtime);
        var errors = new StartErrors();
        _probes = new(new ProbeRunner(Runtime, _http), this, Time, uid => Workers!.Wake(uid));
        var hooks = new LifecycleHooks(Runtime, _http, Time);
        var killer = new PodKiller(Runtime, hooks, this, Time);
        var tokens = new ServiceAccountTokens((_, _, request, _) => Task.FromResult(request with { Status = new() { Token = "token", ExpirationTimestamp = Time.GetUtcNow().AddHours(1) } }), Time);
        var images = new ImageManager(Runtime, this, (_, _, _) => Task.FromResult<IReadOnlyList<Cri.AuthConfig>>([]), Time);
        var volumes = new VolumeManager(folders, new VolumeFiles(this, tokens), new ClaimVolumes(folders, this, () => null), new(folders, images, this, new(_folder)), Time);
        var starter = new ContainerStarter(Runtime, images, new ContainerConfigs(options, folders, 1L << 30), hooks, killer, folders, this);
        var cgroups = new CgroupManager(_folder, "");
        Allocations = new(new(folders), this, () => Machine, () => Workers!.All.Where(w => !w.HasStopped).Select(w => w.Pod), uid => Workers!.Wake(uid), Time);
        var resizer = new PodResizer(Runtime, cgroups, Allocations, 1L << 30, withQuota: true);
        var syncer = new PodSyncer(Runtime, volumes, this, new SandboxConfigs(options, folders), starter, killer, cgroups, _probes, resizer, Allocations, errors, this, folders, this, options.Features, Time);
        var cleaner = new PodCleaner(Runtime, reader, volumes, cgroups, syncer, images, tokens, folders, _ => { });
        Statuses = new(this, pod => pod, Time, NullLogger.Instance);
        Workers = new(new(reader, syncer, killer, cleaner, _probes, Statuses, Allocations, errors, this, this, Time), _log);
        Workers.Start(_stop.Token);
        _writers = Statuses.RunAsync(_stop.Token);
    }

    internal ManualTime Time { get; } = new();

    /// <summary>What the workers warned of.</summary>
    internal string Log => _log.ToString();

    /// <summary>Why pods do not get their devices.</summary>
    internal string? NoDevices { get; set; }

    Task<string?> IDeviceClaims.ComplaintAsync(Pod pod, CancellationToken ct) => Task.FromResult(NoDevices);

    internal FakeRuntime Runtime { get; }

    internal PodWorkers Workers { get; }

    internal StatusManager Statuses { get; }

    internal PodAllocations Allocations { get; }

    /// <summary>The node that pods are admitted to.</summary>
    internal Kobune.Api.Core.V1.Node Machine { get; set; } = new();

    internal string Folder => _folder;

    internal ConcurrentQueue<string> Seen { get; } = new();

    internal ConcurrentQueue<string> Deleted { get; } = new();

    /// <summary>Whether the pod counted as using nothing of the node any more when its object was deleted.</summary>
    internal bool? HadStopped { get; private set; }

    public IPodObjects Objects => this;

    public IReadOnlyList<string> HostIPs => ["192.168.49.2"];

    public IEnumerable<Service> Services => [];

    public IReadOnlyDictionary<string, Quantity> Allocatable { get; } = new Dictionary<string, Quantity>();

    public string? NetworkProblem => null;

    internal PodStatus Status => Statuses.Find("u") ?? PodStatus.Empty;

    internal static Pod Make(Container? container = null, string policy = "Always") => new()
    {
        Metadata = new() { Name = "p", Namespace = "d", Uid = "u" },
        Spec = new() { RestartPolicy = policy, TerminationGracePeriodSeconds = 30, Containers = [container ?? new() { Name = "a", Image = "app:1" }] },
    };

    internal static Pod Deleting(Pod pod, long grace) => pod with { Metadata = pod.Metadata with { DeletionTimestamp = DateTimeOffset.UnixEpoch, DeletionGracePeriodSeconds = grace } };

    internal void Update(Pod pod) => Workers.Update(pod, _ => null, (_, _) => throw new InvalidOperationException("nothing to confirm"));

    /// <summary>Waits without moving the clock.</summary>
    internal async Task UntilAsync(Func<bool> holds, string expected)
    {
        for (var i = 0; !holds(); i++)
        {
            Assert.True(i < 6000, $"expected: {expected}; calls: {string.Join(", ", Runtime.Calls)}; events: {string.Join(", ", Seen)}; log: {_log}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    /// <summary>Moves the clock second by second until it holds; returns how far.</summary>
    internal async Task<TimeSpan> AdvanceUntilAsync(Func<bool> holds, string expected)
    {
        var start = Time.GetUtcNow();
        while (!holds())
        {
            Assert.True(Time.GetUtcNow() - start < TimeSpan.FromHours(1), $"expected: {expected}; calls: {string.Join(", ", Runtime.Calls)}; events: {string.Join(", ", Seen)}; log: {_log}");
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }

        return Time.GetUtcNow() - start;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Workers.StopAsync();
        await _writers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _probes.DisposeAsync();
        _http.Dispose();
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public Task ViewAsync(string chain, string key, Action<IReadOnlyList<Containerd.SnapshotMount>> use, CancellationToken ct) => throw new VolumeException("no images are mounted here");

    public string? RuntimeHandler(string runtimeClass) => null;

    public Task<ConfigMap?> FindConfigMapAsync(string ns, string name, CancellationToken ct) => Task.FromResult<ConfigMap?>(null);

    public Task<Secret?> FindSecretAsync(string ns, string name, CancellationToken ct) => Task.FromResult<Secret?>(null);

    public Task<PersistentVolume> FindVolumeAsync(Pod pod, string claim, CancellationToken ct) => throw new VolumeException("PVC is not bound");

    void IKubeletEvents.Pod(Pod pod, Container? container, string type, string reason, string message) => Seen.Enqueue($"{reason}: {message}");

    void IKubeletEvents.Node(string type, string reason, string message) => Seen.Enqueue($"{reason}: {message}");

    public Task<bool> WriteAsync(Pod pod, PodStatus known, PodStatus status, CancellationToken ct) => Task.FromResult(true);

    public Task FinishDeletionAsync(Pod pod, CancellationToken ct)
    {
        HadStopped = Workers.Find(pod.Metadata.Uid)?.HasStopped;
        Deleted.Enqueue(pod.Metadata.Uid);
        return Task.CompletedTask;
    }
}

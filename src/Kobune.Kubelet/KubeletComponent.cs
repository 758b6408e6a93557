using Kobune.Api.Authentication.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Node.V1;
using Kobune.Client;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.Grpc;
using Kobune.Kubelet.Admission;
using Kobune.Kubelet.Cgroups;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Devices;
using Kobune.Kubelet.Images;
using Kobune.Kubelet.Logs;
using Kobune.Kubelet.Nodes;
using Kobune.Kubelet.Pods;
using Kobune.Kubelet.Probes;
using Kobune.Kubelet.Resizes;
using Kobune.Kubelet.Runtime;
using Kobune.Kubelet.Sandboxes;
using Kobune.Kubelet.Server;
using Kobune.Kubelet.Sources;
using Kobune.Kubelet.Statuses;
using Kobune.Kubelet.Volumes;
using Microsoft.Extensions.Logging;

namespace Kobune.Kubelet;

/// <summary>
/// The kubelet of one node. The client speaks as system:node:&lt;name&gt;. Stopping it leaves the containers alone: the next one takes them over
/// from the runtime and /var/lib/kubelet/pods.
/// </summary>
public sealed partial class KubeletComponent(IClient client, InformerFactory informers, KubeletOptions options, TimeProvider time, ILoggerFactory loggers) : IComponent
{
    private static readonly TimeSpan RelistPeriod = TimeSpan.FromMinutes(5);
    private readonly ILogger _logger = loggers.CreateLogger("Kobune.Kubelet");
    private readonly SysctlAllowlist _sysctls = new(options.AllowedUnsafeSysctls, options.Features.Version);

    /// <inheritdoc/>
    public string Name => "kubelet";

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken ct)
    {
        using var channel = GrpcChannel.ForUnixSocket(options.RuntimeSocket, new() { TimeProvider = time });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var running = new List<Task>();
        try
        {
            var inputs = new ExecInputs(new ContainerdTasks(channel).ForgetExecAsync, time, _logger);
            await RunAsync(new CriClient(channel), new ContainerdSnapshots(channel), new ContainerdEvents(channel, time, _logger), inputs, running, stop.Token);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The normal end.
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunAsync(ICriRuntime runtime, ISnapshots snapshots, ContainerdEvents containerd, ExecInputs inputs, List<Task> running, CancellationToken ct)
    {
        var machine = MachineFacts.Read();
        var folders = new PodFolders(options.RootDirectory, options.PodLogsDirectory, options.ContainerLogsDirectory);
        var recorder = new EventRecorder(client, "kubelet", options.NodeName, time, _logger);
        var events = new NodeEvents(recorder, options.NodeName);
        running.Add(recorder.RunAsync(ct));

        var cgroups = new CgroupManager(options.CgroupRoot, options.CgroupParent) { WritesCpuQuota = options.CpuQuota };
        cgroups.EnsureRoots();

        PodWorkers? workers = null;
        var pods = informers.For<Pod>(fieldSelector: "spec.nodeName=" + options.NodeName);
        var services = informers.For<Service>();
        var classes = informers.For<RuntimeClass>();
        var objects = new PodObjects(client, time, reference => WakeUsers(workers!, reference));
        objects.Start(ct);
        var reporter = new NodeReporter(options, client, runtime, machine, events, time, _logger) { NetworkChanged = () => workers?.WakeAll() };
        var environment = new NodeEnvironment(options, objects, services.Cache, classes.Cache, reporter);

        using var http = new HttpProber(options.KubeletVersion);
        var errors = new StartErrors();
        var reader = new PodRuntimeReader(runtime);
        await using var probes = new ProbeManager(new ProbeRunner(runtime, http), events, time, uid => workers!.Wake(uid));
        var hooks = new LifecycleHooks(runtime, http, time);
        var killer = new PodKiller(runtime, hooks, events, time);
        var tokens = new ServiceAccountTokens(RequestTokenAsync, time);
        using var slots = options.MaxParallelImagePulls > 0 ? new SemaphoreSlim(options.MaxParallelImagePulls) : null;
        var images = new ImageManager(runtime, events, new ImagePullSecrets(objects).FindAsync, time) { BeforePull = options.BeforePull, Slots = slots };
        var volumes = new VolumeManager(folders, new VolumeFiles(objects, tokens), new ClaimVolumes(folders, new ApiClaims(client), () => reporter.Node), new(folders, images, snapshots, new(options.ContentDirectory)), time);
        var configs = new ContainerConfigs(options, folders, machine.MemoryBytes);
        var starter = new ContainerStarter(runtime, images, configs, hooks, killer, folders, events);
        var allocations = new PodAllocations(new(folders), events, () => reporter.Node, () => workers!.All.Where(w => !w.HasStopped).Select(w => w.Pod), uid => workers!.Wake(uid), time);
        var resizer = new PodResizer(runtime, cgroups, allocations, machine.MemoryBytes, options.CpuQuota);
        var syncer = new PodSyncer(runtime, volumes, new ApiDeviceClaims(client), new SandboxConfigs(options, folders), starter, killer, cgroups, probes, resizer, allocations, errors, environment, folders, events, options.Features, time);
        var cleaner = new PodCleaner(runtime, reader, volumes, cgroups, syncer, images, tokens, folders, _ => objects.KeepOnly(workers!.All.Where(w => !w.IsTerminated).Select(w => w.Pod)));
        var mirrors = new MirrorPods(client, pods.Cache, options.NodeName, _logger);
        var statuses = new StatusManager(new ApiStatusWriter(client), mirrors.ApiPod, time, _logger);
        workers = new PodWorkers(new PodWorkerServices(reader, syncer, killer, cleaner, probes, statuses, allocations, errors, environment, events, time) { ShowsReadyToStart = options.Features.IsEnabled("PodReadyToStartContainersCondition") }, _logger);
        workers.Start(ct);

        var changes = new RuntimeChanges();
        var rotation = new LogRotation(runtime, options, time, _logger);
        var server = options.ServingCertificate is null ? null : new KubeletServer(options, client, workers, runtime, inputs, changes, machine, folders, time, loggers);
        await using var ownedServer = server;
        if (server is not null)
        {
            reporter.KubeletPort = await server.StartAsync(ct);
        }

        await reporter.RegisterAsync(ct);
        running.Add(reporter.RunAsync(ct));
        running.Add(statuses.RunAsync(ct));
        running.Add(rotation.RunAsync(() => workers.All.SelectMany(w => w.Status.Containers).Where(c => c.IsRunning), ct));
        await CacheSync.WaitAsync([pods, services, classes], TimeSpan.FromMinutes(5), time, ct);
        using var source = pods.Subscribe(change => OnPod(change, workers, mirrors, statuses, reporter, allocations));
        using var statics = options.StaticPodPath is { } path ? new StaticPods(path, options.NodeName, time, _logger) : null;
        statics?.Start(
            pod =>
            {
                mirrors.Set(pod);
                workers.Update(pod, p => Admit(p, reporter.Node, workers, allocations), (p, ct) => ConfirmAsync(p, workers, reporter, allocations, ct));
            },
            uid =>
            {
                mirrors.Remove(uid);
                workers.Remove(uid);
            });
        running.Add(mirrors.RunAsync(ct));

        var orphans = new OrphanCleaner(runtime, reader, cleaner, folders, _logger);
        running.Add(RelistAsync(orphans, workers, ct));
        LogStarted(options.NodeName, workers.All.Count());
        var exits = new ExitWatcher(runtime, time, (id, uid) => OnExited(id, uid, workers, changes));
        var stream = containerd.RunAsync(id => exits.OnExit(id, ct), (container, exec) => _ = inputs.OnExecExit(container, exec, ct), () => OnSubscribed(workers, changes), ct);
        running.Add(stream);
        try
        {
            await await Task.WhenAny(running);
            await Task.WhenAll(running);
        }
        finally
        {
            await exits.StopAsync();
            await workers.StopAsync();
            await objects.StopAsync();
        }
    }

    private void OnPod(Change<Pod> change, PodWorkers workers, MirrorPods mirrors, StatusManager statuses, NodeReporter reporter, PodAllocations allocations)
    {
        var pod = change.Object;
        if (MirrorPods.IsMirror(pod))
        {
            mirrors.OnMirror(change);
            if (change.New is not null && mirrors.StaticOf(pod) is { } own)
            {
                statuses.Observe(own);
            }

            return;
        }

        if (change.Kind == ChangeKind.Modified && change.Old!.Metadata.Uid != pod.Metadata.Uid)
        {
            workers.Remove(change.Old.Metadata.Uid);
        }

        if (change.New is null)
        {
            workers.Remove(pod.Metadata.Uid);
        }
        else if (change.Old is not { } old || !SameButStatus(old, pod))
        {
            workers.Update(pod, p => Admit(p, reporter.Node, workers, allocations), (p, ct) => ConfirmAsync(p, workers, reporter, allocations, ct));
        }
        else
        {
            workers.Find(pod.Metadata.Uid)?.Refresh(pod, GatesChanged(old, pod));
        }
    }

    /// <summary>Our own status coming back is no reason to look at the pod again.</summary>
    private static bool SameButStatus(Pod a, Pod b) =>
        a.Metadata.Uid == b.Metadata.Uid
        && a.Metadata.Generation == b.Metadata.Generation
        && a.Metadata.DeletionTimestamp == b.Metadata.DeletionTimestamp
        && a.Metadata.DeletionGracePeriodSeconds == b.Metadata.DeletionGracePeriodSeconds
        && ReferenceEqualsOrEqual(a.Metadata.Labels, b.Metadata.Labels)
        && ReferenceEqualsOrEqual(a.Metadata.Annotations, b.Metadata.Annotations)
        && a.Spec.Equals(b.Spec);

    private static bool ReferenceEqualsOrEqual(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b) =>
        ReferenceEquals(a, b) || (a.Count == b.Count && a.All(p => b.TryGetValue(p.Key, out var value) && value == p.Value));

    /// <summary>Conditions of others decide over Ready when the pod has readiness gates.</summary>
    private static bool GatesChanged(Pod a, Pod b) => b.Spec.ReadinessGates.Any(g =>
        a.Status.Conditions.FirstOrDefault(c => c.Type == g.ConditionType)?.Status != b.Status.Conditions.FirstOrDefault(c => c.Type == g.ConditionType)?.Status);

    private async Task<(string Reason, string Message)?> ConfirmAsync(Pod pod, PodWorkers workers, NodeReporter reporter, PodAllocations allocations, CancellationToken ct) =>
        Admit(pod, await reporter.RefreshAsync(ct), workers, allocations);

    private (string Reason, string Message)? Admit(Pod pod, Node? node, PodWorkers workers, PodAllocations allocations)
    {
        // What was admitted once is not asked again: a restart of the kubelet fails no pod.
        if (node is null || pod.Status.ContainerStatuses.Count > 0)
        {
            return null;
        }

        var others = workers.All.Where(w => !w.HasStopped && w.Uid != pod.Metadata.Uid).Select(w => allocations.Apply(w.Pod)).ToList();
        return _sysctls.Refusal(pod) ?? PodAdmission.Refusal(pod, node, others);
    }

    private static void WakeUsers(PodWorkers workers, PodReference reference)
    {
        foreach (var worker in workers.All.Where(w => w.Pod.Metadata.Namespace == reference.Namespace && PodReferences.Of(w.Pod).Contains(reference)))
        {
            worker.Wake();
        }
    }

    private static void OnSubscribed(PodWorkers workers, RuntimeChanges changes)
    {
        workers.WakeAll();
        changes.Tell(null);
    }

    private static void OnExited(string id, string uid, PodWorkers workers, RuntimeChanges changes)
    {
        workers.Wake(uid);
        changes.Tell(id);
    }

    private async Task RelistAsync(OrphanCleaner orphans, PodWorkers workers, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(RelistPeriod, time);
        do
        {
            try
            {
                await orphans.RunAsync(uid => workers.Find(uid) is not null, ct);
                workers.WakeAll();
            }
            catch (RpcException e)
            {
                LogRelist(e.Detail);
            }
        }
        while (await timer.WaitForNextTickAsync(ct));
    }

    private Task<TokenRequest> RequestTokenAsync(string ns, string serviceAccount, TokenRequest request, CancellationToken ct) =>
        client.CreateSubresourceAsync<ServiceAccount, TokenRequest, TokenRequest>(ns, serviceAccount, "token", request, ct);

    [LoggerMessage(LogLevel.Information, "Kubelet of {Node} runs, {Pods} pods are bound here")]
    private partial void LogStarted(string node, int pods);

    [LoggerMessage(LogLevel.Warning, "The runtime could not be listed: {Message}")]
    private partial void LogRelist(string message);
}

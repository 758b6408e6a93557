using System.Globalization;
using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Testing.Faults;

namespace Kobune.Testing.Tests;

/// <summary>
/// Random changes while controllers stop and start, watches end and requests fail; afterwards all is as it was declared. KOBUNE_CHAOS_STEPS and
/// KOBUNE_CHAOS_SEED make it longer and another one; a failure prints the seed.
/// </summary>
public sealed class ChaosTests
{
    private static readonly string[] Stoppable = ["deployment-controller", "replicaset-controller", "garbage-collector-controller", "kube-scheduler", "kube-controller-manager"];
    private static readonly int Steps = Setting("KOBUNE_CHAOS_STEPS", 500);
    private static readonly int Seed = Setting("KOBUNE_CHAOS_SEED", 7);
    private readonly Random _dice = new(Seed);
    private readonly Dictionary<string, int> _declared = [];
    private readonly HashSet<string> _stopped = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_declared_becomes_true_whatever_fails_on_the_way()
    {
        await using var cluster = await TestCluster.StartAsync(new() { FakeTime = true, Nodes = 3, Seed = Seed, HistoryLength = 1_000_000 }, Ct);
        cluster.Faults.Conflict(new() { Verb = "update" }, probability: 0.05);
        cluster.Faults.InternalError(new() { Verb = "create", Resource = "pods" }, probability: 0.05);
        cluster.Faults.TooManyRequests(new() { Verb = "create", Resource = "pods/binding" }, probability: 0.05);
        cluster.Faults.Delay(new() { Verb = "patch" }, TimeSpan.FromMilliseconds(200), probability: 0.05);
        for (var step = 0; step < Steps; step++)
        {
            await StepAsync(cluster);
            await cluster.Time.AdvanceAsync(TimeSpan.FromMilliseconds(_dice.Next(3000)), Ct);
        }

        cluster.Faults.Clear();
        foreach (var name in _stopped)
        {
            await cluster.StartControllerAsync(name);
        }

        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(30), Ct); // longer than the longest back-off
        await cluster.ShouldAsync(() => CheckAsync(cluster), change => change.Time > cluster.Time.GetUtcNow() - TimeSpan.FromMinutes(32));
    }

    private static int Setting(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    private async Task StepAsync(TestCluster cluster)
    {
        switch (_dice.Next(10))
        {
            case 0 or 1:
                await CreateAsync(cluster);
                break;
            case 2 or 3:
                await ScaleAsync(cluster);
                break;
            case 4:
                await DeleteAsync(cluster);
                break;
            case 5:
                await DeletePodAsync(cluster);
                break;
            case 6:
                cluster.Faults.DropWatches(new() { Resource = AnyOf("pods", "replicasets", "deployments", "nodes") });
                break;
            case 7:
                cluster.Faults.ExpireWatches(new() { Resource = AnyOf("pods", "replicasets", "deployments", "nodes") });
                break;
            default:
                await SwitchAsync(cluster);
                break;
        }
    }

    private async Task CreateAsync(TestCluster cluster)
    {
        var name = "d" + _dice.Next(8);
        if (!_declared.ContainsKey(name))
        {
            var replicas = _dice.Next(6);
            await WriteAsync(() => cluster.Client.CreateAsync(Manifests.Deployment(name, replicas), Ct));
            _declared[name] = replicas;
        }
    }

    private async Task ScaleAsync(TestCluster cluster)
    {
        if (_declared.Count > 0)
        {
            var (name, replicas) = (AnyOf([.. _declared.Keys]), _dice.Next(6));
            await WriteAsync(async () =>
            {
                var known = await cluster.Client.GetAsync<Deployment>("default", name, Ct);
                return await cluster.Client.UpdateAsync(known with { Spec = known.Spec with { Replicas = replicas } }, Ct);
            });
            _declared[name] = replicas;
        }
    }

    private async Task DeleteAsync(TestCluster cluster)
    {
        if (_declared.Count > 0)
        {
            var name = AnyOf([.. _declared.Keys]);
            await cluster.Client.DeleteAsync<Deployment>("default", name, new DeleteOptions { PropagationPolicy = AnyOf("Background", "Foreground") }, Ct);
            while ((await cluster.Client.ListAsync<Deployment>("default", null, Ct)).Items.Any(d => d.Metadata.Name == name))
            {
                if (_stopped.Remove("garbage-collector-controller"))
                {
                    await cluster.StartControllerAsync("garbage-collector-controller"); // foreground deletion needs it
                }
                else if (_stopped.Remove("kube-controller-manager"))
                {
                    await cluster.StartControllerAsync("kube-controller-manager");
                }

                await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(1), Ct);
            }

            _declared.Remove(name);
        }
    }

    private async Task DeletePodAsync(TestCluster cluster)
    {
        if ((await cluster.Client.ListAsync<Pod>("default", null, Ct)).Items is { Count: > 0 } pods)
        {
            await cluster.Client.DeleteAsync<Pod>("default", pods[_dice.Next(pods.Count)].Metadata.Name, null, Ct);
        }
    }

    private async Task SwitchAsync(TestCluster cluster)
    {
        var name = AnyOf(Stoppable);
        if (_stopped.Remove(name))
        {
            await cluster.StartControllerAsync(name);
        }
        else if (name == "kube-scheduler" || !_stopped.Contains("kube-controller-manager"))
        {
            foreach (var other in name == "kube-controller-manager" ? _stopped.Where(s => s != "kube-scheduler").ToArray() : Array.Empty<string>())
            {
                _stopped.Remove(other);
                await cluster.StartControllerAsync(other);
            }

            await cluster.StopControllerAsync(name);
            _stopped.Add(name);
        }
    }

    /// <summary>The test's own writes meet the faults too.</summary>
    private static async Task WriteAsync<T>(Func<Task<T>> write)
    {
        while (true)
        {
            try
            {
                await write();
                return;
            }
            catch (ApiException e) when (e.IsConflict && !e.IsAlreadyExists)
            {
                // once more
            }
        }
    }

    private async Task CheckAsync(TestCluster cluster)
    {
        var told = $"with KOBUNE_CHAOS_SEED={Seed}";
        var deployments = (await cluster.Client.ListAsync<Deployment>("default", null, Ct)).Items;
        var sets = (await cluster.Client.ListAsync<ReplicaSet>("default", null, Ct)).Items;
        var pods = (await cluster.Client.ListAsync<Pod>("default", null, Ct)).Items;
        Assert.True(_declared.OrderBy(d => d.Key).SequenceEqual(deployments.OrderBy(d => d.Metadata.Name).Select(d => KeyValuePair.Create(d.Metadata.Name, d.Spec.Replicas ?? 1))), "other Deployments than declared " + told);
        Assert.All(deployments, d => Assert.Equal((d.Metadata.Name, d.Spec.Replicas ?? 1), (d.Metadata.Name, d.Status.AvailableReplicas)));
        var owners = deployments.Select(d => d.Metadata.Uid).Concat(sets.Select(s => s.Metadata.Uid)).ToHashSet();
        Assert.True(sets.Cast<IKubernetesObject>().Concat(pods).All(o => o.Metadata.OwnerReferences is [var owner] && owners.Contains(owner.Uid)), "an orphan is left " + told);
        Assert.True(pods.Count == _declared.Values.Sum(), $"{pods.Count} pods instead of {_declared.Values.Sum()} {told}");
        Assert.True(pods.All(p => p is { Status.Phase: "Running", Metadata.DeletionTimestamp: null }), "a pod does not run " + told);
        Assert.Empty(cluster.DeniedRequests);
        Assert.Empty(cluster.Strays);
        Assert.Empty(MadeTwice(cluster));
    }

    /// <summary>Sets that at some moment had more living pods than they had ever been asked for.</summary>
    private static IEnumerable<string> MadeTwice(TestCluster cluster)
    {
        var wanted = new Dictionary<string, int>();
        var living = new Dictionary<string, HashSet<string>>();
        foreach (var change in cluster.History.Changes)
        {
            if (change.Kind == "ReplicaSet")
            {
                var set = change.Object.Read<ReplicaSet>();
                wanted[set.Metadata.Uid] = Math.Max(wanted.GetValueOrDefault(set.Metadata.Uid), set.Spec.Replicas ?? 1);
            }
            else if (change.Kind == "Pod" && change.Object.Read<Pod>().Metadata is { OwnerReferences: [var owner] } pod && wanted.TryGetValue(owner.Uid, out var most))
            {
                var alive = living.TryGetValue(owner.Uid, out var known) ? known : living[owner.Uid] = [];
                _ = change.Type == Testing.History.ObjectChangeType.Deleted || pod.DeletionTimestamp is not null ? alive.Remove(pod.Uid) : alive.Add(pod.Uid);
                if (alive.Count > most)
                {
                    yield return $"{owner.Name} had {alive.Count} pods, and {most} at most were asked for, at revision {change.Revision}";
                }
            }
        }
    }

    private T AnyOf<T>(params T[] choices) => choices[_dice.Next(choices.Length)];
}

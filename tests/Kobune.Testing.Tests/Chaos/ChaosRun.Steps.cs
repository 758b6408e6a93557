using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Policy.V1;
using Kobune.Client;

namespace Kobune.Testing.Tests.Chaos;

/// <content>What people do to workloads.</content>
internal sealed partial class ChaosRun
{
    private const int Names = 3;

    private static readonly (string Kind, string Prefix)[] Kinds =
    [
        ("Deployment", "d"), ("ReplicaSet", "r"), ("StatefulSet", "s"), ("DaemonSet", "x"), ("Job", "j"), ("CronJob", "c"), ("Service", "v"), ("PodDisruptionBudget", "b"),
    ];

    private Task StepAsync() => _dice.Next(24) switch
    {
        < 5 => CreateAsync(),
        < 8 => ScaleAsync(),
        < 10 => UpdateTemplateAsync(),
        < 12 => DeleteAsync(),
        12 => DeletePodAsync(),
        13 => EvictAsync(),
        14 => NamespaceAsync(),
        < 17 => NodeAsync(),
        17 => Done(() => cluster.Faults.DropWatches(new() { Resource = AnyOf(Watched) })),
        18 => Done(() => cluster.Faults.ExpireWatches(new() { Resource = AnyOf(Watched) })),
        19 => HoldAsync(),
        _ => SwitchAsync(),
    };

    private async Task CreateAsync()
    {
        if (_namespaces.Count == 0)
        {
            return;
        }

        var (kind, prefix) = AnyOf(Kinds);
        var app = AnyOf("d", "r", "s", "x", "j") + _dice.Next(Names);
        var wanted = new Wanted(kind, AnyOf([.. _namespaces.Order(StringComparer.Ordinal)]), prefix + _dice.Next(Names)) { Count = _dice.Next(5), Flag = OneIn(3), OtherFlag = OneIn(4) };
        wanted = kind is "Service" or "PodDisruptionBudget" ? wanted with { App = app } : kind is "Job" ? wanted with { Count = 1 + wanted.Count, IsShortLived = OneIn(3) } : wanted;
        var (delay, coin, parallelism) = ($"{_dice.Next(6)}s", OneIn(2), 1 + _dice.Next(3));
        if (_declared.ContainsKey(wanted.Key) || !await WriteAsync(() => CreateAsync(wanted, delay, coin, parallelism)))
        {
            return; // there is one already, or one that still goes
        }

        _declared.Add(wanted.Key, wanted);
    }

    private async Task CreateAsync(Wanted w, string delay, bool coin, int parallelism)
    {
        _ = w.Kind switch
        {
            "Deployment" => await cluster.Client.CreateAsync(ChaosObjects.Deployment(w, delay), ct),
            "ReplicaSet" => await cluster.Client.CreateAsync(ChaosObjects.ReplicaSet(w, delay), ct),
            "StatefulSet" => await cluster.Client.CreateAsync(ChaosObjects.StatefulSet(w, delay, coin), ct),
            "DaemonSet" => await cluster.Client.CreateAsync(ChaosObjects.DaemonSet(w, delay), ct),
            "Job" => await cluster.Client.CreateAsync(ChaosObjects.Job(w, delay, coin, parallelism), ct),
            "CronJob" => await cluster.Client.CreateAsync(ChaosObjects.CronJob(w, delay, coin ? "Forbid" : "Replace"), ct),
            "Service" => await cluster.Client.CreateAsync(ChaosObjects.Service(w, coin), ct),
            _ => (object)await cluster.Client.CreateAsync(ChaosObjects.Budget(w), ct),
        };
    }

    private async Task ScaleAsync()
    {
        if (AnyDeclared(w => w.Kind is "Deployment" or "ReplicaSet" or "StatefulSet" or "Job" or "CronJob" or "PodDisruptionBudget" or "Service" && !w.IsShortLived) is not { } w)
        {
            return;
        }

        var next = w with { Count = _dice.Next(6), Flag = !w.Flag };
        var app = w.Kind == "Service" ? AnyOf("d", "r", "s", "x", "j") + _dice.Next(Names) : w.App;
        var done = w.Kind switch
        {
            "Deployment" => await ChangeAsync<Deployment>(w, o => o with { Spec = o.Spec with { Replicas = next.Count } }),
            "ReplicaSet" => await ChangeAsync<ReplicaSet>(w, o => o with { Spec = o.Spec with { Replicas = next.Count } }),
            "StatefulSet" => await ChangeAsync<StatefulSet>(w, o => o with { Spec = o.Spec with { Replicas = next.Count } }),
            "Job" => await ChangeAsync<Job>(w, o => o with { Spec = o.Spec with { Suspend = next.Flag } }),
            "CronJob" => await ChangeAsync<CronJob>(w, o => o with { Spec = o.Spec with { Suspend = next.Flag } }),
            "Service" => await ChangeAsync<Service>(w, o => o with { Spec = o.Spec with { Selector = ChaosObjects.Labels(app) } }),
            _ => await ChangeAsync<PodDisruptionBudget>(w, o => o with { Spec = o.Spec with { MinAvailable = w.OtherFlag ? null : next.Count, MaxUnavailable = w.OtherFlag ? next.Count : null } }),
        };
        Assert.True(done, $"{w.Key} was gone");
        _declared[w.Key] = w.Kind switch { "Job" or "CronJob" => w with { Flag = next.Flag }, "Service" => w with { App = app }, _ => w with { Count = next.Count } };
    }

    private async Task UpdateTemplateAsync()
    {
        if (AnyDeclared(w => w.Kind is "Deployment" or "StatefulSet" or "DaemonSet") is not { } w)
        {
            return;
        }

        var (next, delay) = (w with { Version = _dice.Next(4) }, $"{_dice.Next(6)}s");
        var done = w.Kind switch
        {
            "Deployment" => await ChangeAsync<Deployment>(w, o => o with { Spec = o.Spec with { Template = ChaosObjects.Template(next, delay) } }),
            "StatefulSet" => await ChangeAsync<StatefulSet>(w, o => o with { Spec = o.Spec with { Template = ChaosObjects.Template(next, delay) } }),
            _ => await ChangeAsync<DaemonSet>(w, o => o with { Spec = o.Spec with { Template = ChaosObjects.DaemonSet(next, delay).Spec.Template } }),
        };
        Assert.True(done, $"{w.Key} was gone");
        _declared[w.Key] = next;
    }

    private async Task DeleteAsync()
    {
        if (AnyDeclared(_ => true) is not { } w)
        {
            return;
        }

        var policy = AnyOf("Background", "Foreground", "Orphan");
        await WriteAsync(() => w.Kind switch
        {
            "Deployment" => DeletedAsync<Deployment>(w.Namespace, w.Name, policy),
            "ReplicaSet" => DeletedAsync<ReplicaSet>(w.Namespace, w.Name, policy),
            "StatefulSet" => DeletedAsync<StatefulSet>(w.Namespace, w.Name, policy),
            "DaemonSet" => DeletedAsync<DaemonSet>(w.Namespace, w.Name, policy),
            "Job" => DeletedAsync<Job>(w.Namespace, w.Name, policy),
            "CronJob" => DeletedAsync<CronJob>(w.Namespace, w.Name, policy),
            "Service" => DeletedAsync<Service>(w.Namespace, w.Name, policy),
            _ => DeletedAsync<PodDisruptionBudget>(w.Namespace, w.Name, policy),
        });
        _declared.Remove(w.Key);
        if (policy == "Orphan")
        {
            _orphans.Add((w.Namespace, w.Kind == "Service" ? w.Name : w.App));
        }
    }

    private async Task DeletePodAsync()
    {
        if (await AnyPodAsync() is { } pod)
        {
            var options = new DeleteOptions { GracePeriodSeconds = OneIn(4) ? 0 : null };
            await WriteAsync(() => cluster.Client.DeleteAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name, options, ct));
        }
    }

    private async Task EvictAsync()
    {
        if (await AnyPodAsync() is { } pod)
        {
            var (ns, name) = (pod.Metadata.Namespace, pod.Metadata.Name);
            try
            {
                await WriteAsync(() => cluster.Client.CreateSubresourceAsync<Pod, Eviction, Status>(ns, name, "eviction", new() { Metadata = new() { Namespace = ns, Name = name } }, ct));
            }
            catch (ApiException e) when (e.Status.Code == 429 || e.Status.Message.Contains("more than one PodDisruptionBudget", StringComparison.Ordinal))
            {
                // a budget forbids it, or several are for it
            }
        }
    }

    private async Task NamespaceAsync()
    {
        var name = AnyOf(AllNamespaces);
        if (!_namespaces.Contains(name))
        {
            await CreateNamespaceAsync(name);
        }
        else if (_namespaces.Count > 1 && OneIn(3))
        {
            await WriteAsync(() => DeletedAsync<Namespace>("", name, null));
            _namespaces.Remove(name);
            _orphans.RemoveWhere(o => o.Namespace == name);
            foreach (var key in _declared.Keys.Where(k => k.Namespace == name).ToList())
            {
                _declared.Remove(key);
            }
        }
    }

    /// <summary>Not while the one before still goes.</summary>
    private async Task CreateNamespaceAsync(string name)
    {
        if (await WriteAsync(() => cluster.Client.CreateAsync(new Namespace { Metadata = new() { Name = name } }, ct)))
        {
            _namespaces.Add(name);
        }
    }

    private async Task<Pod?> AnyPodAsync() => (await cluster.Client.ListAsync<Pod>("", null, ct)).Items is { Count: > 0 } pods ? AnyOf(pods) : null;

    private Wanted? AnyDeclared(Func<Wanted, bool> where) => _declared.Values.Where(where).OrderBy(w => w.Key).ToList() is { Count: > 0 } some ? AnyOf(some) : null;

    private static Task Done(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}

using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;

namespace Kobune.Testing.Tests.Chaos;

/// <content>Writes of the run itself, which meet the faults too, and what it does to nodes.</content>
internal sealed partial class ChaosRun
{
    private async Task NodeAsync()
    {
        var number = _dice.Next(Nodes);
        var name = "node-" + number;
        switch (_dice.Next(5))
        {
            case 0 when _silent.Count < Nodes - 2 && _silent.Add(name):
                cluster.StopNode(name);
                break;
            case 1 when _silent.Contains(name):
                await WriteAsync(() => DeletedAsync<Node>("", name, null));
                break;
            case 2:
                await CordonAsync(number, OneIn(2));
                break;
            case 3:
                await ChangeAsync<Node>("", name, n => n with { Metadata = n.Metadata with { Labels = With(n.Metadata.Labels, "role", AnyOf("x", "y")) } });
                break;
            default:
                await StartNodeAsync(number);
                break;
        }
    }

    private async Task StartNodeAsync(int number)
    {
        var name = "node-" + number;
        if (_silent.Remove(name))
        {
            await WriteAsync(() => cluster.StartNodeAsync(name, ct));
        }
    }

    private Task<bool> CordonAsync(int number, bool isOn) => ChangeAsync<Node>("", "node-" + number, n => n with { Spec = n.Spec with { Unschedulable = isOn } });

    private Task<bool> ChangeAsync<T>(Wanted wanted, Func<T, T> change)
        where T : class, IKubernetesObject<T> => ChangeAsync(wanted.Namespace, wanted.Name, change);

    /// <summary>Reads and writes until no conflict comes between; false when there is nothing of the name.</summary>
    private Task<bool> ChangeAsync<T>(string ns, string name, Func<T, T> change)
        where T : class, IKubernetesObject<T> => WriteAsync(async () => await cluster.Client.UpdateAsync(change(await cluster.Client.GetAsync<T>(ns, name, ct)), ct));

    private Task DeletedAsync<T>(string ns, string name, string? policy)
        where T : class, IKubernetesObject<T> => cluster.Client.DeleteAsync<T>(ns, name, policy is null ? null : new() { PropagationPolicy = policy }, ct);

    /// <summary>Tries until it is done; false when there is such an object already, or none.</summary>
    private static async Task<bool> WriteAsync(Func<Task> write)
    {
        while (true)
        {
            try
            {
                await write();
                return true;
            }
            catch (ApiException e) when (e.IsAlreadyExists || e.IsNotFound || e.IsNamespaceTerminating)
            {
                return false;
            }
            catch (ApiException e) when (e.IsConflict || e.Status.Message.EndsWith("a fault of this test", StringComparison.Ordinal))
            {
                // once more
            }
        }
    }

    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string> labels, string key, string value) => new(labels) { [key] = value };
}

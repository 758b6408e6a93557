using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Node.ClusterDns;
using Kobune.Node.IngressController;

namespace Kobune.Node.Registries;

/// <summary>
/// What the addon "registry-aliases" has in the API: the ConfigMap kube-system/registry-aliases that people know from minikube, and lines in the Corefile by
/// which pods find the registry under its further names.
/// </summary>
internal sealed class RegistryAliasObjects(IClient admin, string domain, TimeProvider time)
{
    private readonly AddonObjects _objects = new(admin);

    private string Target => $"{RegistryAddon.Addon}.{RegistryAddon.Namespace}.svc.{domain}";

    /// <summary>The component that brings them for these names.</summary>
    public IComponent For(IReadOnlyList<string> names) => new Keeper(this, names, time);

    public async Task RemoveAsync(CancellationToken ct)
    {
        await _objects.DeleteAsync<ConfigMap>(RegistryAddon.Namespace, RegistryAliases.Addon, ct);
        await ChangeCorefileAsync(text => MarkedLines.Remove(text, RegistryAliases.Addon), ct);
    }

    /// <summary>A Corefile that also answers for these names, in its first server block.</summary>
    internal static string WithAliases(string corefile, IReadOnlyList<string> names, string target)
    {
        var rest = MarkedLines.Remove(corefile, RegistryAliases.Addon);
        var open = rest.IndexOf('{', StringComparison.Ordinal);
        var line = open < 0 ? -1 : rest.IndexOf('\n', open);
        return line < 0
            ? rest
            : rest[..(line + 1)] + string.Concat(MarkedLines.Block(RegistryAliases.Addon, names.Select(n => $"rewrite name {n} {target}")).Select(l => $"    {l}\n")) + rest[(line + 1)..];
    }

    private async Task EnsureAsync(IReadOnlyList<string> names, CancellationToken ct)
    {
        var data = new Dictionary<string, string> { ["registryAliases"] = string.Join('\n', names), ["registrySvc"] = Target };
        try
        {
            await admin.CreateAsync(
                new ConfigMap
                {
                    Metadata = new() { Name = RegistryAliases.Addon, Namespace = RegistryAddon.Namespace, Labels = new Dictionary<string, string> { [AddonObjects.ManagedBy] = AddonObjects.Manager } },
                    Data = data,
                },
                ct);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            var patch = new JsonObject { ["data"] = new JsonObject(data.Select(d => KeyValuePair.Create<string, JsonNode?>(d.Key, d.Value))) };
            await admin.PatchAsync<ConfigMap>(RegistryAddon.Namespace, RegistryAliases.Addon, Patch.Merge(patch), null, ct);
        }

        await ChangeCorefileAsync(text => WithAliases(text, names, Target), ct);
    }

    private async Task ChangeCorefileAsync(Func<string, string> change, CancellationToken ct)
    {
        try
        {
            var map = await admin.GetAsync<ConfigMap>(CorefileMap.Key.Namespace, CorefileMap.Key.Name, ct);
            var before = map.Data.GetValueOrDefault("Corefile", "");
            var after = change(before);
            if (after != before)
            {
                await admin.UpdateAsync(map with { Data = new Dictionary<string, string>(map.Data) { ["Corefile"] = after } }, ct);
            }
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // the user's own DNS
        }
    }

    private sealed class Keeper(RegistryAliasObjects objects, IReadOnlyList<string> names, TimeProvider time) : IComponent
    {
        public string Name => "registry-alias-objects";

        public async Task RunAsync(CancellationToken ct)
        {
            await objects.EnsureAsync(names, ct);
            await Task.Delay(Timeout.InfiniteTimeSpan, time, ct);
        }
    }
}

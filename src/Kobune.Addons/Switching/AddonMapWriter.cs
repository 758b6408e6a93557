using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Client;

namespace Kobune.Addons.Switching;

/// <summary>
/// Writes <see cref="AddonConfigMap"/> as the cluster's owner wants it, once at each start of the control plane: so a choice that was made while the cluster
/// was stopped is applied. Keys of others stay.
/// </summary>
/// <param name="client">The administrator's.</param>
/// <param name="data">The object's data.</param>
/// <param name="time">The clock.</param>
public sealed class AddonMapWriter(IClient client, IReadOnlyDictionary<string, string> data, TimeProvider time) : IComponent
{
    /// <inheritdoc/>
    public string Name => "addon-map";

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken ct)
    {
        if (data.Count > 0)
        {
            await WriteAsync(ct);
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, time, ct);
    }

    private async Task WriteAsync(CancellationToken ct)
    {
        try
        {
            await client.CreateAsync(new ConfigMap { Metadata = new() { Name = AddonConfigMap.Name, Namespace = AddonConfigMap.Namespace }, Data = data }, ct);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            var patch = new JsonObject { ["data"] = new JsonObject(data.Select(d => KeyValuePair.Create<string, JsonNode?>(d.Key, d.Value))) };
            await client.PatchAsync<ConfigMap>(AddonConfigMap.Namespace, AddonConfigMap.Name, Patch.Merge(patch), null, ct);
        }
    }
}

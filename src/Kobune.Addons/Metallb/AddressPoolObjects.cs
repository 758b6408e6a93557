using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Client;

namespace Kobune.Addons.Metallb;

/// <summary>
/// The addon metallb: tells the ranges of addresses to the controller that gives LoadBalancer Services theirs, by the ConfigMap metallb-system/config
/// (key "addresses", one range a line).
/// </summary>
/// <param name="client">The administrator's.</param>
/// <param name="settings">Ranges, separated by commas or lines; empty until the user has configured some.</param>
/// <param name="time">The clock.</param>
public sealed class AddressPoolObjects(IClient client, string settings, TimeProvider time) : IComponent
{
    private const string Namespace = "metallb-system";
    private const string ConfigName = "config";
    private const string Key = "addresses";

    /// <inheritdoc/>
    public string Name => "metallb";

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken ct)
    {
        await EnsureNamespaceAsync(ct);
        await EnsureConfigAsync(ct);
        await Task.Delay(Timeout.InfiniteTimeSpan, time, ct);
    }

    /// <summary>Takes the ranges away; the controller then takes the addresses back.</summary>
    public static async Task RemoveAsync(IClient client, CancellationToken ct)
    {
        try
        {
            await client.DeleteAsync<Namespace>("", Namespace, null, ct);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // never there, or going already
        }
    }

    private async Task EnsureNamespaceAsync(CancellationToken ct)
    {
        try
        {
            await client.CreateAsync(new Namespace { Metadata = new() { Name = Namespace } }, ct);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // from an earlier start
        }
    }

    private async Task EnsureConfigAsync(CancellationToken ct)
    {
        var ranges = string.Join('\n', settings.Split([',', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        try
        {
            await client.CreateAsync(new ConfigMap { Metadata = new() { Name = ConfigName, Namespace = Namespace }, Data = new Dictionary<string, string> { [Key] = ranges } }, ct);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            await client.PatchAsync<ConfigMap>(Namespace, ConfigName, Patch.Merge(new JsonObject { ["data"] = new JsonObject { [Key] = ranges } }), null, ct);
        }
    }
}

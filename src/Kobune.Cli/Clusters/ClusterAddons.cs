using System.Text.Json.Nodes;
using Kobune.Addons.Switching;
using Kobune.Api.Core.V1;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Client;
using Kobune.Machine;

namespace Kobune.Cli.Clusters;

/// <summary>Switches addons of a profile: in its file, in what its nodes read when they start, and in the running cluster.</summary>
internal sealed class ClusterAddons(CommandContext context, Reporter reporter)
{
    /// <summary>Switches one addon and saves it.</summary>
    /// <param name="profile">The profile as saved.</param>
    /// <param name="addon">The addon's name.</param>
    /// <param name="state">How it is to be.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="HttpRequestException">The cluster runs and its API does not answer; the choice is saved all the same.</exception>
    public async Task SetAsync(ProfileConfig profile, string addon, AddonState state, CancellationToken ct)
    {
        var changed = profile with
        {
            Addons = new Dictionary<string, bool>(profile.Addons) { [addon] = state.IsEnabled },
            AddonSettings = new Dictionary<string, string>(profile.AddonSettings) { [addon] = state.Settings },
        };
        context.Profiles.Save(changed);
        await new MachineStarter(context, reporter).WriteConfigAsync(changed, changed.Primary, ct);
        if (context.Driver.StateOf(changed.Primary.Name) == MachineState.Running)
        {
            await TellAsync(changed, ct);
        }
    }

    private async Task TellAsync(ProfileConfig profile, CancellationToken ct)
    {
        var data = AddonConfigMap.Data(profile.AddonStates());
        using var api = context.Api(profile);
        var client = api.Client(context.Time);
        try
        {
            var patch = new JsonObject { ["data"] = new JsonObject(data.Select(d => KeyValuePair.Create<string, JsonNode?>(d.Key, d.Value))) };
            await client.PatchAsync<ConfigMap>(AddonConfigMap.Namespace, AddonConfigMap.Name, Patch.Merge(patch), null, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            await client.CreateAsync(new ConfigMap { Metadata = new() { Name = AddonConfigMap.Name, Namespace = AddonConfigMap.Namespace }, Data = data }, ct);
        }
    }
}

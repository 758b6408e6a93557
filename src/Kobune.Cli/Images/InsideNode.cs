using System.Text.Json;
using System.Text.Json.Serialization;
using Kobune.Grpc;
using Kobune.Kubelet;
using Kobune.Kubelet.Registry;
using Kobune.Kubelet.Registry.Pushing;
using Kobune.Node;
using Kobune.Node.Registries;

namespace Kobune.Cli.Images;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IReadOnlyList<RuntimeImage>))]
[JsonSerializable(typeof(RegistryUser))]
internal sealed partial class InsideNodeJson : JsonSerializerContext;

/// <summary>
/// The hidden command `runtime`, which runs inside a node beside its containerd. Results go to standard output, failures to standard error:
/// <code>
/// runtime images                     the images, as JSON
/// runtime loaded [NAME...]           marks names (or, without any, those that standard input tells) as the user's own, and waits until the kubelet would start them
/// runtime forget NAME...             takes that mark away
/// runtime pull NAME                  pulls past what is loaded; standard input may hold a user as JSON
/// runtime push NAME                  pushes; standard input may hold a user as JSON
/// runtime hosts                      writes containerd's hosts.toml files anew; standard input holds the new node.json
/// </code>
/// </summary>
internal static class InsideNode
{
    private const string ConfigFile = "/var/lib/kobune/node.json";

    public static async Task<int> RunAsync(string[] words, CancellationToken ct)
    {
        var options = new KubeletOptions { NodeName = "", NodeIP = "", BeforePull = (name, end) => NodeRegistries.PrepareAsync(ConfigFile, name, TimeProvider.System, end) };
        var store = new NodeImageStore(options, TimeProvider.System);
        try
        {
            return words switch
            {
                ["images"] => await ListAsync(store, ct),
                ["loaded", .. var names] => await SettleAsync(store, names, ct),
                ["forget", .. var names] => await ForgetAsync(store, names, ct),
                ["pull", var name] => await PullAsync(store, name, ct),
                ["push", var name] => await PushAsync(store, name, ct),
                ["hosts"] => await WriteHostsAsync(ct),
                _ => 1,
            };
        }
        catch (RpcException e)
        {
            await Console.Error.WriteLineAsync(e.Detail);
            return 1;
        }
        catch (PushException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static async Task<int> ListAsync(NodeImageStore store, CancellationToken ct)
    {
        await using var output = Console.OpenStandardOutput();
        await JsonSerializer.SerializeAsync(output, await store.ListAsync(ct), InsideNodeJson.Default.IReadOnlyListRuntimeImage, ct);
        return 0;
    }

    private static async Task<int> SettleAsync(NodeImageStore store, string[] names, CancellationToken ct)
    {
        if (names.Length == 0)
        {
            await store.ListAsync(ct); // containerd is spoken to for the first time while the archive is still imported
            names = (await Console.In.ReadToEndAsync(ct)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }

        var failed = await store.SettleAsync(names, ct);
        Console.Error.WriteLine(string.Join('\n', failed.Select(n => "containerd does not start " + n)));
        return failed.Count == 0 ? 0 : 1;
    }

    private static async Task<int> ForgetAsync(NodeImageStore store, string[] names, CancellationToken ct)
    {
        await store.ForgetAsync(names, ct);
        return 0;
    }

    private static async Task<int> PullAsync(NodeImageStore store, string name, CancellationToken ct)
    {
        await store.PullAsync(name, await UserAsync(ct), ct);
        return 0;
    }

    private static async Task<int> PushAsync(NodeImageStore store, string name, CancellationToken ct)
    {
        await store.PushAsync(name, await UserAsync(ct), new(RegistryHostsFolder.OfNode), ct);
        return 0;
    }

    private static async Task<RegistryUser?> UserAsync(CancellationToken ct)
    {
        var text = await Console.In.ReadToEndAsync(ct);
        return text.Length == 0 ? null : JsonSerializer.Deserialize(text, InsideNodeJson.Default.RegistryUser);
    }

    private static async Task<int> WriteHostsAsync(CancellationToken ct)
    {
        await using var input = Console.OpenStandardInput();
        NodeRegistries.WriteHosts((await JsonSerializer.DeserializeAsync(input, NodeConfigJson.Default.NodeConfig, ct))!, new(RegistryHostsFolder.OfNode));
        return 0;
    }
}

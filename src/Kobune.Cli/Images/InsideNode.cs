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
/// runtime load [FLAG...]             imports the archive on standard input with flags of `ctr images import`, settles its names and prints them
/// runtime loaded NAME...             marks names as the user's own, and waits until the kubelet would start them
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
                ["load", .. var flags] => await LoadAsync(store, flags, ct),
                ["loaded", .. var names] => Report(await store.SettleAsync(names, ct)),
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

    private static async Task<int> LoadAsync(NodeImageStore store, string[] flags, CancellationToken ct)
    {
        var import = ArchiveImport.RunAsync(flags, ct);
        await store.ListAsync(ct); // containerd is spoken to for the first time while it imports: that is a third of the whole
        var (code, names) = await import;
        if (code != 0)
        {
            return code;
        }

        Console.Write(string.Concat(names.Select(n => n + "\n")));
        return Report(await store.SettleAsync(names, ct));
    }

    private static int Report(IReadOnlyList<string> failed)
    {
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

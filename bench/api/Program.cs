using System.Security.Cryptography.X509Certificates;
using Kobune.Bench.Api;

// Usage: Kobune.Bench.Api [memory|sqlite]                                  a server of its own
//        Kobune.Bench.Api <url> <ca.crt> <client.crt> <client.key> [<server pid>]   any API server
// Prints one line per figure: requests per second, latency, the server's CPU per 1,000 requests, its memory.
const int Objects = 5_000;
const int Watchers = 500;
const int WarmUps = 4;

if (args is ["serve", var store, var folder])
{
    return await BenchServer.RunAsync(store, folder);
}

var directory = Directory.CreateTempSubdirectory("kobune-bench-").FullName;
try
{
    if (args is [var url, var authority, var certificate, var key, ..])
    {
        await RunAsync(url, authority, certificate, key, args.Length > 4 ? new ServerProcess(int.Parse(args[4])) : null);
    }
    else
    {
        var (process, address) = await ServerProcess.StartAsync(args.FirstOrDefault("memory"), directory);
        using (process)
        {
            await RunAsync(address, Path.Combine(directory, "ca.crt"), Path.Combine(directory, "client.crt"), Path.Combine(directory, "client.key"), new ServerProcess(process.Id));
            process.StandardInput.Close();
            await process.WaitForExitAsync();
        }
    }

    return 0;
}
finally
{
    Directory.Delete(directory, recursive: true);
}

static async Task RunAsync(string url, string authority, string certificate, string key, ServerProcess? server)
{
    using var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true };
    handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
    handler.SslOptions.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(authority);
    handler.SslOptions.ClientCertificates = [X509CertificateLoader.LoadPkcs12(X509Certificate2.CreateFromPemFile(certificate, key).Export(X509ContentType.Pkcs12), null)];
    using var client = new HttpClient(handler) { BaseAddress = new Uri(url), DefaultRequestVersion = System.Net.HttpVersion.Version20 };
    client.DefaultRequestHeaders.UserAgent.ParseAdd("bench/1.0");
    var load = new Load(client, server);

    load.PrintMemory("memory, empty");
    // Until the runtime has compiled what the load runs as well as it can, the figures are those of its compiler.
    for (var round = 1; round <= WarmUps; round++)
    {
        await load.MeasureAsync("warm-up create", Objects, i => Load.Create($"warm-{i}"));
        await load.MeasureAsync("warm-up get", Objects, i => Load.Get($"warm-{i}"));
        await load.MeasureAsync("warm-up update", Objects, i => Load.Update($"warm-{i}"));
        await load.MeasureAsync("warm-up patch", Objects, i => Load.Patch($"warm-{i}"));
        await load.MeasureAsync("warm-up delete", Objects, i => Load.Delete($"warm-{i}"));
    }

    await load.MeasureAsync("create", Objects, i => Load.Create($"m-{i}"));
    await load.MeasureAsync("get", Objects, i => Load.Get($"m-{i}"));
    await load.MeasureAsync("update", Objects, i => Load.Update($"m-{i}"));
    await load.MeasureAsync("patch", Objects, i => Load.Patch($"m-{i}"));
    load.PrintMemory($"memory, {Objects} objects");
    await load.MeasureAsync($"list of {Objects}", 50, _ => Load.List());
    await load.WatchAsync(Watchers, 100);
    load.PrintMemory($"memory, {Watchers} watchers");
    await load.MeasureAsync("delete", Objects, i => Load.Delete($"m-{i}"));
}

using System.Net;
using Kobune.ApiServer;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Authorization.Rbac;
using Kobune.ApiServer.Certificates;
using Kobune.ApiServer.Registry;
using Kobune.Storage;
using Kobune.Storage.Memory;
using Kobune.Storage.Sqlite;

namespace Kobune.Bench.Api;

/// <summary>The server under load, in a process of its own so that its CPU and memory can be told apart: "serve memory|sqlite directory".</summary>
internal static class BenchServer
{
    /// <summary>Serves until standard input ends. Prints the address when it answers; the client's certificate lies in the directory.</summary>
    public static async Task<int> RunAsync(string kind, string directory)
    {
        using var certificates = ClusterCertificates.CreateOrLoad(new ClusterCertificatesOptions(), TimeProvider.System);
        var client = certificates.IssueClient("bench", "system:masters");
        await File.WriteAllTextAsync(Path.Combine(directory, "ca.crt"), certificates.Authority.CertificatePem);
        await File.WriteAllTextAsync(Path.Combine(directory, "client.crt"), client.CertificatePem);
        await File.WriteAllTextAsync(Path.Combine(directory, "client.key"), client.KeyPem);
        await using IStore store = kind == "memory" ? new MemoryStore() : SqliteStore.Open(new SqliteStoreOptions(Path.Combine(directory, "state.db")));
        var objects = new ObjectReaderHandle();
        await using var host = new ApiServerHost(new ApiServerOptions
        {
            Store = store,
            Objects = objects,
            Authenticator = new AuthenticationChain([new ClientCertificateAuthenticator(certificates.Authority.Certificate, TimeProvider.System)]),
            Authorizer = new AuthorizerChain(new RbacAuthorizer(objects)),
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            ServingCertificate = () => certificates.ServerCertificate,
        });
        await host.StartAsync(CancellationToken.None);
        Console.WriteLine($"https://{host.Addresses[0]}");
        await Console.In.ReadToEndAsync();
        return 0;
    }
}

using System.Net;
using Kobune.ApiServer.Audit;
using Kobune.ApiServer.Certificates;
using Kobune.ControlPlane;
using Kobune.Storage;
using Kobune.Storage.Memory;
using Kobune.Storage.Sqlite;

namespace Kobune.Bench.Api;

/// <summary>
/// The server under load, in a process of its own so that its CPU and memory can be told apart: "serve memory|sqlite directory". It is a node's API server with all of its admission and
/// an audit log at Metadata, without the controllers that a bare kube-apiserver lacks too.
/// </summary>
internal static class BenchServer
{
    /// <summary>Serves until standard input ends. Prints the address when it answers; the credentials lie in the directory.</summary>
    public static async Task<int> RunAsync(string kind, string directory)
    {
        using var certificates = ClusterCertificates.CreateOrLoad(new ClusterCertificatesOptions(), TimeProvider.System);
        var credentials = new Credentials(directory);
        await File.WriteAllTextAsync(credentials.Authority, certificates.Authority.CertificatePem);
        foreach (var (name, issued) in new[] { ("admin", certificates.IssueClient(Credentials.Admin, "system:masters")), ("user", certificates.IssueClient(Credentials.User)) })
        {
            await File.WriteAllTextAsync(credentials.Certificate(name), issued.CertificatePem);
            await File.WriteAllTextAsync(credentials.Key(name), issued.KeyPem);
        }

        await using IStore store = kind == "memory" ? new MemoryStore() : SqliteStore.Open(new SqliteStoreOptions(Path.Combine(directory, "state.db")));
        await using var plane = await ControlPlaneHost.StartAsync(
            new ControlPlaneOptions
            {
                Store = store,
                Certificates = certificates,
                Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
                RunControllers = false,
                RunScheduler = false,
                Server = server => server with
                {
                    Audit = new()
                    {
                        Policy = AuditPolicy.Parse("{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: Metadata}]}"),
                        Log = new() { Path = Path.Combine(directory, "audit.log") },
                    },
                },
            },
            CancellationToken.None);
        Console.WriteLine($"https://{plane.Server.Addresses[0]}");
        await Console.In.ReadToEndAsync();
        return 0;
    }
}

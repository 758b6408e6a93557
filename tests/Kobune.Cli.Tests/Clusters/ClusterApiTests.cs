using System.Net;
using System.Net.Sockets;
using Kobune.Cli.Clusters;
using Kobune.Cli.Profiles;
using Kobune.Machine.State;

namespace Kobune.Cli.Tests.Clusters;

public sealed class ClusterApiTests
{
    [Fact]
    public async Task Whoever_listens_is_found_by_a_bare_connection()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var api = Open("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);
        Assert.True(await api.IsListeningAsync(TestContext.Current.CancellationToken));
        listener.Stop();
        Assert.False(await api.IsListeningAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_name_is_left_to_the_request()
    {
        using var api = Open("nowhere.invalid", 1);
        Assert.True(await api.IsListeningAsync(TestContext.Current.CancellationToken));
    }

    private static ClusterApi Open(string host, int port) =>
        ClusterApi.Open(new MachineHome(Path.Combine(Path.GetTempPath(), "kobune-no-home")), new ProfileConfig { Name = "demo", ApiServerPort = port, Nodes = [new() { Name = "demo", IP = host }] });
}

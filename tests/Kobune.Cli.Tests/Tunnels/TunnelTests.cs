using System.Net;
using System.Text.Json;
using Kobune.Cli.Commands;
using Kobune.Cli.Output;
using Kobune.Cli.Tunnels;
using Kobune.Machine.Host;
using Kobune.Machine.State;

namespace Kobune.Cli.Tests.Tunnels;

public sealed class TunnelTests : IDisposable
{
    private readonly MachineHome _home = new(Directory.CreateTempSubdirectory("kobune-tunnel-").FullName);

    public void Dispose() => Directory.Delete(_home.Root, recursive: true);

    [Fact]
    public void The_status_block_has_minikubes_form()
    {
        var status = new TunnelStatus("demo", 4242, "10.96.0.0/12 -> 192.168.49.2", "Running", "web") { RouterError = "conflicting route" };
        Assert.Equal(
            "Status:\n\tmachine: demo\n\tpid: 4242\n\troute: 10.96.0.0/12 -> 192.168.49.2\n\tkobune: Running\n\tservices: [web]\n    errors:\n"
            + "\t\tkobune: no errors\n\t\trouter: conflicting route\n\t\tloadbalancer emulator: no errors\n",
            status.Render());
    }

    [Fact]
    public void Each_port_has_one_owner_and_a_service_without_a_node_port_says_so()
    {
        var problems = new List<string>();
        var wanted = TunnelListeners.Wanted([Service("b", """[{"port":80,"nodePort":30001,"protocol":"TCP"}]"""), Service("a", """[{"port":80,"nodePort":30002,"protocol":"TCP"},{"port":80,"nodePort":30003,"protocol":"UDP"}]"""), Service("c", """[{"port":90}]""")], problems);
        Assert.Equal(new Dictionary<(string, int), (string, int)> { [("tcp", 80)] = ("shop/a", 30002), [("udp", 80)] = ("shop/a", 30003) }, wanted);
        Assert.Equal(["shop/b 80: the port belongs to shop/a", "shop/c 90: the Service has no node port"], problems);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", "0.0.0.0")]
    [InlineData("*", "0.0.0.0")]
    [InlineData("localhost", "127.0.0.1")]
    [InlineData("192.0.2.7", "192.0.2.7")]
    public void Bind_addresses(string? text, string? expected) => Assert.Equal(expected, TunnelCommand.Address(text)?.ToString());

    [Fact]
    public void A_bind_address_must_be_one() => Assert.Equal(14, Assert.Throws<CliException>(() => TunnelCommand.Address("nowhere")).Reason.ExitCode);

    [Fact]
    public void A_tunnel_that_listens_everywhere_is_reached_by_each_address_of_this_computer()
    {
        var record = new TunnelRecord("", "192.0.2.2", "demo", 1, 1, "boot");
        Assert.Empty(record.Addresses);
        Assert.Equal([IPAddress.Parse("192.0.2.7")], (record with { Listens = "192.0.2.7" }).Addresses);
        Assert.Contains(IPAddress.Loopback, (record with { Listens = "0.0.0.0" }).Addresses);
    }

    [Fact]
    public async Task The_record_of_a_tunnel_that_does_not_run_any_more_is_cleaned_away()
    {
        var registry = new TunnelRegistry(_home, TimeProvider.System);
        var self = HostProcess.Of(Environment.ProcessId)!;
        var alive = new TunnelRecord("", "192.0.2.2", "demo", self.Pid, self.StartTime, self.BootId);
        var dead = alive with { MachineName = "other", StartTime = self.StartTime - 1 };
        await registry.AddAsync(alive, CancellationToken.None);
        await registry.AddAsync(dead, CancellationToken.None);
        Assert.Equal([dead], await registry.CleanAsync(CancellationToken.None));
        Assert.Equal([alive], registry.Read());
        Assert.Equal(alive, registry.Running("demo"));
        Assert.Null(registry.Running("other"));
        await registry.RemoveAsync(alive, CancellationToken.None);
        Assert.False(File.Exists(Path.Combine(_home.Root, "tunnels.json")));
    }

    private static JsonElement Service(string name, string ports) =>
        JsonDocument.Parse($$"""{"metadata": {"namespace": "shop", "name": "{{name}}"}, "spec": {"ports": {{ports}} } }""").RootElement;
}

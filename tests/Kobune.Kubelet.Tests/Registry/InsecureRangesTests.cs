using System.Net;
using Kobune.Kubelet.Registry;

namespace Kobune.Kubelet.Tests.Registry;

public sealed class InsecureRangesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kobune-ranges-").FullName;

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.2.3:5000", true)]
    [InlineData("10.0.0.0/8", "11.1.2.3:5000", false)]
    [InlineData("10.9.9.9/8", "10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "in.test:5000", true)]
    [InlineData("10.0.0.0/8", "out.test", false)]
    [InlineData("10.0.0.0/8", "unknown.test", false)]
    [InlineData("fd00::/8", "[fd00::7]:5000", true)]
    [InlineData("fd00::/8,10.0.0.0/8", "10.0.0.1", true)]
    [InlineData("in.test:5000", "in.test:5000", false)]
    [InlineData("10.0.0.0/99", "10.0.0.1", false)]
    [InlineData("", "10.96.3.4", true)]
    [InlineData("", "10.95.3.4", false)]
    public async Task A_registry_lies_in_a_range_by_its_address_or_its_names(string range, string host, bool expected) =>
        Assert.Equal(expected, await InsecureRanges.Of([range], range.Length == 0 ? "10.96.0.0/12" : "").ContainsAsync(host, ResolveAsync, new ManualTime(), TestContext.Current.CancellationToken));

    [Fact]
    public async Task Names_are_not_looked_up_for_the_range_of_Services() =>
        Assert.False(await InsecureRanges.Of([], "10.0.0.0/8").ContainsAsync("in.test", (_, _) => throw new InvalidOperationException("asked"), new ManualTime(), TestContext.Current.CancellationToken));

    [Fact]
    public async Task A_name_server_that_is_silent_holds_a_pull_up_for_two_seconds()
    {
        var time = new ManualTime();
        var answer = InsecureRanges.Of(["10.0.0.0/8"]).ContainsAsync("slow.test", async (_, ct) => { await Task.Delay(Timeout.InfiniteTimeSpan, time, ct); return []; }, time, TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(answer.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.False(await answer);
    }

    [Fact]
    public async Task The_file_is_written_at_the_first_pull_and_goes_with_the_option()
    {
        const string View = "http://127.0.0.1:10055";
        var folder = new RegistryHostsFolder(_folder);
        var registries = new RangeRegistries(InsecureRanges.Of(["10.0.0.0/8"]), folder, View, TimeProvider.System);
        await registries.PrepareAsync("10.1.2.3:5000/team/app:1", TestContext.Current.CancellationToken);
        await registries.PrepareAsync("11.1.2.3:5000/team/app:1", TestContext.Current.CancellationToken);
        await registries.PrepareAsync("app:1", TestContext.Current.CancellationToken);
        Assert.Equal(["10.1.2.3:5000"], Directory.EnumerateDirectories(_folder).Select(d => Path.GetFileName(d)!));
        Assert.Equal(RegistryHosts.Insecure(View, "10.1.2.3:5000"), folder.Read("10.1.2.3:5000"));

        folder.WriteAll(RegistryHosts.Files(View, [], []));
        Assert.False(folder.Has("10.1.2.3:5000"));
    }

    [Fact]
    public async Task A_file_of_the_user_stays()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "10.1.2.3:5000"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "10.1.2.3:5000", "hosts.toml"), "server = \"https://x\"\n", TestContext.Current.CancellationToken);
        await new RangeRegistries(InsecureRanges.Of(["10.0.0.0/8"]), new(_folder), "http://v", TimeProvider.System).PrepareAsync("10.1.2.3:5000/a", TestContext.Current.CancellationToken);
        Assert.Equal("server = \"https://x\"\n", new RegistryHostsFolder(_folder).Read("10.1.2.3:5000"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Task<IPAddress[]> ResolveAsync(string name, CancellationToken ct) => name switch
    {
        "in.test" => Task.FromResult<IPAddress[]>([IPAddress.Parse("192.0.2.1"), IPAddress.Parse("10.7.7.7")]),
        "out.test" => Task.FromResult<IPAddress[]>([IPAddress.Parse("192.0.2.1")]),
        _ => Task.FromException<IPAddress[]>(new System.Net.Sockets.SocketException(11001)),
    };
}

using System.Net;
using Kobune.ApiServer.Tests.Hosting;
using Kobune.ApiServer.Webhooks;

namespace Kobune.ApiServer.Tests.Webhooks;

/// <summary>The way from a pod to the API server, for webhooks of the connection type InClusterConfig.</summary>
public sealed class PodCredentialTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kobune-pod");
    private readonly ManualTime _time = new();

    private string TokenFile => Path.Combine(_folder.FullName, "token");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("", "443")]
    [InlineData("10.96.0.1", "")]
    public void Outside_of_a_cluster_there_is_no_way(string host, string port)
    {
        File.WriteAllText(TokenFile, "t");
        var problem = Assert.Throws<FormatException>(() => Connect(host, port));
        Assert.Equal("unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined", problem.Message);
    }

    [Fact]
    public void A_pod_without_a_token_has_none_either() =>
        Assert.Equal($"open {TokenFile}: no such file or directory", Assert.Throws<FormatException>(() => Connect("10.96.0.1", "443")).Message);

    [Theory]
    [InlineData("10.96.0.1", "https://10.96.0.1/")]
    [InlineData("fd00::1", "https://[fd00::1]/")]
    public void The_environment_tells_the_address(string host, string server)
    {
        File.WriteAllText(TokenFile, "t");
        using var client = Connect(host, "443");
        Assert.Equal(server, client.Server.AbsoluteUri);
    }

    [Fact]
    public async Task The_token_is_read_again_each_minute_and_kept_when_it_cannot_be()
    {
        var seen = new List<string>();
        await using var server = await LoopbackHttps.StartAsync(
            context =>
            {
                seen.Add(context.Request.Headers.Authorization.ToString());
                return Task.CompletedTask;
            },
            "a.test");
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "ca.crt"), server.AuthorityPem, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(TokenFile, "one\n", TestContext.Current.CancellationToken);
        using var client = Connect(server.Address.Host, server.Address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await AskAsync();
        await File.WriteAllTextAsync(TokenFile, "two\n", TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(59));
        await AskAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        await AskAsync();
        File.Delete(TokenFile);
        _time.Advance(TimeSpan.FromMinutes(2));
        await AskAsync();
        Assert.Equal(["Bearer one", "Bearer one", "Bearer two", "Bearer two"], seen);

        async Task AskAsync()
        {
            using var answer = await client.PostAsync("{}"u8.ToArray(), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    private KubeconfigClient Connect(string host, string port) =>
        PodCredential.Connect(_time, name => name == "KUBERNETES_SERVICE_HOST" ? host : port, _folder.FullName);
}

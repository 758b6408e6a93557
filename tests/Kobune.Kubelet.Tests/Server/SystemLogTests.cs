using System.Text;
using Kobune.Kubelet.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Kubelet.Tests.Server;

/// <summary>What `kubectl get --raw /api/v1/nodes/NAME/proxy/logs/` reaches.</summary>
public sealed class SystemLogTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kobune-logs-").FullName;
    private readonly WebApplication _app;

    public SystemLogTests()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        _app = builder.Build();
        Directory.CreateDirectory(Path.Combine(_folder, "pods", "a b"));
        File.WriteAllText(Path.Combine(_folder, "syslog"), "first\nsecond\n");
        File.WriteAllText(Path.Combine(_folder, ".hidden"), "x");
        File.WriteAllText(Path.Combine(_folder, "pods", "0<1.log"), "one\n");
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("/logs/syslog", 200, "first\nsecond\n")]
    [InlineData("/logs/.hidden", 200, "x")]
    [InlineData("/logs/pods/0<1.log", 200, "one\n")]
    [InlineData("/logs/", 200, "<!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n<a href=\".hidden\">.hidden</a>\n<a href=\"pods/\">pods/</a>\n<a href=\"syslog\">syslog</a>\n</pre>\n")]
    [InlineData("/logs/pods/", 200, "<!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n<a href=\"0%3C1.log\">0&lt;1.log</a>\n<a href=\"a%20b/\">a b/</a>\n</pre>\n")]
    [InlineData("/logs", 301, "logs/")]
    [InlineData("/logs/pods/a b", 301, "a%20b/")]
    [InlineData("/logs/none", 404, "404 page not found\n")]
    [InlineData("/logs/../etc/passwd", 404, "404 page not found\n")]
    public async Task Files_and_folders_of_the_machine_are_shown(string path, int code, string wanted)
    {
        var (status, body, location) = await GetAsync(path);
        Assert.Equal(code, status);
        Assert.Equal(wanted, code == 301 ? location : body);
    }

    [Fact]
    public async Task A_part_of_a_file_may_be_asked_for()
    {
        var (status, body, _) = await GetAsync("/logs/syslog", "bytes=6-");
        Assert.Equal(206, status);
        Assert.Equal("second\n", body);
    }

    private async Task<(int Status, string Body, string Location)> GetAsync(string path, string? range = null)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { Request = { Method = "GET", Path = path }, Response = { Body = body } };
        context.Request.Headers.Range = range;
        using var endpoint = new SystemLogEndpoint(_folder, _app.Environment, NullLoggerFactory.Instance);
        await endpoint.HandleAsync(context);
        return (context.Response.StatusCode, Encoding.UTF8.GetString(body.ToArray()), context.Response.Headers.Location.ToString());
    }
}

using System.Security.Cryptography;
using System.Text;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Configuration;
using Kobune.ApiServer.Requests;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.ApiServer.Tests.Hosting;

/// <summary>What is told of files that are read again.</summary>
public sealed class ReloadMetricsTests : IDisposable
{
    private const string Prefix = "apiserver_authorization_config_controller_";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kobune-reloads-");
    private readonly ManualTime _time = new();

    private string FilePath => Path.Combine(_folder.FullName, "file");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Reloads_are_counted_and_the_hash_is_that_of_what_holds()
    {
        var metrics = new ReloadMetrics("authorization", _time);
        File.WriteAllText(FilePath, "one");
        var file = new ReloadedFile<string>(FilePath, "refused", t => t.Length > 3 ? throw new FormatException("too long") : t, _time, NullLogger.Instance, metrics);
        Assert.Equal($"last_config_info{{apiserver_id_hash=\"ID\",hash=\"{Hash("one")}\"}} 1", Samples(metrics));

        Assert.Equal("two", Reread(file, "two"));
        Assert.Equal("two", Reread(file, "three"));
        Assert.Equal("two", Reread(file, "three")); // told once
        var at = (_time.GetUtcNow() - TimeSpan.FromSeconds(22)).ToUnixTimeSeconds();
        Assert.Equal(
            $"""
            automatic_reload_last_timestamp_seconds status="failure" {at + 11}
            automatic_reload_last_timestamp_seconds status="success" {at}
            automatic_reloads_total status="failure" 1
            automatic_reloads_total status="success" 1
            """.ReplaceLineEndings("\n"),
            string.Join("\n", Samples(metrics).Split('\n').Where(l => l.StartsWith("automatic", StringComparison.Ordinal)).Select(Short)));
        Assert.Contains(Hash("two"), Samples(metrics), StringComparison.Ordinal);

        static string Short(string line) => line.Replace(",apiserver_id_hash=\"ID\"", "", StringComparison.Ordinal).Replace("{", " ", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_shows_them()
    {
        File.WriteAllText(FilePath, "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\nauthorizers: [{type: AlwaysAllow, name: a}]");
        await using var server = await SecuredServer.StartWithoutPolicyAsync(new() { AuthorizationConfig = FilePath });
        var answer = await server.Host.InProcess.SendAsync(new InProcessRequest(UserInfo.Of("root", UserNames.Masters), "GET", "/metrics"), TestContext.Current.CancellationToken);
        Assert.Contains($"hash=\"{Hash(File.ReadAllText(FilePath))}\"}} 1", Encoding.UTF8.GetString(answer.Body.Json.Span), StringComparison.Ordinal);
    }

    private static string Hash(string text) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Samples(ReloadMetrics metrics)
    {
        var text = new StringBuilder();
        foreach (var family in metrics.Families)
        {
            family.Write(text);
        }

        var samples = text.ToString().Split('\n').Where(l => l.StartsWith(Prefix, StringComparison.Ordinal)).Select(l => l[Prefix.Length..]).Order(StringComparer.Ordinal);
        return System.Text.RegularExpressions.Regex.Replace(string.Join("\n", samples), "apiserver_id_hash=\"sha256:[0-9a-f]{64}\"", "apiserver_id_hash=\"ID\"");
    }

    private string Reread(ReloadedFile<string> file, string text)
    {
        File.WriteAllText(FilePath, text);
        _time.Advance(TimeSpan.FromSeconds(11));
        return file.Current;
    }
}

using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Admission.Plugins;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Handlers;

public partial class MetricsTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Theory]
    [InlineData("apiserver_request_total", "counter", "verb,dry_run,group,version,resource,subresource,scope,component,code")]
    [InlineData("apiserver_request_duration_seconds", "histogram", "verb,dry_run,group,version,resource,subresource,scope,component")]
    [InlineData("apiserver_request_sli_duration_seconds", "histogram", "verb,group,version,resource,subresource,scope,component")]
    [InlineData("apiserver_current_inflight_requests", "gauge", "request_kind")]
    [InlineData("apiserver_storage_objects", "gauge", "resource")]
    [InlineData("apiserver_resource_objects", "gauge", "group,resource")]
    [InlineData("apiserver_longrunning_requests", "gauge", "verb,group,version,resource,subresource,scope,component")]
    [InlineData("apiserver_watch_events_total", "counter", "group,version,kind")]
    [InlineData("apiserver_admission_controller_admission_duration_seconds", "histogram", "name,operation,rejected,type")]
    [InlineData("apiserver_admission_step_admission_duration_seconds", "histogram", "operation,rejected,type")]
    [InlineData("authorization_attempts_total", "counter", "result")]
    [InlineData("kubernetes_build_info", "gauge", "build_date,compiler,git_commit,git_tree_state,git_version,go_version,major,minor,platform")]
    [InlineData("etcd_request_duration_seconds", "histogram", "operation,group,resource")]
    [InlineData("etcd_requests_total", "counter", "operation,group,resource")]
    [InlineData("apiserver_requested_deprecated_apis", "gauge", "group,version,resource,subresource,removed_release")]
    [InlineData("process_start_time_seconds", "gauge", "")]
    public async Task Families_have_upstreams_types_and_labels(string name, string type, string labels)
    {
        await using var server = await UsedAsync();
        var family = Parse(await TextAsync(server))[name];
        Assert.Equal(type, family.Type);
        Assert.NotEmpty(family.Samples);
        Assert.All(family.Samples, s => Assert.Equal(labels, string.Join(',', s.Labels.Where(l => l.Name != "le").Select(l => l.Name))));
    }

    [Theory]
    [InlineData("apiserver_request_total{verb=\"POST\",dry_run=\"\",group=\"\",version=\"v1\",resource=\"configmaps\",subresource=\"\",scope=\"resource\",component=\"apiserver\",code=\"201\"} 1")]
    [InlineData("apiserver_request_total{verb=\"POST\",dry_run=\"All\",group=\"\",version=\"v1\",resource=\"configmaps\",subresource=\"\",scope=\"resource\",component=\"apiserver\",code=\"201\"} 1")]
    [InlineData("apiserver_request_total{verb=\"LIST\",dry_run=\"\",group=\"\",version=\"v1\",resource=\"configmaps\",subresource=\"\",scope=\"namespace\",component=\"apiserver\",code=\"200\"} 1")]
    [InlineData("apiserver_request_total{verb=\"GET\",dry_run=\"\",group=\"\",version=\"\",resource=\"\",subresource=\"\",scope=\"resource\",component=\"apiserver\",code=\"404\"} 1")]
    [InlineData("apiserver_longrunning_requests{verb=\"WATCH\",group=\"\",version=\"v1\",resource=\"configmaps\",subresource=\"\",scope=\"namespace\",component=\"apiserver\"} 0")]
    [InlineData("apiserver_watch_events_total{group=\"\",version=\"v1\",kind=\"ConfigMap\"} 1")]
    [InlineData("etcd_requests_total{operation=\"create\",group=\"\",resource=\"configmaps\"} 1")]
    [InlineData("apiserver_requested_deprecated_apis{group=\"\",version=\"v1\",resource=\"endpoints\",subresource=\"\",removed_release=\"\"} 1")]
    [InlineData("apiserver_storage_objects{resource=\"configmaps\"} 1")]
    [InlineData("apiserver_resource_objects{group=\"\",resource=\"configmaps\"} 1")]
    [InlineData("apiserver_admission_controller_admission_duration_seconds_count{name=\"StorageObjectInUseProtection\",operation=\"CREATE\",rejected=\"false\",type=\"admit\"} 2")]
    public async Task What_was_done_is_counted(string line)
    {
        await using var server = await UsedAsync();
        Assert.Contains(line + "\n", await TextAsync(server), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Histograms_grow_to_their_count()
    {
        await using var server = await UsedAsync();
        foreach (var (name, family) in Parse(await TextAsync(server)).Where(f => f.Value.Type == "histogram"))
        {
            foreach (var one in family.Samples.GroupBy(s => string.Join(',', s.Labels.Where(l => l.Name != "le"))))
            {
                var buckets = one.Where(s => s.Name == name + "_bucket").ToArray();
                Assert.Equal("+Inf", buckets[^1].Labels[^1].Value);
                Assert.Equal(buckets.Select(b => b.Value).Order(), buckets.Select(b => b.Value));
                Assert.Equal(buckets[^1].Value, one.Single(s => s.Name == name + "_count").Value);
                Assert.True(one.Single(s => s.Name == name + "_sum").Value >= 0);
            }
        }
    }

    private static async Task<TestServer> UsedAsync()
    {
        var server = await TestServer.StartAsync(o => o with { Admission = new AdmissionChain([new StorageObjectInUseProtection()]) });
        await server.CreateConfigMapAsync("a");
        await server.MustAsync("POST", $"{ConfigMaps}?dryRun=All", """{"metadata":{"name":"b"}}""");
        await server.MustAsync("GET", ConfigMaps);
        await server.SendAsync("GET", $"{ConfigMaps}/none");
        await server.MustAsync("GET", "/api/v1/namespaces/default/endpoints");
        await using (var watch = server.Watch($"{ConfigMaps}?watch=true"))
        {
            Assert.Equal("ADDED a", await watch.NextTextAsync());
        }

        return server;
    }

    private static async Task<string> TextAsync(TestServer server)
    {
        var answer = await server.Host.InProcess.SendAsync(new InProcessRequest(TestServer.Admin, "GET", "/metrics"), TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(answer.Body.Json.Span);
    }

    /// <summary>Reads the text form strictly: HELP, TYPE, then only samples of that family; a family once; no sample twice.</summary>
    private static Dictionary<string, Family> Parse(string text)
    {
        var families = new Dictionary<string, Family>();
        var (current, seen) = ("", new HashSet<string>());
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        foreach (var line in text[..^1].Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                current = line.Split(' ')[2];
                Assert.False(families.ContainsKey(current), $"{current} comes twice");
            }
            else if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                Assert.Equal(current, line.Split(' ')[2]);
                families.Add(current, new(line.Split(' ')[3], []));
            }
            else
            {
                var match = SampleLine().Match(line);
                Assert.True(match.Success, line);
                Assert.True(seen.Add(line[..line.LastIndexOf(' ')]), $"twice: {line}");
                var name = match.Groups["name"].Value;
                Assert.Contains(name, families[current].Type == "histogram" ? [$"{current}_bucket", $"{current}_sum", $"{current}_count"] : new[] { current });
                families[current].Samples.Add(new(name, [.. LabelPair().Matches(match.Groups["labels"].Value).Select(m => (m.Groups[1].Value, m.Groups[2].Value))], double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture)));
            }
        }

        return families;
    }

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>[a-zA-Z_]\w*="([^"\\\n]|\\.)*"(,[a-zA-Z_]\w*="([^"\\\n]|\\.)*")*)\})? (?<value>[-+0-9.eE]+)$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex("""(\w+)="((?:[^"\\]|\\.)*)",?""")]
    private static partial Regex LabelPair();

    private sealed record Family(string Type, List<Sample> Samples);

    private sealed record Sample(string Name, IReadOnlyList<(string Name, string Value)> Labels, double Value);
}

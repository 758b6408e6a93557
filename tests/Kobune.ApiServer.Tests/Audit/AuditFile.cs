using System.Text.Json.Nodes;
using Kobune.ApiServer.Audit;

namespace Kobune.ApiServer.Tests.Audit;

/// <summary>An audit log in a folder of its own, and what stands in it.</summary>
internal sealed class AuditFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kobune-audit-");

    public string Folder => _folder.FullName;

    public string Path => System.IO.Path.Combine(Folder, "audit.log");

    public string[] Lines => File.Exists(Path) ? Read(Path) : [];

    public JsonObject[] Events => [.. Lines.Select(l => (JsonObject)JsonNode.Parse(l)!)];

    /// <summary>The events of one path, query apart.</summary>
    public JsonObject[] Of(string path) => [.. Events.Where(e => ((string)e["requestURI"]!).Split('?')[0] == path)];

    public Func<ApiServerOptions, ApiServerOptions> Options(string policy, Func<AuditLogOptions, AuditLogOptions>? configure = null) =>
        o => o with { Audit = new() { Policy = AuditPolicy.Parse($"apiVersion: audit.k8s.io/v1\nkind: Policy\n{policy}"), Log = Log(configure) } };

    public AuditLogOptions Log(Func<AuditLogOptions, AuditLogOptions>? configure = null)
    {
        var log = new AuditLogOptions { Path = Path };
        return configure?.Invoke(log) ?? log;
    }

    public static string[] Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}

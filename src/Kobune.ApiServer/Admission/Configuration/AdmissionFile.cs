using System.Text.Json.Nodes;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Configuration;

/// <summary>--admission-control-config-file: an AdmissionConfiguration, which has what single plugins are to be told, in itself or in further files. Source: k8s.io/apiserver, admission/config.go and plugins.go.</summary>
internal sealed class AdmissionFile
{
    /// <summary>Of a file that is none.</summary>
    public static readonly AdmissionFile None = new([]);

    // Before there was a kind for all plugins these two took the file as their own.
    private static readonly (string Plugin, string Field)[] Older = [("ImagePolicyWebhook", "imagePolicy"), ("PodNodeSelector", "podNodeSelectorPluginConfig")];

    private readonly IReadOnlyList<Entry> _plugins;

    private AdmissionFile(IReadOnlyList<Entry> plugins) => _plugins = plugins;

    /// <summary>Reads the file; those that it names are relative to it, and are read when their plugin asks.</summary>
    /// <exception cref="FormatException">The file, and what is wrong with it.</exception>
    public static AdmissionFile Load(string path)
    {
        try
        {
            return Parse(YamlObject.Read(Content(path, e => $"unable to read admission control configuration from \"{path}\" [{e}]")), Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (FormatException e)
        {
            throw new FormatException($"failed to read plugin config: {e.Message}", e);
        }
    }

    /// <summary>What a plugin makes of its part of the file; of null where there is none.</summary>
    /// <exception cref="FormatException">The plugin, and what is wrong with its part.</exception>
    public T Configure<T>(string plugin, Func<JsonObject?, T> read)
    {
        try
        {
            return read(_plugins.FirstOrDefault(p => p.Name == plugin) is not { } entry ? null
                : entry.Inline is not null ? entry.Inline as JsonObject ?? throw new FormatException("the configuration is no object")
                : entry.Path.Length == 0 ? null
                : YamlObject.Read(Content(entry.Path, e => $"Couldn't open admission plugin configuration {entry.Path}: {e}")));
        }
        catch (FormatException e)
        {
            throw new FormatException($"couldn't init admission plugin \"{plugin}\": {e.Message}", e);
        }
    }

    private static AdmissionFile Parse(JsonObject root, string folder)
    {
        if ((root.Text("apiVersion"), root.Text("kind")) is (not ("apiserver.config.k8s.io/v1" or "apiserver.k8s.io/v1alpha1"), _) or (_, not "AdmissionConfiguration"))
        {
            return Older.Any(o => root.Has(o.Field)) ? new([.. Older.Select(o => new Entry(o.Plugin, "", root))]) : throw PluginObject.Unknown(root);
        }

        return new([.. root.Items("plugins").Select(p => new Entry(p.Text("name"), p.Text("path") is { Length: > 0 } path ? Path.Combine(folder, path) : "", p["configuration"]))]);
    }

    private static string Content(string path, Func<string, string> refusal)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var reason = e switch { FileNotFoundException or DirectoryNotFoundException => "no such file or directory", UnauthorizedAccessException => "permission denied", _ => e.Message };
            throw new FormatException(refusal($"open {path}: {reason}"), e);
        }
    }

    private sealed record Entry(string Name, string Path, JsonNode? Inline);
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;
using Kobune.Machine.State;

namespace Kobune.Cli.Configuration;

/// <summary>config/config.json in Kobune's home: the user's own defaults, a flat object.</summary>
internal sealed class ConfigStore(MachineHome home)
{
    private string Path { get; } = System.IO.Path.Combine(home.Root, "config", "config.json");

    /// <summary>All values as text, sorted.</summary>
    public IReadOnlyDictionary<string, string> Values
    {
        get
        {
            var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var (name, value) in Read())
            {
                values[name] = value?.ToString() ?? "";
            }

            return values;
        }
    }

    /// <summary>A value, or null.</summary>
    public string? Get(string name) => Values.GetValueOrDefault(name);

    /// <summary>Sets a value.</summary>
    public void Set(ConfigKey key, string value)
    {
        var all = Read();
        all[key.Name] = key.Kind switch
        {
            ConfigKind.Number => int.Parse(value, System.Globalization.CultureInfo.InvariantCulture),
            ConfigKind.Truth => bool.Parse(value),
            _ => value,
        };
        Write(all);
    }

    /// <summary>Takes a value away; an empty file goes with the last one.</summary>
    public void Unset(string name)
    {
        var all = Read();
        if (!all.Remove(name))
        {
            return;
        }

        if (all.Count > 0)
        {
            Write(all);
            return;
        }

        File.Delete(Path);
        var folder = System.IO.Path.GetDirectoryName(Path)!;
        if (!Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
        }
    }

    private JsonObject Read()
    {
        try
        {
            return File.Exists(Path) ? JsonNode.Parse(File.ReadAllBytes(Path)) as JsonObject ?? [] : [];
        }
        catch (JsonException e)
        {
            throw new CliException(Reason.ConfigLoad, Message.ConfigBroken, Path, e.Message) { Advice = (Message.RemoveFile, [Path]) };
        }
    }

    private void Write(JsonObject all)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        var draft = Path + ".new";
        using (var stream = File.Create(draft))
        using (var writer = new Utf8JsonWriter(stream, new() { Indented = true }))
        {
            all.WriteTo(writer);
        }

        File.Move(draft, Path, overwrite: true);
    }
}

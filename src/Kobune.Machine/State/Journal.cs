using System.Text.Json;
using Kobune.Machine.Host;

namespace Kobune.Machine.State;

/// <summary>
/// The changes of one profile to the host: appended before each change is made, so that a crash between the two leaves at worst an entry
/// whose undoing finds nothing to do.
/// </summary>
/// <param name="path">The file, one JSON object a line.</param>
public sealed class Journal(string path)
{
    private readonly Lock _gate = new();

    /// <summary>What stands in the journal, oldest first. A torn last line (a crash while it was written) is left out: its change was not made.</summary>
    public IReadOnlyList<HostChange> Read()
    {
        if (!File.Exists(path))
        {
            return [];
        }

        var changes = new List<HostChange>();
        foreach (var line in File.ReadLines(path))
        {
            if (Parse(line) is { } change)
            {
                changes.Add(change);
            }
        }

        return changes;
    }

    /// <summary>Writes a change down; the same one only once. Several threads may do so through one journal.</summary>
    public void Record(string kind, string machine, string name, string value)
    {
        var change = new HostChange(kind, machine, name, value, HostProcess.CurrentBootId);
        using var alone = _gate.EnterScope();
        var known = Read();
        if (known.Contains(change))
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = new FileStream(path, FileMode.Append, FileAccess.Write);
        file.Write(JsonSerializer.SerializeToUtf8Bytes(change, StateJson.Default.HostChange));
        file.WriteByte((byte)'\n');
        file.Flush(flushToDisk: true);
    }

    /// <summary>Leaves only these entries; no file when there is none.</summary>
    public void Replace(IReadOnlyList<HostChange> changes)
    {
        if (changes.Count == 0)
        {
            File.Delete(path);
            return;
        }

        string[] lines = [.. changes.Select(c => JsonSerializer.Serialize(c, StateJson.Default.HostChange))];
        var next = path + ".new";
        try
        {
            File.WriteAllLines(next, lines);
            File.Move(next, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk has no room for a second file, and what stands on it must be undone all the same: fewer lines fit where more have been.
            if (File.Exists(next))
            {
                File.Delete(next);
            }

            File.WriteAllLines(path, lines);
        }
    }

    private static HostChange? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, StateJson.Default.HostChange);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kobune.Kubelet.Registry;

/// <summary>
/// The names that were built, loaded or tagged on this node, each with the digest that it stood for: a file beside the node's data. (Labels in containerd
/// would not do: a pull through the view writes the name anew, without them.)
/// </summary>
/// <param name="file">/var/lib/kobune/loaded-images.json.</param>
/// <param name="time">The clock.</param>
internal sealed class LoadedNames(string file, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(5);

    /// <summary>Name to digest.</summary>
    public IReadOnlyDictionary<string, string> Read() => Load();

    /// <summary>Changes the names; one process at a time, and seen whole or not at all.</summary>
    public async Task ChangeAsync(Action<Dictionary<string, string>> change, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using var gate = await LockAsync(ct);
        var names = Load();
        change(names);
        File.WriteAllBytes(file + ".new", JsonSerializer.SerializeToUtf8Bytes(names, LoadedNamesJson.Default.DictionaryStringString));
        File.Move(file + ".new", file, overwrite: true);
    }

    private Dictionary<string, string> Load()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), LoadedNamesJson.Default.DictionaryStringString) ?? [];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return []; // none yet
        }
    }

    private async Task<FileStream> LockAsync(CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return new(file + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(LookAgain, time, ct); // another command has it for a moment
            }
        }
    }
}

[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class LoadedNamesJson : JsonSerializerContext;

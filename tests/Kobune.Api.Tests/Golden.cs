using System.Buffers;
using System.Text.Json;
using Kobune.Api.Json;

namespace Kobune.Api.Tests;

/// <summary>Upstream's encodings of every kind, when they lie beside the clone; else the tests that use them have the vectors of this project alone.</summary>
internal static class Golden
{
    public static IReadOnlyList<string> Names { get; } = Find();

    public static string? Folder { get; private set; }

    /// <summary>The JSON without white space, escapes as Go writes them.</summary>
    public static byte[] Json(string name) => Compact(File.ReadAllBytes(Path.Combine(Folder!, name + ".json")));

    public static byte[] Protobuf(string name) => File.ReadAllBytes(Path.Combine(Folder!, name + ".pb"));

    public static byte[] Compact(ReadOnlySpan<byte> json)
    {
        var reader = JsonText.Reader(json);
        using var document = JsonDocument.ParseValue(ref reader);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            document.WriteTo(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static IReadOnlyList<string> Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Directory.Packages.props")))
            {
                var golden = Path.Combine(folder.FullName, "..", "shared", "golden");
                if (Directory.Exists(golden))
                {
                    Folder = golden;
                    return [.. Directory.EnumerateFiles(golden, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)];
                }
            }
        }

        return [];
    }
}

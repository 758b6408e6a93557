using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kobune.ApiServer.Kinds;

/// <summary>What changed between two trees, as a unified diff of their indented JSON: the tail of messages that refuse a change (upstream's util/diff; its names of fields are Go's, ours the API's).</summary>
internal static class ChangeText
{
    private const int Context = 3;
    private const int MostCells = 4_000_000; // lines that differ on both sides: beyond, all of them count as replaced
    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(JsonNode before, JsonNode now)
    {
        var script = Script(Lines(before), Lines(now));
        var text = new StringBuilder();
        for (var i = 0; i < script.Count;)
        {
            if (script[i].Mark == ' ')
            {
                i++;
                continue;
            }

            var (from, to) = (Math.Max(0, i - Context), EndOf(script, i));
            Hunk(script, from, to, text);
            i = to;
        }

        return text.ToString();
    }

    // Where the run of changes ends, with the lines after it; changes that near belong to one.
    private static int EndOf(List<(char Mark, string Line)> script, int start)
    {
        var last = start;
        for (var i = start; i < script.Count && i - last <= 2 * Context; i++)
        {
            last = script[i].Mark == ' ' ? last : i;
        }

        return Math.Min(script.Count, last + Context + 1);
    }

    private static void Hunk(List<(char Mark, string Line)> script, int from, int to, StringBuilder text)
    {
        var (oldStart, newStart) = (script.Take(from).Count(l => l.Mark != '+') + 1, script.Take(from).Count(l => l.Mark != '-') + 1);
        var lines = script[from..to];
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"@@ -{oldStart},{lines.Count(l => l.Mark != '+')} +{newStart},{lines.Count(l => l.Mark != '-')} @@\n");
        foreach (var (mark, line) in lines)
        {
            text.Append(mark).Append(line).Append('\n');
        }
    }

    private static string[] Lines(JsonNode node)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            node.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan).Split('\n');
    }

    private static List<(char Mark, string Line)> Script(string[] old, string[] now)
    {
        var head = old.AsSpan().CommonPrefixLength(now);
        var (oldRest, nowRest) = (old[head..], now[head..]);
        var tail = 0;
        while (tail < Math.Min(oldRest.Length, nowRest.Length) && oldRest[^(tail + 1)] == nowRest[^(tail + 1)])
        {
            tail++;
        }

        return [.. old[..head].Select(Same), .. Middle(oldRest[..^tail], nowRest[..^tail]), .. oldRest[^tail..].Select(Same)];

        static (char Mark, string Line) Same(string line) => (' ', line);
    }

    // The longest common lines stay.
    private static List<(char Mark, string Line)> Middle(string[] old, string[] now)
    {
        if ((long)old.Length * now.Length > MostCells)
        {
            return [.. old.Select(l => ('-', l)), .. now.Select(l => ('+', l))];
        }

        var common = new int[old.Length + 1, now.Length + 1];
        for (var i = old.Length - 1; i >= 0; i--)
        {
            for (var j = now.Length - 1; j >= 0; j--)
            {
                common[i, j] = old[i] == now[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        var script = new List<(char, string)>();
        var (a, b) = (0, 0);
        while (a < old.Length || b < now.Length)
        {
            if (a < old.Length && b < now.Length && old[a] == now[b])
            {
                script.Add((' ', old[a++]));
                b++;
            }
            else if (a < old.Length && (b == now.Length || common[a + 1, b] >= common[a, b + 1]))
            {
                script.Add(('-', old[a++]));
            }
            else
            {
                script.Add(('+', now[b++]));
            }
        }

        return script;
    }
}

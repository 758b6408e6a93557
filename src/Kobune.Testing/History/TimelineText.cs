using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Api.Patches;

namespace Kobune.Testing.History;

/// <summary>A history as text for people: one line for each change, Event and refused request, with what changed.</summary>
internal static class TimelineText
{
    private const int Width = 200;

    public static string Write(ClusterHistory history, DateTimeOffset start, Func<ObjectChange, bool>? where)
    {
        var lines = history.Changes.Where(where ?? (_ => true)).Select(c => (c.Time, Text: Line(c)))
            .Concat(where is null ? history.Requests.Where(r => r.StatusCode >= 400).Select(r => (r.Time, Text: Line(r))) : [])
            .OrderBy(l => l.Time); // stable: what happened at one instant stays in order
        var text = new StringBuilder();
        foreach (var (time, line) in lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"+{Elapsed(time - start)}  ").AppendLine(line);
        }

        return text.ToString();
    }

    private static string Elapsed(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours:00}:{span.Minutes:00}:{span.Seconds:00}.{span.Milliseconds:000}");

    private static string Line(RequestRecord r) => $"{r.StatusCode.ToString(CultureInfo.InvariantCulture)} {r.Verb} {r.Path} of {r.Identity}";

    private static string Line(ObjectChange change)
    {
        if (change is { Kind: "Event", Type: not ObjectChangeType.Deleted })
        {
            var told = change.Object.Read<Event>();
            var times = told.Count > 1 ? $" (x{told.Count.ToString(CultureInfo.InvariantCulture)})" : "";
            return Cut($"event    {told.InvolvedObject.Kind} {told.InvolvedObject.Namespace}/{told.InvolvedObject.Name}: {told.Type} {told.Reason}{times}: {told.Message}");
        }

        var word = change.Type switch { ObjectChangeType.Added => "added", ObjectChangeType.Modified => "modified", _ => "deleted" };
        return Cut($"{word,-8} {change.Kind} {change.Key}{(change.Type == ObjectChangeType.Modified ? " " + Difference(change) : "")}");
    }

    private static string Difference(ObjectChange change) =>
        MergePatch.Between(Tree(change.Previous!.Json), Tree(change.Object.Json))?.ToJsonString() ?? "(managed fields alone)";

    private static JsonObject Tree(ReadOnlyMemory<byte> json)
    {
        var tree = JsonNode.Parse(json.Span)!.AsObject();
        (tree["metadata"] as JsonObject)?.Remove("managedFields");
        return tree;
    }

    private static string Cut(string line) => line.Length <= Width ? line : line[..(Width - 3)] + "...";
}

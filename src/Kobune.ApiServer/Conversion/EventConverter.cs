using System.Text.Json.Nodes;

namespace Kobune.ApiServer.Conversion;

/// <summary>events.k8s.io/v1 Event and core/v1 Event: the same object under other names. Source: k8s.io/kubernetes, pkg/apis/events/v1/conversion.go.</summary>
internal sealed class EventConverter : IKindConverter
{
    private static readonly (string Core, string Events)[] Names =
    [
        ("involvedObject", "regarding"),
        ("message", "note"),
        ("reportingComponent", "reportingController"),
        ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"),
    ];

    public (string Group, string Plural) Storage => ("", "events");

    public void ToStorage(JsonObject obj, string version)
    {
        foreach (var (core, events) in Names)
        {
            Rename(obj, events, core);
        }
    }

    public void FromStorage(JsonObject obj, string version)
    {
        foreach (var (core, events) in Names)
        {
            Rename(obj, core, events);
        }
    }

    private static void Rename(JsonObject obj, string from, string to)
    {
        if (obj.Remove(from, out var value))
        {
            obj[to] = value;
        }
    }
}

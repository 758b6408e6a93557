using System.Globalization;

namespace Kobune.Scheduler.Framework;

/// <summary>The sentence of a pod that fits nowhere: each reason with how many nodes have it, sorted as text. Source: pkg/scheduler/framework, FitError.</summary>
internal static class FitMessage
{
    public const string NoNodes = "no nodes available to schedule pods";

    public static string Of(Diagnosis diagnosis)
    {
        var message = string.Create(CultureInfo.InvariantCulture, $"0/{diagnosis.AllNodes} nodes are available:");
        var reasons = diagnosis.PreFilterMessage.Length > 0 ? diagnosis.PreFilterMessage : Histogram(diagnosis);
        if (reasons.Length > 0)
        {
            message += $" {reasons}.";
        }

        return diagnosis.PostFilterMessage.Length > 0 ? $"{message} {diagnosis.PostFilterMessage}" : message;
    }

    private static string Histogram(Diagnosis diagnosis)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (_, status) in diagnosis.Nodes)
        {
            Count(counts, status, 1);
        }

        if (diagnosis.AbsentNodes is { } absent && diagnosis.AllNodes > diagnosis.Nodes.Count)
        {
            Count(counts, absent, diagnosis.AllNodes - diagnosis.Nodes.Count);
        }

        return string.Join(", ", counts.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value} {pair.Key}")).Order(StringComparer.Ordinal));
    }

    private static void Count(Dictionary<string, int> counts, Status status, int nodes)
    {
        foreach (var reason in status.Reasons)
        {
            counts[reason] = counts.GetValueOrDefault(reason) + nodes;
        }
    }
}

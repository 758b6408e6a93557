using System.Text.Json;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Paths.Output;

/// <summary>A way as JSON, for scripts: hops, states and fault ids are steady English words, findings and mends are in the user's language.</summary>
internal static class PathJson
{
    public static string Render(PathReport report, Translator translator) => JsonText.Write(w =>
    {
        w.WriteStartObject();
        w.WriteString("target", report.Target);
        w.WriteBoolean("ok", report.Broken is null);
        w.WriteString("firstBroken", report.Broken?.Kind.ToString());
        w.WriteString("fault", report.Broken?.Fault?.Id);
        w.WriteStartArray("hops");
        foreach (var hop in report.Hops)
        {
            WriteHop(w, hop, translator);
        }

        w.WriteEndArray();
        w.WriteEndObject();
    });

    private static void WriteHop(Utf8JsonWriter w, Hop hop, Translator translator)
    {
        w.WriteStartObject();
        w.WriteString("hop", hop.Kind.ToString());
        w.WriteString("part", hop.IsKubernetes ? "kubernetes" : "machine");
        w.WriteString("subject", hop.Subject);
        w.WriteString("state", hop.State.ToString());
        if (hop.Fault is { } fault)
        {
            w.WriteString("fault", fault.Id);
            w.WriteString("finding", fault.Finding.In(translator));
            w.WriteString("mend", fault.Mend.In(translator));
        }

        w.WriteStartArray("probes");
        foreach (var probe in hop.Probes)
        {
            w.WriteStartObject();
            w.WriteString("from", probe.From);
            w.WriteString("to", probe.To);
            w.WriteString("outcome", probe.Result.Outcome.ToString());
            w.WriteNumber("milliseconds", Math.Round(probe.Result.Milliseconds, 2));
            if (probe.Result.StatusCode > 0)
            {
                w.WriteNumber("statusCode", probe.Result.StatusCode);
            }

            w.WriteEndObject();
        }

        w.WriteEndArray();
        w.WriteEndObject();
    }
}

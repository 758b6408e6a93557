using System.Text;
using System.Text.Json;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Output;

/// <summary>
/// What a command says while it works: steps on standard output, warnings and failures on standard error; with `-o json` one CloudEvent a line
/// on standard output instead.
/// </summary>
internal sealed class Reporter(TextWriter output, TextWriter error, Translator translator, bool icons, bool json)
{
    private int _step;

    /// <summary>Whether lines are CloudEvents.</summary>
    public bool IsJson => json;

    /// <summary>The language.</summary>
    public Translator Translator => translator;

    /// <summary>One step of the work.</summary>
    /// <param name="icon">Its icon.</param>
    /// <param name="name">Its steady English name, for JSON.</param>
    /// <param name="message">Its text.</param>
    /// <param name="arguments">Fill the text's places.</param>
    public void Step(Icon icon, string name, Message message, params object[] arguments)
    {
        var text = translator.Text(message, arguments);
        if (json)
        {
            Event("step", ("currentstep", $"{_step++}"), ("message", text), ("name", name), ("totalsteps", "19"));
        }
        else
        {
            output.WriteLine(Prefix(icon) + text);
            output.Flush();
        }
    }

    /// <summary>A line below a step.</summary>
    public void Info(Icon icon, Message message, params object[] arguments)
    {
        var text = translator.Text(message, arguments);
        if (json)
        {
            Event("info", ("message", text));
        }
        else
        {
            output.WriteLine(Prefix(icon) + text);
            output.Flush();
        }
    }

    /// <summary>Something that the user should know, though the work goes on.</summary>
    public void Warn(Message message, params object[] arguments)
    {
        var text = translator.Text(message, arguments);
        if (json)
        {
            Event("warning", ("message", text));
        }
        else
        {
            error.WriteLine(Prefix(Icon.Warning) + text);
            error.Flush();
        }
    }

    /// <summary>The end of a command that failed.</summary>
    public void Fail(Reason reason, string text, string? advice)
    {
        if (json)
        {
            Event("error", ("advice", advice ?? ""), ("exitcode", $"{reason.ExitCode}"), ("issues", ""), ("message", text), ("name", reason.Id), ("url", ""));
            return;
        }

        error.WriteLine();
        error.WriteLine(Prefix(Icon.Failure) + translator.Text(Message.ExitingDueTo, reason.Id, text));
        if (advice is not null)
        {
            error.WriteLine(Prefix(Icon.Tip) + translator.Text(Message.Suggestion, advice));
        }

        error.Flush();
    }

    private string Prefix(Icon icon) => icons ? icon.Emoji : icon.Plain;

    private void Event(string type, params (string Name, string Value)[] data)
    {
        var program = ProgramName.Current == "minikube" ? "minikube" : "kobune";
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("specversion", "1.0");
            writer.WriteString("id", Guid.NewGuid());
            writer.WriteString("source", $"https://{program}.sigs.k8s.io/");
            writer.WriteString("type", $"io.k8s.sigs.{program}.{type}");
            writer.WriteString("datacontenttype", "application/json");
            writer.WriteStartObject("data");
            foreach (var (name, value) in data)
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.ToArray()));
        output.Flush();
    }
}

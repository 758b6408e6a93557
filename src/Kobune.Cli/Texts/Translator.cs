using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Kobune.Cli.Texts;

/// <summary>Gives the texts of one language. A text that the language lacks falls back to English (a test sees to it that none does).</summary>
internal sealed partial class Translator
{
    private static readonly string[] LocaleVariables = ["LC_ALL", "LC_MESSAGES", "LANG"];
    private readonly Dictionary<Message, string> _texts;

    private Translator(string language, Dictionary<Message, string> texts)
    {
        Language = language;
        _texts = texts;
    }

    /// <summary>"en" or "ja".</summary>
    public string Language { get; }

    /// <summary>The languages that there are.</summary>
    public static IReadOnlyList<string> Languages { get; } = ["en", "ja"];

    /// <summary>The language of the locale: LC_ALL before LC_MESSAGES before LANG, English for everything unknown.</summary>
    public static Translator ForLocale(Func<string, string?> variable)
    {
        var locale = LocaleVariables.Select(variable).FirstOrDefault(v => !string.IsNullOrEmpty(v)) ?? "";
        return For(Languages.FirstOrDefault(l => locale == l || locale.StartsWith(l + "_", StringComparison.Ordinal) || locale.StartsWith(l + ".", StringComparison.Ordinal)) ?? "en");
    }

    /// <summary>One language.</summary>
    public static Translator For(string language) => new(language, Load(language));

    /// <summary>A text with its places filled.</summary>
    public string Text(Message message, params object[] arguments)
    {
        var text = _texts.TryGetValue(message, out var found) ? found : Language == "en" ? message.ToString() : For("en").Text(message, arguments);
        var filled = arguments.Length == 0 ? text : string.Format(CultureInfo.InvariantCulture, text, arguments);
        return ProgramName.Current == "minikube" ? OwnCommand().Replace(filled, "minikube ") : filled;
    }

    // Called as minikube, the commands that a text advises are minikube's: "kobune start".
    [GeneratedRegex(@"\bkobune (?=[a-z])")]
    private static partial Regex OwnCommand();

    /// <summary>The catalogue of one language as it lies in the program.</summary>
    internal static Dictionary<Message, string> Load(string language)
    {
        using var stream = typeof(Translator).Assembly.GetManifestResourceStream($"{language}.json")!;
        using var document = JsonDocument.Parse(stream);
        var texts = new Dictionary<Message, string>();
        foreach (var property in document.RootElement.EnumerateObject())
        {
            texts.Add(Enum.Parse<Message>(property.Name), property.Value.GetString()!);
        }

        return texts;
    }
}

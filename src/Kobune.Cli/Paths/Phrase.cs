using Kobune.Cli.Texts;

namespace Kobune.Cli.Paths;

/// <summary>A text that is not put into a language yet; its arguments may be such texts themselves.</summary>
internal sealed record Phrase(Message Text, params object[] Arguments)
{
    /// <summary>In the user's language.</summary>
    public string In(Translator translator) => translator.Text(Text, [.. Arguments.Select(a => a is Phrase inner ? inner.In(translator) : a)]);
}

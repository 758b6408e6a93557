using System.Text.RegularExpressions;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Tests.Texts;

public partial class TranslationTests
{
    public static TheoryData<string> Languages => [.. Translator.Languages];

    [Theory, MemberData(nameof(Languages))]
    public void Every_message_has_a_text(string language)
    {
        var texts = Translator.Load(language);
        Assert.DoesNotContain(Enum.GetValues<Message>(), m => !texts.TryGetValue(m, out var text) || string.IsNullOrWhiteSpace(text));
    }

    [Theory, MemberData(nameof(Languages))]
    public void Every_text_has_the_places_of_the_English_one(string language)
    {
        var (english, other) = (Translator.Load("en"), Translator.Load(language));
        Assert.DoesNotContain(Enum.GetValues<Message>(), m => !PlacesOf(english[m]).SetEquals(PlacesOf(other[m])));
    }

    [Theory]
    [InlineData("ja_JP.UTF-8", null, null, "ja")]
    [InlineData(null, null, "ja_JP.UTF-8", "ja")]
    [InlineData("C", null, "ja_JP.UTF-8", "en")]
    [InlineData(null, "ja", "en_US.UTF-8", "ja")]
    [InlineData(null, null, "java", "en")]
    [InlineData(null, null, null, "en")]
    public void The_language_is_that_of_the_locale(string? all, string? messages, string? lang, string expected)
    {
        var variables = new Dictionary<string, string?> { ["LC_ALL"] = all, ["LC_MESSAGES"] = messages, ["LANG"] = lang };
        Assert.Equal(expected, Translator.ForLocale(name => variables[name]).Language);
    }

    private static HashSet<string> PlacesOf(string text) => [.. Place().Matches(text).Select(m => m.Value)];

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Place();
}

using System.Text;
using Kobune.Cel.Types;
using Kobune.Cel.Values;
using static Kobune.Cel.Libraries.LibraryValues;

namespace Kobune.Cel.Libraries;

/// <summary>cel-go's extension of strings (ext/strings.go), in the versions that Kubernetes has.</summary>
internal static class StringLibrary
{
    private static readonly CelType S = CelType.String;
    private static readonly CelType Strings = CelType.List(CelType.String);

    /// <summary>Before 1.29.</summary>
    public static readonly CelLibrary Version0 = Positions(Rest(new LibraryBuilder("strings"))).Build();

    /// <summary>What came with version 2, since 1.29: format and quote.</summary>
    public static readonly CelLibrary Version2 = new LibraryBuilder("strings 2")
        .Member("format", "string_format", [S, CelType.DynList], S, a => StringFormat.Apply(a[0].Text(), (CelList)a[1]))
        .Global("strings.quote", "strings_quote", [S], S, a => Text(Quote(a[0].Text())))
        .Build();

    private static LibraryBuilder Positions(LibraryBuilder library) => library
        .Member("charAt", "string_char_at_int", [S, CelType.Int], S, a => CharAt(CodePoints.Of(a[0].Text()), a[1].Int()))
        .Member("indexOf", "string_index_of_string", [S, S], CelType.Int, a => IndexOf(a[0], a[1], 0))
        .Member("indexOf", "string_index_of_string_int", [S, S, CelType.Int], CelType.Int, a => IndexOf(a[0], a[1], a[2].Int()))
        .Member("lastIndexOf", "string_last_index_of_string", [S, S], CelType.Int, a => LastIndexOf(a[0], a[1], null))
        .Member("lastIndexOf", "string_last_index_of_string_int", [S, S, CelType.Int], CelType.Int, a => LastIndexOf(a[0], a[1], a[2].Int()))
        .Member("substring", "string_substring_int", [S, CelType.Int], S, a => Substring(CodePoints.Of(a[0].Text()), a[1].Int(), null))
        .Member("substring", "string_substring_int_int", [S, CelType.Int, CelType.Int], S, a => Substring(CodePoints.Of(a[0].Text()), a[1].Int(), a[2].Int()));

    private static LibraryBuilder Rest(LibraryBuilder library) => library
        .Member("lowerAscii", "string_lower_ascii", [S], S, a => Text(MapAscii(a[0].Text(), char.ToLowerInvariant)))
        .Member("upperAscii", "string_upper_ascii", [S], S, a => Text(MapAscii(a[0].Text(), char.ToUpperInvariant)))
        .Member("replace", "string_replace_string_string", [S, S, S], S, a => Text(Replace(a[0].Text(), a[1].Text(), a[2].Text(), -1)))
        .Member("replace", "string_replace_string_string_int", [S, S, S, CelType.Int], S, a => Text(Replace(a[0].Text(), a[1].Text(), a[2].Text(), a[3].Int())))
        .Member("split", "string_split_string", [S, S], Strings, a => Split(a[0].Text(), a[1].Text(), -1))
        .Member("split", "string_split_string_int", [S, S, CelType.Int], Strings, a => Split(a[0].Text(), a[1].Text(), a[2].Int()))
        .Member("trim", "string_trim", [S], S, a => Text(a[0].Text().Trim()))
        .Member("join", "list_join", [Strings], S, a => Join((CelList)a[0], ""))
        .Member("join", "list_join_string", [Strings, S], S, a => Join((CelList)a[0], a[1].Text()));

    private static CelError OutOfRange(long index) => Error($"index out of range: {index}");

    private static CelValue CharAt(int[] text, long index) =>
        index < 0 || index > text.Length ? OutOfRange(index) : Text(CodePoints.Text(text.AsSpan((int)index, index == text.Length ? 0 : 1)));

    private static CelValue IndexOf(CelValue whole, CelValue part, long offset)
    {
        int[] text = CodePoints.Of(whole.Text()), wanted = CodePoints.Of(part.Text());
        if (wanted.Length == 0)
        {
            return CelInt.Of(offset);
        }

        if (offset < 0 || offset >= text.Length)
        {
            return offset < 0 ? OutOfRange(offset) : CelInt.Of(-1);
        }

        var found = text.AsSpan((int)offset).IndexOf(wanted);
        return CelInt.Of(found < 0 ? -1 : found + offset);
    }

    private static CelValue LastIndexOf(CelValue whole, CelValue part, long? offset)
    {
        int[] text = CodePoints.Of(whole.Text()), wanted = CodePoints.Of(part.Text());
        if (wanted.Length == 0)
        {
            return CelInt.Of(offset ?? text.Length);
        }

        if (offset is null && (text.Length == 0 || wanted.Length > text.Length))
        {
            return CelInt.Of(-1);
        }

        var start = offset ?? text.Length - 1;
        if (start < 0 || start >= text.Length)
        {
            return start < 0 ? OutOfRange(start) : CelInt.Of(-1);
        }

        // The part may begin at the offset at the latest.
        var end = Math.Min(start + wanted.Length, text.Length);
        return CelInt.Of(text.AsSpan(0, (int)end).LastIndexOf(wanted));
    }

    private static CelValue Substring(int[] text, long start, long? end)
    {
        if (end is { } last)
        {
            if (start > last)
            {
                return Error($"invalid substring range. start: {start}, end: {last}");
            }

            if (start >= 0 && start <= text.Length && last > text.Length)
            {
                return OutOfRange(last);
            }
        }

        return start < 0 || start > text.Length ? OutOfRange(start) : Text(CodePoints.Text(text.AsSpan((int)start..(int)(end ?? text.Length))));
    }

    private static string MapAscii(string text, Func<char, char> map) =>
        string.Create(text.Length, (text, map), static (span, state) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsAscii(state.text[i]) ? state.map(state.text[i]) : state.text[i];
            }
        });

    /// <summary>Go's strings.Replace: an empty old text is before each code point and at the end; a negative count is all.</summary>
    private static string Replace(string text, string old, string with, long count)
    {
        if (count == 0 || (old == with))
        {
            return text;
        }

        var left = count < 0 ? long.MaxValue : count;
        var result = new StringBuilder();
        if (old.Length == 0)
        {
            foreach (var rune in text.EnumerateRunes())
            {
                result.Append(left-- > 0 ? with : "").Append(rune.ToString());
            }

            return result.Append(left > 0 ? with : "").ToString();
        }

        var at = 0;
        while (left-- > 0 && text.IndexOf(old, at, StringComparison.Ordinal) is var found and >= 0)
        {
            result.Append(text, at, found - at).Append(with);
            at = found + old.Length;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>Go's strings.SplitN: an empty separator cuts into code points; the last piece of a limit has the rest.</summary>
    private static CelList Split(string text, string separator, long limit)
    {
        string[] pieces = limit == 0 ? [] : separator.Length == 0 ? Explode(text, limit) : text.Split(separator, limit < 0 ? int.MaxValue : (int)Math.Min(limit, int.MaxValue));
        return CelList.Of(Array.ConvertAll(pieces, p => (CelValue)new CelString(p)));
    }

    private static string[] Explode(string text, long limit)
    {
        var points = CodePoints.Of(text);
        if (limit < 0 || limit > points.Length)
        {
            return Array.ConvertAll(points, p => new Rune(p).ToString());
        }

        var last = (int)limit - 1;
        return [.. points.Take(last).Select(p => new Rune(p).ToString()), CodePoints.Text(points.AsSpan(last))];
    }

    private static CelValue Join(CelList list, string separator)
    {
        var text = new StringBuilder();
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is not CelString piece)
            {
                return Error($"unsupported type conversion from '{list[i].TypeName}' to string");
            }

            text.Append(i > 0 ? separator : "").Append(piece.Value);
        }

        return Text(text.ToString());
    }

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            quoted.Append(c switch
            {
                '\a' => "\\a",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\v' => "\\v",
                '\\' => "\\\\",
                '"' => "\\\"",
                _ => c.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }
}

namespace Kobune.Dns.Configuration;

/// <summary>A line of a Corefile: its words, and the lines between its braces.</summary>
internal sealed record Directive(IReadOnlyList<string> Words, IReadOnlyList<Directive> Block)
{
    public string Name => Words[0];
}

/// <summary>CoreDNS' configuration language: words, "# comments", quotes, and blocks in braces. Imports, snippets and environment variables are not known.</summary>
internal static class Corefile
{
    /// <summary>The server blocks; null when braces do not match.</summary>
    public static IReadOnlyList<Directive>? Parse(string text)
    {
        var stack = new Stack<(List<string> Words, List<Directive> Lines)>();
        var lines = new List<Directive>();
        foreach (var line in text.Split('\n'))
        {
            var words = Words(line);
            if (words.Count == 0)
            {
                continue;
            }

            if (words is ["}"])
            {
                if (stack.Count == 0)
                {
                    return null;
                }

                var (head, outer) = stack.Pop();
                outer.Add(new(head, lines));
                lines = outer;
            }
            else if (words[^1] == "{" && words.Count > 1)
            {
                stack.Push((words[..^1], lines));
                lines = [];
            }
            else
            {
                lines.Add(new(words, []));
            }
        }

        return stack.Count == 0 ? lines : null;
    }

    private static List<string> Words(string line)
    {
        var words = new List<string>();
        for (var i = 0; i < line.Length;)
        {
            if (char.IsWhiteSpace(line[i]))
            {
                i++;
            }
            else if (line[i] == '#')
            {
                break;
            }
            else if (line[i] == '"' && line.IndexOf('"', i + 1) is > 0 and var close)
            {
                words.Add(line[(i + 1)..close]);
                i = close + 1;
            }
            else
            {
                var end = i;
                while (end < line.Length && !char.IsWhiteSpace(line[end]))
                {
                    end++;
                }

                words.Add(line[i..end]);
                i = end;
            }
        }

        return words;
    }
}

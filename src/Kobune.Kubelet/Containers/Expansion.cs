using System.Text;

namespace Kobune.Kubelet.Containers;

/// <summary>$(NAME) references in commands, arguments and variables (third_party/forked/golang/expansion): $$ is a dollar, an unknown name stays as written.</summary>
internal static class Expansion
{
    internal static string Expand(string input, Func<string, string?> lookup)
    {
        if (!input.Contains('$', StringComparison.Ordinal))
        {
            return input;
        }

        var output = new StringBuilder(input.Length);
        for (var i = 0; i < input.Length; i++)
        {
            if (input[i] != '$' || i + 1 == input.Length)
            {
                output.Append(input[i]);
            }
            else if (input[i + 1] == '$')
            {
                output.Append('$');
                i++;
            }
            else if (input[i + 1] == '(' && input.IndexOf(')', i + 2) is > 0 and var end)
            {
                var name = input[(i + 2)..end];
                output.Append(lookup(name) ?? $"$({name})");
                i = end;
            }
            else
            {
                output.Append('$').Append(input[++i]);
            }
        }

        return output.ToString();
    }

    internal static Func<string, string?> Of(IEnumerable<KeyValuePair<string, string>> environment)
    {
        var values = new Dictionary<string, string>();
        foreach (var (name, value) in environment)
        {
            values[name] = value;
        }

        return name => values.GetValueOrDefault(name);
    }
}

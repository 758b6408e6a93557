using System.Security.Cryptography;
using System.Text;

namespace Kobune.ApiServer.Authentication;

/// <summary>Tokens of a file with lines token,user,uid,"group1,group2" (upstream's --token-auth-file). Looked up by hash, so that time tells nothing about a token.</summary>
public sealed class StaticTokenAuthenticator : ITokenAuthenticator
{
    private readonly Dictionary<string, UserInfo> _users;

    private StaticTokenAuthenticator(Dictionary<string, UserInfo> users)
    {
        _users = users;
    }

    /// <summary>Reads the file's text.</summary>
    /// <exception cref="FormatException">A line has less than three columns; the message names it.</exception>
    public static StaticTokenAuthenticator Parse(string text)
    {
        var users = new Dictionary<string, UserInfo>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in text.Split('\n').Select(l => l.Trim()))
        {
            number++;
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var columns = SplitColumns(line);
            if (columns.Count < 3 || columns[0].Length == 0)
            {
                throw new FormatException($"token file line {number}: expected at least 3 columns (token, user name, user uid), found {columns.Count}");
            }

            string[] groups = columns.Count > 3 ? columns[3].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [];
            users[Hash(columns[0])] = UserInfo.Of(columns[1], groups) with { Uid = columns[2] };
        }

        return new(users);
    }

    /// <inheritdoc/>
    public ValueTask<TokenResult?> AuthenticateTokenAsync(string token, IReadOnlyList<string> audiences, CancellationToken ct) =>
        new(_users.TryGetValue(Hash(token), out var user) ? new TokenResult(user, audiences, null) : null);

    private static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private static List<string> SplitColumns(string line)
    {
        var columns = new List<string>();
        var current = new StringBuilder();
        var quoted = false;
        foreach (var c in line)
        {
            if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c == ',' && !quoted)
            {
                columns.Add(current.ToString().Trim());
                current.Clear();
            }
            else
            {
                current.Append(c);
            }
        }

        columns.Add(current.ToString().Trim());
        return columns;
    }
}

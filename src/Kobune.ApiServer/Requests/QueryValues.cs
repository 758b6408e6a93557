using System.Globalization;
using System.Net;
using System.Numerics;
using Kobune.Api.Validation;

namespace Kobune.ApiServer.Requests;

/// <summary>The parameters of a query string, in order; a name may occur several times.</summary>
public sealed class QueryValues
{
    private readonly List<KeyValuePair<string, string>> _items;

    private QueryValues(List<KeyValuePair<string, string>> items)
    {
        _items = items;
    }

    /// <summary>No parameters.</summary>
    public static QueryValues Empty { get; } = new([]);

    /// <summary>All parameters, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Items => _items;

    /// <summary>Parses "a=b&amp;c=d", with or without the leading '?'.</summary>
    public static QueryValues Parse(string? query)
    {
        if (string.IsNullOrEmpty(query) || query == "?")
        {
            return Empty;
        }

        var items = new List<KeyValuePair<string, string>>();
        foreach (var part in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? part : part[..equals];
            items.Add(new(WebUtility.UrlDecode(name), equals < 0 ? "" : WebUtility.UrlDecode(part[(equals + 1)..])));
        }

        return new(items);
    }

    /// <summary>The first value of a parameter, or null when it is absent.</summary>
    public string? Find(string name)
    {
        foreach (var (key, value) in _items)
        {
            if (key == name)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>The first value of a parameter, or the empty text.</summary>
    public string Get(string name) => Find(name) ?? "";

    /// <summary>All values of a parameter, in order.</summary>
    public IEnumerable<string> GetAll(string name) => _items.Where(item => item.Key == name).Select(item => item.Value);

    /// <summary>A flag as upstream's conversion reads it: present and neither "false" nor "0" is true.</summary>
    public bool Flag(string name) => Find(name) is { } value && value is not ("0" or "false" or "False" or "FALSE");

    /// <summary>A whole number; null when absent.</summary>
    /// <exception cref="FormatException">The value is not a number.</exception>
    public long? Number(string name)
    {
        var text = Find(name);
        if (text is null)
        {
            return null;
        }

        var isNumber = BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
        return isNumber && number >= long.MinValue && number <= long.MaxValue
            ? (long)number
            : throw new FormatException($"strconv.ParseInt: parsing {GoQuote.Of(text)}: {(isNumber ? "value out of range" : "invalid syntax")}");
    }
}

using Kobune.Cel.Types;
using Kobune.Cel.Values;
using static Kobune.Cel.Libraries.LibraryValues;

namespace Kobune.Cel.Libraries;

/// <summary>Kubernetes' URLs.</summary>
internal static class UrlLibrary
{
    private static readonly CelType U = CelType.Struct("kubernetes.URL");

    public static readonly CelLibrary Library = new LibraryBuilder("urls")
        .Type(U.Name, U)
        .Global("url", "string_to_url", [CelType.String], U, a => Parse(a[0].Text()))
        .Global("isURL", "is_url_string", [CelType.String], CelType.Bool, a => Bool(GoUrl.Parse(a[0].Text(), out _) is not null))
        .Member("getScheme", "url_get_scheme", [U], CelType.String, a => Text(Url(a[0]).Scheme))
        .Member("getHost", "url_get_host", [U], CelType.String, a => Text(Url(a[0]).Host))
        .Member("getHostname", "url_get_hostname", [U], CelType.String, a => Text(Url(a[0]).Hostname))
        .Member("getPort", "url_get_port", [U], CelType.String, a => Text(Url(a[0]).Port))
        .Member("getEscapedPath", "url_get_escaped_path", [U], CelType.String, a => Text(Url(a[0]).EscapedPath))
        .Member("getQuery", "url_get_query", [U], CelType.Map(CelType.String, CelType.List(CelType.String)), a => Query(Url(a[0])))
        .Build();

    private static GoUrl Url(CelValue value) => ((UrlValue)value).Url;

    private static CelValue Parse(string text)
    {
        if (GoUrl.Parse(text, out var problem) is not { } url)
        {
            return Error($"URL parse error during conversion from string: {problem}");
        }

        // The strict form knows no fragment; what stands before it is the URL.
        var fragment = text.IndexOf('#', StringComparison.Ordinal);
        return new UrlValue(text, fragment > 0 ? GoUrl.Parse(text[..fragment], out _) ?? url : url);
    }

    private static CelMap Query(GoUrl url) => CelMap.Of(url.QueryValues()
        .Select(q => KeyValuePair.Create<CelValue, CelValue>(new CelString(q.Key), CelList.Of([.. q.Value.Select(v => new CelString(v))]))));

    private sealed class UrlValue(string text, GoUrl url) : CelLibraryObject(U)
    {
        public GoUrl Url => url;

        public override bool EqualTo(CelValue other) => other is UrlValue value && value.ToString() == text;

        public override string ToString() => text;
    }
}

namespace Kobune.Kubelet.Registry.Pushing;

/// <summary>A server that takes images.</summary>
/// <param name="Url">"https://registry.test:5000", without a slash at its end.</param>
internal sealed record PushServer(string Url)
{
    /// <summary>Whether any certificate will do.</summary>
    public bool SkipVerify { get; init; }

    /// <summary>Files with further authorities.</summary>
    public IReadOnlyList<string> Authorities { get; init; } = [];

    /// <summary>Files of the client's certificate and key; empty for none.</summary>
    public IReadOnlyList<string> Client { get; init; } = [];

    /// <summary>Headers of each request.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it takes images: those without capabilities can do everything.</summary>
    public bool TakesImages { get; init; } = true;
}

namespace Kobune.Client.Informers;

/// <summary>Which objects a reflector follows, and how.</summary>
public sealed record ReflectorOptions
{
    /// <summary>Namespace; empty for all.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Label selector; empty for all.</summary>
    public string LabelSelector { get; init; } = "";

    /// <summary>Field selector; empty for all.</summary>
    public string FieldSelector { get; init; } = "";

    /// <summary>Ask for the first set as a streaming list; falls back to a list where the server refuses.</summary>
    public bool StreamingList { get; init; }

    /// <summary>Accept header; empty for the transport's own.</summary>
    public string Accept { get; init; } = "";

    /// <summary>Objects per page of a list that must be the newest.</summary>
    public int PageSize { get; init; } = 500;
}

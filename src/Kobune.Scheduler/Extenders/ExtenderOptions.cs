namespace Kobune.Scheduler.Extenders;

/// <summary>A program that is asked about nodes over HTTP; names and defaults are those of Extender in KubeSchedulerConfiguration. A verb that is empty is not asked for.</summary>
public sealed record ExtenderOptions
{
    /// <summary>"http://127.0.0.1:8888/scheduler"; verbs are appended to it.</summary>
    public string UrlPrefix { get; init; } = "";

    /// <summary>Which of the nodes the pod may run on.</summary>
    public string FilterVerb { get; init; } = "";

    /// <summary>Which victims on which nodes it agrees with.</summary>
    public string PreemptVerb { get; init; } = "";

    /// <summary>How good the nodes are, 0 to 10.</summary>
    public string PrioritizeVerb { get; init; } = "";

    /// <summary>How much that counts.</summary>
    public long Weight { get; init; }

    /// <summary>Binds the pod in the scheduler's place; of all extenders one may.</summary>
    public string BindVerb { get; init; } = "";

    /// <summary>Without authorities in <see cref="Tls"/>, any server certificate is taken.</summary>
    public bool EnableHttps { get; init; }

    /// <summary>How it is known; null for the system's authorities.</summary>
    public ExtenderTls? Tls { get; init; }

    /// <summary>How long an answer may take.</summary>
    public TimeSpan HttpTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>It knows the nodes itself: it is told their names and UIDs only.</summary>
    public bool NodeCacheCapable { get; init; }

    /// <summary>Only pods are its business that have one of these extended resources; none = all pods.</summary>
    public IReadOnlyList<string> ManagedResources { get; init; } = [];

    /// <summary>When it cannot be asked, pods are placed without it.</summary>
    public bool Ignorable { get; init; }
}

/// <summary>TLS of an extender. Data count before files, both are PEM.</summary>
public sealed record ExtenderTls
{
    /// <summary>Take any server certificate.</summary>
    public bool Insecure { get; init; }

    /// <summary>The name that the server's certificate must carry; empty for the host of the address.</summary>
    public string ServerName { get; init; } = "";

    /// <summary>The client's certificate.</summary>
    public PemSource Certificate { get; init; }

    /// <summary>Its key.</summary>
    public PemSource Key { get; init; }

    /// <summary>The authorities that may have signed the server's certificate.</summary>
    public PemSource Authorities { get; init; }
}

/// <summary>A PEM text, or the path of a file that has it; both empty for none.</summary>
/// <param name="Path">The file.</param>
/// <param name="Text">The text itself.</param>
public readonly record struct PemSource(string? Path, string? Text)
{
    /// <summary>Whether there is any.</summary>
    public bool IsGiven => Path is { Length: > 0 } || Text is { Length: > 0 };

    /// <exception cref="IOException">The file cannot be read.</exception>
    internal string Read() => Text is { Length: > 0 } text ? text : File.ReadAllText(Path!);
}

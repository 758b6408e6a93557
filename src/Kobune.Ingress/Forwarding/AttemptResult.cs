namespace Kobune.Ingress.Forwarding;

/// <summary>How the try of one endpoint ended.</summary>
internal enum AttemptResult
{
    /// <summary>The client has its answer, or went.</summary>
    Done,

    /// <summary>No connection: refused, unreachable, TLS failed.</summary>
    ConnectFailed,

    /// <summary>No connection in time.</summary>
    ConnectTimeout,

    /// <summary>The connection broke before an answer came.</summary>
    Broken,

    /// <summary>No answer in time.</summary>
    Timeout,

    /// <summary>An answer with a status that proxy-next-upstream names.</summary>
    Unwanted,

    /// <summary>The client's body is longer than allowed.</summary>
    TooLarge,

    /// <summary>The client's body did not come in time.</summary>
    BodyTimeout,
}

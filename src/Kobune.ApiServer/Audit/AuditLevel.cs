namespace Kobune.ApiServer.Audit;

/// <summary>How much of a request is told, upstream's levels in rising order.</summary>
internal enum AuditLevel
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Who asked for what, when, and the answer's code.</summary>
    Metadata,

    /// <summary>Also the object that was sent.</summary>
    Request,

    /// <summary>Also the object that was answered.</summary>
    RequestResponse,
}

/// <summary>When something is told.</summary>
internal enum AuditStage
{
    /// <summary>Before anything is done.</summary>
    RequestReceived,

    /// <summary>A long-running request begins to answer.</summary>
    ResponseStarted,

    /// <summary>The answer is written.</summary>
    ResponseComplete,

    /// <summary>The server failed for a reason that was not foreseen.</summary>
    Panic,
}

namespace Kobune.ApiServer.Audit;

/// <summary>Where encoded events go.</summary>
internal interface IAuditBackend : IAsyncDisposable
{
    /// <summary>"log" or "webhook", for the metrics.</summary>
    string Name { get; }

    /// <summary>Whether it takes the one-line form.</summary>
    bool IsLegacy { get; }

    /// <summary>Takes a batch. Throws when the events are lost.</summary>
    ValueTask WriteAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken ct);
}

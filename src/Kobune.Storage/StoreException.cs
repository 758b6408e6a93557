namespace Kobune.Storage;

/// <summary>The store cannot do what it was asked; the message says what happened, what it means for the data and what to do.</summary>
public sealed class StoreException(StoreFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What kind of failure it is; branch on this, never on the text.</summary>
    public StoreFailure Failure { get; } = failure;
}

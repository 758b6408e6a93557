namespace Kobune.Api.Patches;

/// <summary>A patch that cannot be applied. Malformed documents are the client's bad request (400), well-formed ones that do not fit are unprocessable (422).</summary>
public sealed class PatchException(string message, bool malformed = false) : Exception(message)
{
    /// <summary>Whether the patch document itself is broken.</summary>
    public bool Malformed { get; } = malformed;

    /// <summary>Whether an operation "test" found another value.</summary>
    public bool IsFailedTest { get; init; }
}

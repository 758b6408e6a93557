namespace Kobune.Api.Patches;

/// <summary>Whose fault it is that a patch cannot be applied.</summary>
public enum PatchFault
{
    /// <summary>A well-formed patch does not fit the object (422).</summary>
    Unfit,

    /// <summary>The patch document is broken (400).</summary>
    Malformed,

    /// <summary>Upstream has no better answer than an error of its own, with the cause in it (500).</summary>
    Unforeseen,
}

/// <summary>A patch that cannot be applied.</summary>
public sealed class PatchException(string message, PatchFault fault = PatchFault.Unfit) : Exception(message)
{
    /// <summary>Whose fault it is.</summary>
    public PatchFault Fault { get; } = fault;

    /// <summary>Whether an operation "test" found another value.</summary>
    public bool IsFailedTest { get; init; }

    internal static PatchException Malformed(string message) => new(message, PatchFault.Malformed);

    internal static PatchException Unforeseen(string message) => new(message, PatchFault.Unforeseen);
}

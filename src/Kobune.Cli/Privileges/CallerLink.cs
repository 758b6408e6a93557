using System.Globalization;
using System.IO.Pipes;

namespace Kobune.Cli.Privileges;

/// <summary>
/// Two pipes between the program that a user called and the same program as root below sudo: one tells it to end (a byte, or the caller's death: signals of a
/// user do not reach a process of root), the other tells that it began (else sudo refused). The helper opens them by their place in /proc, since sudo closes
/// what it inherits.
/// </summary>
internal sealed class CallerLink : IDisposable
{
    private readonly AnonymousPipeServerStream _end = new(PipeDirection.Out, HandleInheritability.None);
    private readonly AnonymousPipeServerStream _begun = new(PipeDirection.In, HandleInheritability.None);

    /// <summary>The words that the helper finds its caller by: process, and the two descriptors.</summary>
    public IReadOnlyList<string> Words =>
        [Environment.ProcessId.ToString(CultureInfo.InvariantCulture), _end.GetClientHandleAsString(), _begun.GetClientHandleAsString()];

    /// <summary>Asks the helper to end.</summary>
    public void RequestEnd() => _end.WriteByte(1);

    /// <summary>Whether the helper began to run; asked after its end.</summary>
    public bool HasBegun()
    {
        _begun.DisposeLocalCopyOfClientHandle(); // else the pipe would never be at its end
        return _begun.ReadByte() != -1;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Dispose();
        _begun.Dispose();
    }
}

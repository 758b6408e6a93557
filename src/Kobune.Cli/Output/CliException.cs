using Kobune.Cli.Texts;

namespace Kobune.Cli.Output;

/// <summary>A command cannot do what was asked; the user sees one line with the reason id, and what to do next.</summary>
internal sealed class CliException(Reason reason, Message message, params object[] arguments) : Exception(message.ToString())
{
    public Reason Reason { get; } = reason;

    public Message Text { get; } = message;

    public IReadOnlyList<object> Arguments { get; } = arguments;

    /// <summary>What to do next.</summary>
    public (Message Text, object[] Arguments)? Advice { get; init; }
}

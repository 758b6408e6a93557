namespace Kobune.Cel.Syntax;

/// <summary>A macro was used with arguments that it does not take.</summary>
internal sealed class CelMacroException(int position, string message) : Exception(message)
{
    public int Position { get; } = position;
}

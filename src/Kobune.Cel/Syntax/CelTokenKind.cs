namespace Kobune.Cel.Syntax;

internal enum CelTokenKind
{
    End,
    Identifier,
    EscapedIdentifier,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Symbol,
}

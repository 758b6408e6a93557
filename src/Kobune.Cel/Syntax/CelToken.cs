namespace Kobune.Cel.Syntax;

/// <summary>A word of an expression.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As written; for keywords and operators the word itself.</param>
/// <param name="Position">Its first code point.</param>
internal readonly record struct CelToken(CelTokenKind Kind, string Text, int Position);

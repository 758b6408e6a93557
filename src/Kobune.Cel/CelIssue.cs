namespace Kobune.Cel;

/// <summary>Something wrong with an expression's text.</summary>
/// <param name="Message">cel-go's wording.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 0, in code points; the text form shows it from 1.</param>
/// <param name="Text">The form that clients see: <c>ERROR: &lt;input&gt;:1:5: message</c> with the line and a caret.</param>
public sealed record CelIssue(string Message, int Line, int Column, string Text)
{
    public override string ToString() => Text;
}

using System.Text.Json.Nodes;
using Kobune.ApiServer.Fields;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.CustomResources;

/// <summary>One entry of x-kubernetes-validations, as it was written.</summary>
internal sealed record ValidationRule(string Rule, string Message, string MessageExpression, string? Reason, string FieldPath, bool? OptionalOldSelf)
{
    public const string Field = "x-kubernetes-validations";

    /// <summary>The rule in messages about it: the message when it has one.</summary>
    public string Shown => Message.Length > 0 ? Message.Trim() : Rule.Trim();

    /// <summary>What is said when it fails and no expression says more.</summary>
    public string Failure => Message.Length > 0 ? Message.Trim() : $"failed rule: {Shown}";

    public static IReadOnlyList<ValidationRule> Of(JsonObject schema) => [.. schema.Schemas(Field).Select(r => new ValidationRule(
        r.TextAt("rule"),
        r.TextAt("message"),
        r.TextAt("messageExpression"),
        r["reason"] is null ? null : r.TextAt("reason"),
        r.TextAt("fieldPath"),
        r["optionalOldSelf"] is null ? null : r.Flag("optionalOldSelf")))];

    /// <summary>The form in which upstream's messages show a rule: its internal type, whose fields have Go's names.</summary>
    public string ToJson() => new JsonObject
    {
        [nameof(Rule)] = Rule,
        [nameof(Message)] = Message,
        [nameof(MessageExpression)] = MessageExpression,
        [nameof(Reason)] = Reason,
        [nameof(FieldPath)] = FieldPath,
        [nameof(OptionalOldSelf)] = OptionalOldSelf,
    }.GoText();
}

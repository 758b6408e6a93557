using System.Text.Json.Nodes;

namespace Kobune.ApiServer.CustomResources;

/// <summary>A value and what it was before an update, or, where that cannot be told, the nearest value around it of which it can.</summary>
/// <param name="Current">Null: the value has no counterpart.</param>
/// <param name="Parent">The nearest correlated value around it; null at the root.</param>
internal sealed record Correlation(Correlation.Pair? Current, Correlation.Pair? Parent)
{
    /// <summary>Nothing was there before.</summary>
    public static readonly Correlation None = new(null, null);

    /// <summary>Whether a problem was there before, too: nothing of the value changed.</summary>
    public bool IsUnchanged => (Current ?? Parent)?.IsEqual == true;

    public Correlation Field(string name, JsonNode? now, JsonNode? old)
    {
        if (Current is null)
        {
            return this;
        }

        return Parent is null && name is "apiVersion" or "kind" ? None : new(old is null ? null : new Pair(now, old), Current);
    }

    public Correlation Item(JsonNode? now, JsonNode? old) => Current is null ? this : new(old is null ? null : new Pair(now, old), Current);

    /// <summary>Two values; compared at most once.</summary>
    internal sealed class Pair(JsonNode? now, JsonNode? old)
    {
        private bool? _isEqual;

        public bool IsEqual => _isEqual ??= JsonNode.DeepEquals(now, old);
    }
}

namespace Kobune.Api.Selectors;

/// <summary>How a requirement of a selector compares. Source: k8s.io/apimachinery, selection.</summary>
public enum SelectorOperator
{
    /// <summary>The key has this value ("=" and "==").</summary>
    Equal,

    /// <summary>The key is absent or has another value.</summary>
    NotEqual,

    /// <summary>The key has one of the values.</summary>
    In,

    /// <summary>The key is absent or has none of the values.</summary>
    NotIn,

    /// <summary>The key is present.</summary>
    Exists,

    /// <summary>The key is absent.</summary>
    DoesNotExist,

    /// <summary>The key's value is an integer above the one given.</summary>
    GreaterThan,

    /// <summary>The key's value is an integer below the one given.</summary>
    LessThan,
}

namespace Kobune.Api;

/// <summary>How a quantity is written. Source: k8s.io/apimachinery, api/resource.</summary>
public enum QuantityFormat : byte
{
    /// <summary>n, u, m, none, k, M, G, T, P, E.</summary>
    DecimalSI,

    /// <summary>Ki, Mi, Gi, Ti, Pi, Ei.</summary>
    BinarySI,

    /// <summary>e-notation, "12e6".</summary>
    DecimalExponent,
}

namespace Kobune.Cel.Authorization;

/// <summary>An authorizer's answer.</summary>
/// <param name="Allowed">Whether it allows the verb.</param>
/// <param name="Reason">Why, or empty.</param>
/// <param name="Error">What kept it from deciding, or null.</param>
public sealed record CelDecision(bool Allowed, string Reason, string? Error);

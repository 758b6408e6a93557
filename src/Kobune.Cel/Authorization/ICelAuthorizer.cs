namespace Kobune.Cel.Authorization;

/// <summary>Who answers an expression's questions about rights.</summary>
public interface ICelAuthorizer
{
    /// <summary>Whether a verb is allowed; it does not throw.</summary>
    CelDecision Authorize(CelAuthorizationRequest request);
}

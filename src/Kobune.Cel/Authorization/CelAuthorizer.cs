using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Authorization;

/// <summary>Values of the variables authorizer and authorizer.requestResource.</summary>
public static class CelAuthorizer
{
    internal static readonly CelType GroupType = CelType.Struct("kubernetes.authorization.GroupCheck");
    internal static readonly CelType PathType = CelType.Struct("kubernetes.authorization.PathCheck");
    internal static readonly CelType DecisionType = CelType.Struct("kubernetes.authorization.Decision");

    /// <summary>The type of the variable authorizer.</summary>
    public static CelType Type { get; } = CelType.Struct("kubernetes.authorization.Authorizer");

    /// <summary>The type of the variable authorizer.requestResource.</summary>
    public static CelType ResourceType { get; } = CelType.Struct("kubernetes.authorization.ResourceCheck");

    /// <summary>An authorizer that asks for the user of the request.</summary>
    public static CelValue Value(ICelAuthorizer authorizer) => new AuthorizationValue(Type, authorizer, new());

    /// <summary>A check of a resource, without its verb.</summary>
    public static CelValue Resource(ICelAuthorizer authorizer, CelAuthorizationRequest resource) => new AuthorizationValue(ResourceType, authorizer, resource);
}

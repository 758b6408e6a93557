using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Authorization;

/// <summary>A question that is not finished yet; its type says what may be added.</summary>
internal sealed class AuthorizationValue(CelType type, ICelAuthorizer authorizer, CelAuthorizationRequest request) : CelLibraryObject(type)
{
    public AuthorizationValue With(CelType next, Func<CelAuthorizationRequest, CelAuthorizationRequest> change) => new(next, authorizer, change(request));

    public DecisionValue Check(string verb) => new(authorizer.Authorize(request with { Verb = verb }));

    public override bool EqualTo(CelValue other) => ReferenceEquals(this, other);
}

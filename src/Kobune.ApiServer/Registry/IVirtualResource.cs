using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Registry;

/// <summary>A resource, or a subresource of a stored kind, that can only be created and is never stored: the access reviews, TokenReview, serviceaccounts/token.</summary>
public interface IVirtualResource
{
    /// <summary>The resource in the path: ("authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews"); for a subresource the kind of the body and the plural of the parent.</summary>
    ResourceDescriptor Resource { get; }

    /// <summary>"token" for serviceaccounts/token; empty for a resource of its own.</summary>
    string Subresource => "";

    /// <summary>Answers a POST whose body is decoded, strict-checked and defaulted by the schema. Returns the object to answer with (201); refuses by throwing StatusException.</summary>
    ValueTask<JsonObject> CreateAsync(VirtualCreate request, CancellationToken ct);
}

/// <summary>One POST to a virtual resource.</summary>
/// <param name="Info">Path, namespace and name of the request.</param>
/// <param name="User">Who asks.</param>
/// <param name="Body">The object as sent, mutable; may be returned changed.</param>
/// <param name="Objects">The server's own view.</param>
/// <param name="DryRun">Nothing may be kept.</param>
public sealed record VirtualCreate(RequestInfo Info, UserInfo User, JsonObject Body, IObjectReader Objects, bool DryRun);

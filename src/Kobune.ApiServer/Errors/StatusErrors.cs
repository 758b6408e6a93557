using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Errors;

/// <summary>Upstream's API errors, word by word. Source: k8s.io/apimachinery, api/errors; k8s.io/apiserver, handlers/responsewriters and storage errors.</summary>
public static class StatusErrors
{
    /// <summary>404: pods "x" not found.</summary>
    public static StatusException NotFound(string group, string resource, string name) =>
        Failure(404, "NotFound", $"{Qualified(group, resource)} \"{name}\" not found", Details(group, resource, name));

    /// <summary>404 for a path that nothing serves.</summary>
    public static StatusException NoSuchPath() =>
        Failure(404, "NotFound", "the server could not find the requested resource", new StatusDetails());

    /// <summary>404 for a path of no API that is served; over HTTP the plain words of Go's server.</summary>
    public static StatusException NoHandler() => new(NoSuchPath().Status) { PlainText = "404 page not found" };

    /// <summary>409: deployments.apps "x" already exists, which says too when that is on its way out.</summary>
    public static StatusException AlreadyExists(string group, string resource, string name, bool isDeleting = false) =>
        Failure(409, "AlreadyExists", $"{(isDeleting ? "object is being deleted: " : "")}{Qualified(group, resource)} \"{name}\" already exists", Details(group, resource, name));

    /// <summary>409 of a create whose generated name was taken eight times.</summary>
    public static StatusException GenerateNameConflict(string group, string resource, string name) =>
        Failure(409, "AlreadyExists", $"{Qualified(group, resource)} \"{name}\" already exists, the server was not able to generate a unique name for the object", Details(group, resource, name) with { RetryAfterSeconds = 1 });

    /// <summary>409 with upstream's frame around a reason.</summary>
    public static StatusException Conflict(string group, string resource, string name, string reason) =>
        Failure(409, "Conflict", $"Operation cannot be fulfilled on {Qualified(group, resource)} \"{name}\": {reason}", Details(group, resource, name));

    /// <summary>409 of a write that means another object of the same name, as a scale or a binding tells it.</summary>
    public static StatusException OtherUid(string group, string resource, string name, string wanted, string uid) =>
        Conflict(group, resource, name, $"Precondition failed: UID in precondition: {wanted}, UID in object meta: {uid}");

    /// <summary>409 of a write with an old resourceVersion.</summary>
    public static StatusException Modified(string group, string resource, string name) =>
        Conflict(group, resource, name, "the object has been modified; please apply your changes to the latest version and try again");

    /// <summary>422 with one cause per problem.</summary>
    public static StatusException Invalid(string group, string kind, string name, FieldErrors errors)
    {
        var causes = errors.Items.Select(e => new StatusCause { Type = e.Type, Message = e.Message, Field = e.Field }).ToArray();
        return Failure(422, "Invalid", $"{Qualified(group, kind)} \"{name}\" is invalid: {errors.Aggregate()}", Details(group, kind, name) with { Causes = causes });
    }

    /// <summary>400.</summary>
    public static StatusException BadRequest(string message) => Failure(400, "BadRequest", message, null);

    /// <summary>400: a body names another namespace than the path.</summary>
    public static StatusException OtherNamespace() => BadRequest("the namespace of the provided object does not match the namespace sent on the request");

    /// <summary>401.</summary>
    public static StatusException Unauthorized() => Failure(401, "Unauthorized", "Unauthorized", null);

    /// <summary>403 of an authorizer: pods is forbidden: User "u" cannot list resource "pods" in API group "" in the namespace "default".</summary>
    public static StatusException Denied(UserInfo user, RequestInfo request, string reason)
    {
        if (!request.IsResourceRequest)
        {
            var path = $"forbidden: User \"{user.Name}\" cannot {request.Verb} path \"{request.Path}\"";
            return Failure(403, "Forbidden", reason.Length == 0 ? path : $"{path}: {reason}", new StatusDetails());
        }

        var resource = request.Subresource.Length == 0 ? request.Resource : $"{request.Resource}/{request.Subresource}";
        var where = request.Namespace.Length > 0 ? $"in the namespace \"{request.Namespace}\"" : "at the cluster scope";
        var text = $"User \"{user.Name}\" cannot {request.Verb} resource \"{resource}\" in API group \"{request.ApiGroup}\" {where}";
        return Forbidden(request.ApiGroup, request.Resource, request.Name, reason.Length == 0 ? text : $"{text}: {reason}");
    }

    /// <summary>403: pods "x" is forbidden: reason. Admission refuses with it.</summary>
    public static StatusException Forbidden(string group, string resource, string name, string reason)
    {
        var subject = name.Length == 0 ? Qualified(group, resource) : $"{Qualified(group, resource)} \"{name}\"";
        return Failure(403, "Forbidden", resource.Length == 0 ? $"forbidden: {reason}" : $"{subject} is forbidden: {reason}", Details(group, resource, name));
    }

    /// <summary>405 of a kind that does not have the verb.</summary>
    public static StatusException MethodNotSupported(string group, string resource, string verb) =>
        Failure(405, "MethodNotAllowed", $"{verb} is not supported on resources of kind \"{Qualified(group, resource)}\"", Details(group, resource, ""));

    /// <summary>405 of a path that does not have the method.</summary>
    public static StatusException MethodNotAllowed() =>
        Failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", new StatusDetails());

    /// <summary>406, listing what is accepted.</summary>
    public static StatusException NotAcceptable(IEnumerable<string> accepted) => NotAcceptable($"only the following media types are accepted: {string.Join(", ", accepted)}");

    /// <summary>406 of a form that what is asked for does not have.</summary>
    public static StatusException NotAcceptable(string message) => Failure(406, "NotAcceptable", message, null);

    /// <summary>415, listing what is accepted.</summary>
    public static StatusException UnsupportedMediaType(IEnumerable<string> accepted) =>
        Failure(415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: {string.Join(", ", accepted)}", null);

    /// <summary>413.</summary>
    public static StatusException RequestEntityTooLarge(string message) =>
        Failure(413, "RequestEntityTooLarge", $"Request entity too large: {message}", null);

    /// <summary>410 of a resourceVersion that is no longer held.</summary>
    public static StatusException Expired(string message) => Failure(410, "Expired", message, null);

    /// <summary>410 of a list whose continue token is too old; <paramref name="token"/> continues with the newest state.</summary>
    public static StatusException ContinueExpired(string message, string token)
    {
        var expired = Expired(message);
        return new(expired.Status with { Metadata = new ListMeta { Continue = token } });
    }

    /// <summary>504 of a resourceVersion that the server has not reached.</summary>
    public static StatusException TooLargeResourceVersion(long wanted, long current) =>
        Failure(504, "Timeout", $"Timeout: Too large resource version: {wanted}, current: {current}", new StatusDetails
        {
            RetryAfterSeconds = 1,
            Causes = [new StatusCause { Type = "ResourceVersionTooLarge", Message = "Too large resource version" }],
        });

    /// <summary>504.</summary>
    public static StatusException Timeout(string message, int retryAfterSeconds) =>
        Failure(504, "Timeout", $"Timeout: {message}", new StatusDetails { RetryAfterSeconds = retryAfterSeconds });

    /// <summary>429 of the fairness limits.</summary>
    public static StatusException TooManyRequests(string message, int retryAfterSeconds) =>
        Failure(429, "TooManyRequests", message, new StatusDetails { RetryAfterSeconds = retryAfterSeconds });

    /// <summary>429 of priority and fairness, or of the limits in flight: plain words and Retry-After.</summary>
    public static StatusException Overloaded(int retryAfterSeconds)
    {
        const string Text = "Too many requests, please try again later.";
        return new(TooManyRequests(Text, retryAfterSeconds).Status) { PlainText = Text };
    }

    /// <summary>500 with bare words: what upstream gives for an error that is no Status.</summary>
    public static StatusException Unknown(string message) => Failure(500, "", message, null);

    /// <summary>500: whether the user may could not be found out; plain words.</summary>
    public static StatusException Undecided(string uri, string problem)
    {
        var shown = uri.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
        var text = $"Internal Server Error: \"{shown}\": {problem}";
        return new(Failure(500, "InternalError", text, new StatusDetails()).Status) { PlainText = text };
    }

    /// <summary>500 with the reason that upstream gives for what it did not foresee.</summary>
    public static StatusException InternalError(string message) =>
        Failure(500, "InternalError", $"Internal error occurred: {message}", new StatusDetails { Causes = [new StatusCause { Message = message }] });

    /// <summary>503.</summary>
    public static StatusException ServiceUnavailable(string message) => Failure(503, "ServiceUnavailable", message, null);

    /// <summary>An answer of another server (kubelet), as upstream's generic server response tells it.</summary>
    public static StatusException Of(int code, string reason, string message) => Failure(code, reason, message, null);

    /// <summary>422 of a patch that does not fit the object; upstream keeps the cause to itself.</summary>
    public static StatusException Rejected() => Failure(422, "Invalid", "the server rejected our request due to an error in our request", new StatusDetails());

    /// <summary>"pods", "deployments.apps".</summary>
    public static string Qualified(string group, string name) => group.Length == 0 ? name : $"{name}.{group}";

    private static StatusDetails Details(string group, string kind, string name) => new() { Group = group, Kind = kind, Name = name };

    private static StatusException Failure(int code, string reason, string message, StatusDetails? details) =>
        new(new Status { Metadata = ListMeta.Empty, StatusValue = "Failure", Message = message, Reason = reason, Details = details, Code = code });
}

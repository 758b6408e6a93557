using System.Text.Json.Nodes;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission;

internal static class AdmissionRequestExtensions
{
    /// <summary>Whether the request is about objects of this resource themselves, or about this subresource.</summary>
    public static bool IsFor(this AdmissionRequest request, string group, string resource, string subresource = "") =>
        request.Resource.Plural == resource && request.Resource.Group == group && request.Info.Subresource == subresource;

    public static bool Is(this AdmissionRequest request, AdmissionOperation operation) => request.Operation == operation;

    /// <summary>The name as refusals show it: that of the request, else of the object, else its generateName (upstream's admission.NewForbidden).</summary>
    public static string ShownName(this AdmissionRequest request)
    {
        if (request.Name.Length > 0)
        {
            return request.Name;
        }

        var metadata = (request.Object as JsonObject).Child("metadata");
        return metadata.Text("name") is { Length: > 0 } name ? name : metadata.Text("generateName") is { Length: > 0 } prefix ? prefix : "Unknown";
    }

    /// <summary>403: pods "x" is forbidden: reason.</summary>
    public static StatusException Refusal(this AdmissionRequest request, string reason) =>
        StatusErrors.Forbidden(request.Resource.Group, request.Resource.Plural, request.ShownName(), reason);
}

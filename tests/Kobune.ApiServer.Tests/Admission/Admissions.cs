using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Requests;
using Kobune.ApiServer.Tests.Authorization;

namespace Kobune.ApiServer.Tests.Admission;

/// <summary>Admission requests in one line.</summary>
internal static class Admissions
{
    public static AdmissionRequest Of<T>(AdmissionOperation operation, ObjectTable objects, string json, string? old = null, UserInfo? user = null, string subresource = "")
        where T : class, IKubernetesObject<T>
    {
        var obj = (JsonObject)JsonNode.Parse(json)!;
        var (name, space) = ((string?)obj["metadata"]?["name"] ?? "", (string?)obj["metadata"]?["namespace"] ?? (T.Resource.Namespaced ? "default" : ""));
        return new()
        {
            Operation = operation,
            Resource = T.Resource,
            Info = new RequestInfo { IsResourceRequest = true, Path = "", Verb = operation.ToString().ToLowerInvariant(), ApiGroup = T.Resource.Group, Resource = T.Resource.Plural, Namespace = space, Name = name, Subresource = subresource },
            Name = name,
            Namespace = space,
            User = user ?? UserInfo.Of("alice"),
            DryRun = false,
            Object = operation == AdmissionOperation.Delete ? null : obj,
            OldObject = old is null ? null : new EncodedObject(Encoding.UTF8.GetBytes(old)),
            Objects = objects,
        };
    }
}

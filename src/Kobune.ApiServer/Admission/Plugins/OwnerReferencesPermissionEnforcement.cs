using System.Text.Json.Nodes;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>Who gives an object owners must be allowed to delete it; who makes it block an owner's deletion, to write that owner's finalizers. Source: plugin/pkg/admission/gc.</summary>
internal sealed class OwnerReferencesPermissionEnforcement(IAuthorizer authorizer) : IValidatingAdmission, IRegistryAdmission
{
    private ResourceRegistry? _registry;

    public string Name => "OwnerReferencesPermissionEnforcement";

    public void Attach(ResourceRegistry registry) => _registry = registry;

    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (request.Operation is not (AdmissionOperation.Create or AdmissionOperation.Update) || request.Object is null || request.IsFor("", "pods", "status"))
        {
            return;
        }

        var (owners, before) = (Owners(request.Object), request.OldObject is { } old ? Owners(old.ToTree()) : []);
        if (owners.Count == before.Count && owners.Zip(before).All(o => o.First.SameAs(o.Second)))
        {
            return;
        }

        var refusal = await RefusalAsync(request, new()
        {
            IsResourceRequest = true,
            Path = "",
            Verb = "delete",
            Namespace = request.Namespace,
            ApiGroup = request.Resource.Group,
            ApiVersion = request.Resource.Version,
            Resource = request.Resource.Plural,
            Subresource = request.Info.Subresource,
            Name = request.Name,
        }, ct);
        if (refusal is not null)
        {
            throw request.Refusal("cannot set an ownerRef on a resource you can't delete: " + refusal);
        }

        foreach (var owner in owners.Where(o => Blocks(o) && !before.Any(b => b.Text("uid") == o.Text("uid") && Blocks(b))))
        {
            await CheckOwnerAsync(request, owner, ct);
        }
    }

    private static IReadOnlyList<JsonObject> Owners(JsonObject obj) => [.. obj.Child("metadata").Items("ownerReferences")];

    private static bool Blocks(JsonObject owner) => owner.Flag("blockOwnerDeletion") == true;

    private async ValueTask CheckOwnerAsync(AdmissionRequest request, JsonObject owner, CancellationToken ct)
    {
        var (apiVersion, kind) = (owner.Text("apiVersion"), owner.Text("kind"));
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var (group, version) = slash < 0 ? ("", apiVersion) : (apiVersion[..slash], apiVersion[(slash + 1)..]);
        if (_registry?.FindKind(group, version, kind) is not { } resource)
        {
            throw request.Refusal($"cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion {apiVersion} Kind {kind}: no matches for kind \"{kind}\" in version \"{apiVersion}\"");
        }

        var refusal = await RefusalAsync(request, new()
        {
            IsResourceRequest = true,
            Path = "",
            Verb = "update",
            Namespace = resource.Descriptor.Namespaced ? request.Namespace : "",
            ApiGroup = group,
            ApiVersion = version,
            Resource = resource.Descriptor.Plural,
            Subresource = "finalizers",
            Name = owner.Text("name"),
        }, ct);
        if (refusal is not null)
        {
            throw request.Refusal("cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: " + refusal);
        }
    }

    /// <summary>Null when the user may; else reason and error as Go prints them.</summary>
    private async ValueTask<string?> RefusalAsync(AdmissionRequest request, RequestInfo asked, CancellationToken ct)
    {
        var answer = await authorizer.AuthorizeAsync(request.User, asked, ct);
        return answer.Decision == Decision.Allow ? null : $"{answer.Reason}, {(answer.Error.Length > 0 ? answer.Error : "<nil>")}";
    }
}

using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Meta.V1;
using Kobune.Client;

namespace Kobune.ControllerManager.StorageVersions;

/// <summary>Writes objects as they are: the server stores them in the version that is stored now.</summary>
internal sealed class ObjectRewriter(IClient client, TimeProvider time)
{
    private const int PageSize = 500;
    private readonly MetadataClient _metadata = new(client.Transport, time);

    /// <summary>The revision that the resource is at.</summary>
    public async Task<string> NewestRevisionAsync(ResourceDescriptor resource, CancellationToken ct) =>
        (await _metadata.ListAsync(resource, "", new ListOptions { Limit = 1 }, ct)).ResourceVersion;

    /// <summary>Rewrites what has not been written since a revision.</summary>
    /// <exception cref="ApiException">An object was refused.</exception>
    public async Task RewriteAsync(ResourceDescriptor resource, ulong until, CancellationToken ct)
    {
        var next = "";
        do
        {
            var page = await _metadata.ListAsync(resource, "", new ListOptions { Limit = PageSize, Continue = next }, ct);
            foreach (var item in page.Items.Where(i => Revision.Of(i) <= until))
            {
                await RewriteAsync(resource, item.Metadata, ct);
            }

            next = page.Continue;
        }
        while (next is { Length: > 0 });
    }

    private async Task RewriteAsync(ResourceDescriptor resource, ObjectMeta metadata, CancellationToken ct)
    {
        // With both, UID and revision, what was deleted, or deleted and made again, is a conflict, and is never made by this apply.
        var body = new JsonObject
        {
            ["apiVersion"] = resource.ApiVersion,
            ["kind"] = resource.Kind,
            ["metadata"] = new JsonObject { ["name"] = metadata.Name, ["uid"] = metadata.Uid, ["resourceVersion"] = metadata.ResourceVersion },
        };
        var path = $"{ResourcePath.Of(resource, metadata.Namespace, metadata.Name)}?fieldManager={StorageVersionMigratorController.Name}";
        var answer = await client.Transport.SendAsync(new("PATCH", path, Encoding.UTF8.GetBytes(body.ToJsonString()), "application/apply-patch+yaml"), ct);
        if (answer.StatusCode >= 400 && ApiException.Of(answer) is { IsConflict: false } refusal)
        {
            throw refusal; // a conflict: written meanwhile, in the new version, or gone
        }
    }
}

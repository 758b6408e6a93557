using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>pods/binding, bindings and pods/eviction. Source: k8s.io/kubernetes, registry/core/pod/storage.</summary>
internal sealed class PodActions(ServerContext server, ObjectUpdater updater, ObjectDeleter deleter)
{
    private static readonly DocumentResult Created = new(new EncodedObject(JsonText.Bytes(new Status { StatusValue = "Success", Code = 201 })), 201);

    /// <summary>The resource bindings, which is older than pods/binding: the Binding names its pod.</summary>
    public static bool ServesBindings(ServedResource resource) => resource.Schema is { Group: "", Plural: "bindings" };

    public async ValueTask<ApiResult> BindAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        var options = WriteOptions.Parse(call.Query, "CreateOptions");
        var type = server.Codec.Schema.FindKind("", "v1", "Binding")!;
        var binding = server.Codec.Decode(call, await call.ReadBodyAsync(ct), type, options.FieldValidation);
        var pods = ServesBindings(resource) ? server.Registry.Find("", "v1", "pods")! : resource;
        var name = pods == resource ? call.Info.Name : binding.Meta().TextAt("name");
        if (binding.Meta().TextAt("name") != name)
        {
            throw StatusErrors.BadRequest("name in URL does not match name in Binding object");
        }

        var write = new WriteRequest(call, pods, options) { Name = name, Subresource = "binding", SkipsWebhooks = true, KeepsGeneration = true };
        CheckTarget(binding["target"] as JsonObject);
        if (name.Length == 0)
        {
            throw StatusErrors.BadRequest("Name parameter required.");
        }

        await ReviewAsync(new(call, pods, options) { Name = name }, binding, ct);
        var target = binding["target"] as JsonObject;
        CheckTarget(target);
        await updater.UpdateAsync(write, live => Bound(live(), binding, target.TextAt("name"), name), ct);
        return Created;
    }

    public async ValueTask<ApiResult> EvictAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        var options = WriteOptions.Parse(call.Query, "CreateOptions");
        var type = server.Codec.Schema.FindKind("policy", "v1", "Eviction")!;
        var body = server.Codec.Decode(call, await call.ReadBodyAsync(ct), type, options.FieldValidation);
        var name = body.Meta().TextAt("name");
        if (name != call.Info.Name)
        {
            throw StatusErrors.BadRequest("name in URL does not match name in Eviction object");
        }

        await ReviewAsync(new(call, resource, options), body, ct);
        var delete = body["deleteOptions"] is JsonObject tree ? JsonText.Read<DeleteOptions>(Fields.FieldJson.Write(tree)) : DeleteOptions.Empty;
        var dryRun = options.DryRun || delete.DryRun.Count > 0;
        await new PodEviction(server, updater, deleter, call, resource, options with { DryRun = dryRun }, delete).RunAsync(ct);
        return Created;
    }

    /// <summary>Asks webhooks about the Binding or Eviction itself, which they may change. What it makes of the pod, other plugins judge.</summary>
    private async ValueTask ReviewAsync(WriteRequest write, JsonObject body, CancellationToken ct) =>
        await server.Admission.ReviewAsync(write.Admission(AdmissionOperation.Create, body, null, write.Name, new AllocationPlan(), server.Objects), ct);

    /// <summary>Upstream tells a target that cannot be without making a Status of it.</summary>
    private static void CheckTarget(JsonObject? target)
    {
        var errors = new FieldErrors();
        if (target.TextAt("kind") is var kind && kind is not ("" or "Node"))
        {
            errors.NotSupported("target.kind", kind, ["Node", "<empty>"]);
        }

        if (target.TextAt("name").Length == 0)
        {
            errors.Required("target.name", "");
        }

        if (errors.Items.Count > 0)
        {
            throw StatusErrors.Unknown(errors.Aggregate());
        }
    }

    private JsonObject Bound(JsonObject pod, JsonObject binding, string node, string name)
    {
        if (pod.Meta().TextAt("deletionTimestamp").Length > 0)
        {
            throw StatusErrors.Conflict("", "pods/binding", name, $"pod {name} is being deleted, cannot be assigned to a host");
        }

        var spec = (JsonObject)pod["spec"]!;
        if (spec.TextAt("nodeName") is { Length: > 0 } host)
        {
            throw StatusErrors.Conflict("", "pods/binding", name, $"pod {name} is already assigned to node \"{host}\"");
        }

        if (spec["schedulingGates"] is JsonArray { Count: > 0 })
        {
            throw StatusErrors.Conflict("", "pods/binding", name, $"pod {name} has non-empty .spec.schedulingGates");
        }

        if (binding.Meta().TextAt("uid") is { Length: > 0 } uid && uid != pod.Meta().TextAt("uid"))
        {
            throw StatusErrors.OtherUid("", "pods/binding", name, uid, pod.Meta().TextAt("uid"));
        }

        spec["nodeName"] = node;
        (pod["status"] as JsonObject)?.Remove("nominatedNodeName"); // served its purpose: feature ClearingNominatedNodeNameAfterBinding, on by default
        foreach (var field in (ReadOnlySpan<string>)["annotations", "labels"])
        {
            Merge(pod.Meta(), field, binding.Meta()[field] as JsonObject);
        }

        SetScheduled(pod);
        pod.Meta().Remove("resourceVersion");
        return pod;
    }

    private static void Merge(JsonObject metadata, string field, JsonObject? added)
    {
        foreach (var (key, value) in added ?? [])
        {
            if (metadata[field] is not JsonObject map)
            {
                metadata[field] = map = [];
            }

            map[key] = value?.DeepClone();
        }
    }

    private void SetScheduled(JsonObject pod)
    {
        if (pod["status"] is not JsonObject status)
        {
            pod["status"] = status = [];
        }

        if (status["conditions"] is not JsonArray conditions)
        {
            status["conditions"] = conditions = [];
        }

        var known = conditions.OfType<JsonObject>().FirstOrDefault(c => c.TextAt("type") == "PodScheduled");
        var wasTrue = known.TextAt("status") == "True";
        var time = wasTrue ? known.TextAt("lastTransitionTime") : ObjectTree.Rfc3339(server.Time.GetUtcNow());
        if (known is not null)
        {
            conditions.Remove(known);
        }

        conditions.Add((JsonNode)new JsonObject { ["type"] = "PodScheduled", ["status"] = "True", ["lastTransitionTime"] = time });
    }
}

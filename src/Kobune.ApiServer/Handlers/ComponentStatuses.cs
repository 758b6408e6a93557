using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>componentstatuses: deprecated, but discovered, listed and read by old tools. Tells of the store alone, which is all that the API server itself can vouch for.</summary>
internal sealed class ComponentStatuses(ServerContext server)
{
    private const string StoreName = "etcd-0";

    public static bool Serves(ServedResource resource) => resource.Schema is { Group: "", Plural: "componentstatuses" };

    public DocumentResult Serve(ApiCall call)
    {
        var store = new ComponentStatus { Metadata = new ObjectMeta { Name = StoreName }, Conditions = [Condition()] };
        if (call.Info.Verb == "list")
        {
            return new(new EncodedObject(JsonText.Bytes(new ComponentStatusList { Items = [store] })));
        }

        return call.Info.Name == StoreName ? new(new EncodedObject(JsonText.Bytes(store))) : throw StatusErrors.Unknown($"Component not found: {call.Info.Name}");
    }

    private ComponentCondition Condition() => server.Feed.IsRunning
        ? new() { Type = "Healthy", Status = "True", Message = "ok" }
        : new() { Type = "Healthy", Status = "False", Error = "the store's feed has ended" };
}

using System.Globalization;
using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>What a request to connect asks for, as the object that admission sees: PodExecOptions, PodAttachOptions, PodPortForwardOptions, PodProxyOptions and the like, from the query.</summary>
internal static class ConnectOptions
{
    /// <summary>Null for a subresource whose options are no kind.</summary>
    public static JsonObject? Of(ApiCall call, ServedResource resource)
    {
        if (resource.Schema.FindSubresource(call.Info.Subresource) is not { Type: { } type } subresource)
        {
            return null;
        }

        var options = new JsonObject { ["kind"] = subresource.Kind, ["apiVersion"] = type.ApiVersion };
        foreach (var field in type.Fields.Where(f => f.Name is not ("kind" or "apiVersion")))
        {
            if (Value(call, field.Name) is { } value)
            {
                options[field.Name] = value;
            }
        }

        return options;
    }

    private static JsonNode? Value(ApiCall call, string name) => name switch
    {
        "stdin" or "stdout" or "stderr" or "tty" => call.Query.Find(name) is null ? null : call.Query.Flag(name),
        "command" => call.Query.GetAll(name).Select(c => (JsonNode)c).ToArray() is { Length: > 0 } command ? new JsonArray(command) : null,
        "ports" => call.Query.GetAll(name).SelectMany(p => p.Split(',')).Select(p => (JsonNode)(int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : throw StatusErrors.BadRequest($"unable to parse \"{p}\" as a port: strconv.ParseUint: parsing \"{p}\": invalid syntax"))).ToArray() is { Length: > 0 } ports ? new JsonArray(ports) : null,
        "path" => Path(call.Info) is { Length: > 0 } path ? path : null,
        _ => call.Query.Find(name) is { Length: > 0 } text ? text : null,
    };

    private static string Path(RequestInfo info) => info.Parts.Count > 3 ? string.Join('/', info.Parts.Skip(3)) : "";
}

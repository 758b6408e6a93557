using System.Text.Json.Nodes;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;
using Kobune.Cel;
using Kobune.Cel.Authorization;
using Kobune.Cel.Schemas;
using Kobune.Cel.Values;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>What expressions look at: values of <see cref="AdmissionVariables"/>. The trees must not change while it is used.</summary>
internal sealed class ExpressionInput : ICelActivation
{
    /// <summary>What of a Namespace's metadata is shown.</summary>
    private static readonly string[] NamespaceMetadata =
    [
        "name", "generateName", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "finalizers",
    ];

    private readonly Dictionary<string, CelValue> _values;

    /// <param name="request">An AdmissionRequest without its objects.</param>
    /// <param name="object">Null on DELETE.</param>
    /// <param name="old">Null on CREATE and CONNECT.</param>
    /// <param name="authorizer">Who answers about rights.</param>
    public ExpressionInput(JsonObject request, JsonObject? @object, JsonObject? old, ICelAuthorizer authorizer) => _values = new()
    {
        [AdmissionVariables.Request] = CelJson.Wrap(request),
        [AdmissionVariables.Object] = CelJson.Wrap(@object),
        [AdmissionVariables.OldObject] = CelJson.Wrap(old),
        [AdmissionVariables.Params] = CelNull.Instance,
        [AdmissionVariables.Namespace] = CelNull.Instance,
        [AdmissionVariables.Authorizer] = CelAuthorizer.Value(authorizer),
        [AdmissionVariables.RequestResource] = CelAuthorizer.Resource(authorizer, Resource(request)),
    };

    private ExpressionInput(Dictionary<string, CelValue> values) => _values = values;

    /// <summary>The same with these parameters and this Namespace.</summary>
    public ExpressionInput With(JsonObject? parameters, JsonObject? ns) => new(new(_values)
    {
        [AdmissionVariables.Params] = CelJson.Wrap(parameters),
        [AdmissionVariables.Namespace] = ns is null ? CelNull.Instance : CelJson.Wrap(Shown(ns)),
    });

    public CelValue? Find(string name) => _values.GetValueOrDefault(name);

    private static CelAuthorizationRequest Resource(JsonObject request) => new()
    {
        Group = request.Child("requestResource").Text("group"),
        Resource = request.Child("requestResource").Text("resource"),
        Subresource = request.Text("requestSubResource"),
        Namespace = request.Text("namespace"),
        Name = request.Text("name"),
    };

    /// <summary>Without a schema: moments are strings at run time, whatever the type of the variable says, as upstream's.</summary>
    private static JsonObject Shown(JsonObject ns) => new()
    {
        ["metadata"] = new JsonObject(NamespaceMetadata.Where(ns.Meta().ContainsKey).Select(n => KeyValuePair.Create(n, ns.Meta()[n]?.DeepClone()))),
        ["spec"] = ns["spec"]?.DeepClone() ?? new JsonObject(),
        ["status"] = ns["status"]?.DeepClone() ?? new JsonObject(),
    };
}

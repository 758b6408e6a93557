using System.Text.Json.Nodes;
using Kobune.ApiServer.Kinds;
using Kobune.Cel;
using Kobune.Cel.Authorization;
using Kobune.Cel.Schemas;
using Kobune.Cel.Values;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>What expressions look at: values of <see cref="AdmissionVariables"/>. The trees must not change while it is used.</summary>
internal sealed class ExpressionInput : ICelActivation
{
    private static readonly CelSchema Text = new() { Type = "string" };
    private static readonly CelSchema Number = new() { Type = "integer" };
    private static readonly CelSchema Moment = new() { Type = "string", Format = "date-time" };
    private static readonly CelSchema Texts = new() { Type = "array", Items = Text };
    private static readonly CelSchema TextMap = new() { Type = "object", AdditionalProperties = Text };

    /// <summary>What of a Namespace is shown: moments are timestamps, and its UID, which upstream's type names otherwise, is not.</summary>
    private static readonly CelSchema NamespaceFields = Fields(
        ("metadata", Fields(
            ("name", Text),
            ("generateName", Text),
            ("namespace", Text),
            ("labels", TextMap),
            ("annotations", TextMap),
            ("creationTimestamp", Moment),
            ("deletionGracePeriodSeconds", Number),
            ("deletionTimestamp", Moment),
            ("generation", Number),
            ("resourceVersion", Text),
            ("finalizers", Texts))),
        ("spec", Fields(("finalizers", Texts))),
        ("status", Fields(
            ("phase", Text),
            ("conditions", new() { Type = "array", Items = Fields(("type", Text), ("status", Text), ("lastTransitionTime", Moment), ("message", Text), ("reason", Text)) }))));

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
        [AdmissionVariables.Namespace] = ns is null ? CelNull.Instance : CelJson.Wrap(ns, NamespaceFields),
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

    private static CelSchema Fields(params (string Name, CelSchema Schema)[] fields) => new() { Type = "object", Properties = fields.ToDictionary(f => f.Name, f => f.Schema) };
}

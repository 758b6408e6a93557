using System.Text.Json.Nodes;
using Kobune.ApiServer.Admission.Policies;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization.Reviews;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Requests;
using Kobune.Cel;
using Kobune.Cel.Schemas;
using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.ApiServer.Authorization.Configuration;

/// <summary>Whether a webhook is asked about a request: expressions about its SubjectAccessReview, all of which must hold. Source: k8s.io/apiserver, authorization/cel.</summary>
internal sealed class RequestConditions
{
    private const string Variable = "request";
    private static readonly string[] Always = ["namespace", "verb", "group", "version", "resource", "subresource", "name"];
    private static readonly CelType Text = CelType.String;
    private static readonly StructTypes Types = new(new Dictionary<string, IReadOnlyDictionary<string, CelType>>
    {
        ["kubernetes.SelectorRequirement"] = new Dictionary<string, CelType> { ["key"] = Text, ["operator"] = Text, ["values"] = CelType.List(Text) },
        ["kubernetes.FieldSelectorAttributes"] = Selector(),
        ["kubernetes.LabelSelectorAttributes"] = Selector(),
        ["kubernetes.ResourceAttributes"] = new Dictionary<string, CelType>(Always.Select(name => KeyValuePair.Create(name, Text)))
        {
            ["fieldSelector"] = CelType.Struct("kubernetes.FieldSelectorAttributes"),
            ["labelSelector"] = CelType.Struct("kubernetes.LabelSelectorAttributes"),
        },
        ["kubernetes.NonResourceAttributes"] = new Dictionary<string, CelType> { ["path"] = Text, ["verb"] = Text },
        ["kubernetes.SubjectAccessReviewSpec"] = new Dictionary<string, CelType>
        {
            ["resourceAttributes"] = CelType.Struct("kubernetes.ResourceAttributes"),
            ["nonResourceAttributes"] = CelType.Struct("kubernetes.NonResourceAttributes"),
            ["user"] = Text,
            ["groups"] = CelType.List(Text),
            ["extra"] = CelType.Map(Text, CelType.List(Text)),
            ["uid"] = Text,
        },
    });

    private readonly IReadOnlyList<PolicyExpression> _expressions;

    private RequestConditions(IReadOnlyList<PolicyExpression> expressions)
    {
        _expressions = expressions;
    }

    /// <summary>Compiles one expression, as release 1.<paramref name="minor"/> has CEL.</summary>
    public static PolicyExpression Compile(string text, int minor) =>
        PolicyExpression.Compile(CelKubernetes.Environment(minor).WithTypes(Types).WithVariable(Variable, CelType.Struct("kubernetes.SubjectAccessReviewSpec")), text, CelType.Bool);

    /// <summary>Conditions that were compiled without a problem; null when there are none.</summary>
    public static RequestConditions? Of(IReadOnlyList<PolicyExpression> expressions) => expressions.Count == 0 ? null : new(expressions);

    /// <summary>Whether all hold. One that is false wins over one that fails.</summary>
    public (bool IsMatch, string Error) Evaluate(UserInfo user, RequestInfo request, CancellationToken ct)
    {
        var input = new Input(CelJson.Wrap(SpecOf(user, request)));
        var errors = new List<string>();
        foreach (var expression in _expressions)
        {
            var result = expression.Program!.Evaluate(input, ct);
            ct.ThrowIfCancellationRequested();
            if (result.Outcome != CelOutcome.Value)
            {
                errors.Add($"cel evaluation error: expression '{expression.Text}' resulted in error: {result.Error}");
            }
            else if (result.Value is CelBool { Value: false })
            {
                return (false, "");
            }
        }

        return errors switch
        {
            [] => (true, ""),
            [var only] => (false, only),
            _ => (false, $"[{string.Join(", ", errors)}]"),
        };
    }

    /// <summary>The spec with all that expressions may read without asking whether it is there.</summary>
    private static JsonObject SpecOf(UserInfo user, RequestInfo request)
    {
        var spec = AccessReviewSpec.Write(user, request, "groups", withSelectors: true);
        if (spec["resourceAttributes"] is JsonObject resource)
        {
            foreach (var name in Always)
            {
                resource[name] ??= "";
            }
        }

        if (spec["nonResourceAttributes"] is JsonObject path)
        {
            path["path"] ??= "";
            path["verb"] ??= "";
        }

        spec["user"] ??= "";
        spec["uid"] ??= "";
        spec["groups"] ??= new JsonArray();
        return spec;
    }

    private static Dictionary<string, CelType> Selector() => new() { ["rawSelector"] = Text, ["requirements"] = CelType.List(CelType.Struct("kubernetes.SelectorRequirement")) };

    private sealed class Input(CelValue request) : ICelActivation
    {
        public CelValue? Find(string name) => name == Variable ? request : null;
    }
}

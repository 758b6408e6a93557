using System.Text.Json.Nodes;
using Kobune.ApiServer.Admission.Webhooks;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>A request as a policy sees it.</summary>
/// <param name="Input">For variables, validations, messages and mutations.</param>
/// <param name="Conditions">For match conditions: they are never shown the Namespace, and the resource is that of the request.</param>
/// <param name="Objects">The objects that both show.</param>
internal sealed record ShownRequest(ExpressionInput Input, ExpressionInput Conditions, ShownObjects Objects)
{
    /// <summary>The same with these parameters and this Namespace.</summary>
    public ShownRequest With(JsonObject? parameters, JsonObject? ns) => this with { Input = Input.With(parameters, ns), Conditions = Conditions.With(parameters, null) };
}

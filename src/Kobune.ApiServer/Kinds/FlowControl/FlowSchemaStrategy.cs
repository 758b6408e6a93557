using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.FlowControl.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Fairness;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.FlowControl;

/// <summary>Flow schemas. Source: k8s.io/kubernetes, pkg/apis/flowcontrol (v1 defaults, validation) and pkg/registry/flowcontrol.</summary>
internal sealed class FlowSchemaStrategy : KindStrategy
{
    private const int MostPrecedence = 10_000;

    public override (string Group, string Resource) Resource => ("flowcontrol.apiserver.k8s.io", "flowschemas");

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Need("spec");
        if (spec.Number("matchingPrecedence") is null or 0)
        {
            spec["matchingPrecedence"] = 1000;
        }
    }

    public override void PrepareForCreate(StrategyContext context, JsonObject obj) => obj["status"] = new JsonObject();

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var item = obj.Read<FlowSchema>();
        Spec(item, errors);
        if (BootstrapFlows.MandatorySchemas.FirstOrDefault(m => m.Metadata.Name == item.Metadata.Name) is { } mandatory && mandatory.Spec != item.Spec)
        {
            errors.Invalid("spec", item.Spec, $"spec of '{item.Metadata.Name}' must equal the fixed value");
        }

        Conditions(item, errors);
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        if (subresource.Length == 0)
        {
            Validate(obj, errors);
        }
        else
        {
            Conditions(obj.Read<FlowSchema>(), errors);
        }
    }

    private static void Conditions(FlowSchema item, FieldErrors errors) => FlowRuleValidation.Conditions([.. item.Status.Conditions.Select(c => c.Type)], errors);

    private static void Spec(FlowSchema item, FieldErrors errors)
    {
        var spec = item.Spec;
        if (spec.MatchingPrecedence <= 0)
        {
            errors.Invalid("spec.matchingPrecedence", spec.MatchingPrecedence, "must be a positive value");
        }

        if (spec.MatchingPrecedence > MostPrecedence)
        {
            errors.Invalid("spec.matchingPrecedence", spec.MatchingPrecedence, $"must not be greater than {MostPrecedence}");
        }

        if (spec.MatchingPrecedence == 1 && item.Metadata.Name != BootstrapFlows.Exempt)
        {
            errors.Invalid("spec.matchingPrecedence", spec.MatchingPrecedence, "only the schema named 'exempt' may have matchingPrecedence 1");
        }

        if (spec.DistinguisherMethod is { } method && method.Type is not ("ByNamespace" or "ByUser"))
        {
            errors.NotSupported("spec.distinguisherMethod.type", method, ["ByNamespace", "ByUser"]);
        }

        if (spec.PriorityLevelConfiguration.Name.Length == 0)
        {
            errors.Required("spec.priorityLevelConfiguration.name", "must reference a priority level");
        }
        else
        {
            errors.Names("spec.priorityLevelConfiguration.name", spec.PriorityLevelConfiguration.Name, NameValidation.Dns1123Subdomain(spec.PriorityLevelConfiguration.Name));
        }

        for (var i = 0; i < spec.Rules.Count; i++)
        {
            FlowRuleValidation.Check(spec.Rules[i], $"spec.rules[{i}]", errors);
        }
    }
}

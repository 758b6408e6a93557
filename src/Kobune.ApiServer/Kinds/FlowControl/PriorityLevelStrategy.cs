using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.FlowControl.V1;
using Kobune.ApiServer.Fairness;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.FlowControl;

/// <summary>Priority levels. Source: k8s.io/kubernetes, pkg/apis/flowcontrol (v1 defaults, validation) and pkg/registry/flowcontrol.</summary>
internal sealed class PriorityLevelStrategy : KindStrategy
{
    private const int MostQueues = 10_000_000;

    public override (string Group, string Resource) Resource => ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations");

    public override void ApplyDefaults(JsonObject obj)
    {
        if (((JsonObject?)obj).Child("spec") is not { } spec)
        {
            return;
        }

        if (spec.Text("type") == "Exempt")
        {
            var exempt = spec.Need("exempt");
            exempt.Default("nominalConcurrencyShares", 0);
            exempt.Default("lendablePercent", 0);
        }

        if (spec.Child("limited") is { } limited)
        {
            limited.Default("nominalConcurrencyShares", 30);
            limited.Default("lendablePercent", 0);
            if (limited.Child("limitResponse").Child("queuing") is { } queuing)
            {
                DefaultZero(queuing, "queues", 64);
                DefaultZero(queuing, "handSize", 8);
                DefaultZero(queuing, "queueLengthLimit", 50);
            }
        }
    }

    public override void PrepareForCreate(StrategyContext context, JsonObject obj) => obj["status"] = new JsonObject();

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var item = obj.Read<PriorityLevelConfiguration>();
        Spec(item, errors);
        if (BootstrapFlows.MandatoryLevels.FirstOrDefault(m => m.Metadata.Name == item.Metadata.Name) is { } mandatory)
        {
            var isExempt = item.Metadata.Name == BootstrapFlows.Exempt;
            if ((isExempt ? item.Spec with { Exempt = mandatory.Spec.Exempt } : item.Spec) != mandatory.Spec)
            {
                errors.Invalid("spec", item.Spec, $"spec of '{item.Metadata.Name}' {(isExempt ? "except the 'spec.exempt' field " : "")}must equal the fixed value");
            }
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
            Conditions(obj.Read<PriorityLevelConfiguration>(), errors);
        }
    }

    private static void Conditions(PriorityLevelConfiguration item, FieldErrors errors) => FlowRuleValidation.Conditions([.. item.Status.Conditions.Select(c => c.Type)], errors);

    private static void DefaultZero(JsonObject node, string key, int value)
    {
        if (node.Number(key) is null or 0)
        {
            node[key] = value;
        }
    }

    private static void Spec(PriorityLevelConfiguration item, FieldErrors errors)
    {
        var spec = item.Spec;
        if ((item.Metadata.Name == BootstrapFlows.Exempt) != (spec.Type == "Exempt"))
        {
            errors.Invalid("spec.type", spec.Type, "type must be 'Exempt' if and only if name is 'exempt'");
        }

        switch (spec.Type)
        {
            case "Exempt":
                if (spec.Limited is not null)
                {
                    errors.Forbidden("spec.limited", "must be nil if the type is not Limited");
                }

                if (spec.Exempt is not null)
                {
                    NotNegative(errors, "spec.exempt.nominalConcurrencyShares", spec.Exempt.NominalConcurrencyShares);
                    Percent(errors, "spec.exempt.lendablePercent", spec.Exempt.LendablePercent);
                }

                break;
            case "Limited":
                if (spec.Exempt is not null)
                {
                    errors.Forbidden("spec.exempt", "must be nil if the type is Limited");
                }

                if (spec.Limited is null)
                {
                    errors.Required("spec.limited", "must not be empty when type is Limited");
                }
                else
                {
                    Limited(spec.Limited, errors);
                }

                break;
            default:
                errors.NotSupported("spec.type", spec.Type, ["Exempt", "Limited"]);
                break;
        }
    }

    private static void Limited(LimitedPriorityLevelConfiguration limited, FieldErrors errors)
    {
        const string Response = "spec.limited.limitResponse";
        NotNegative(errors, "spec.limited.nominalConcurrencyShares", limited.NominalConcurrencyShares);
        switch (limited.LimitResponse.Type)
        {
            case "Reject":
                if (limited.LimitResponse.Queuing is not null)
                {
                    errors.Forbidden($"{Response}.queuing", "must be nil if limited.limitResponse.type is not Limited");
                }

                break;
            case "Queue":
                if (limited.LimitResponse.Queuing is { } queuing)
                {
                    Queuing(queuing, $"{Response}.queuing", errors);
                }
                else
                {
                    errors.Required($"{Response}.queuing", "must not be empty if limited.limitResponse.type is Limited");
                }

                break;
            default:
                errors.NotSupported($"{Response}.type", limited.LimitResponse.Type, ["Queue", "Reject"]);
                break;
        }

        Percent(errors, "spec.limited.lendablePercent", limited.LendablePercent);
        if (limited.BorrowingLimitPercent < 0)
        {
            errors.Invalid("spec.limited.borrowingLimitPercent", limited.BorrowingLimitPercent, "if specified, must be a non-negative integer");
        }
    }

    private static void Queuing(QueuingConfiguration queuing, string path, FieldErrors errors)
    {
        const string Positive = "must be positive";
        if (queuing.QueueLengthLimit <= 0)
        {
            errors.Invalid($"{path}.queueLengthLimit", queuing.QueueLengthLimit, Positive);
        }

        if (queuing.Queues <= 0)
        {
            errors.Invalid($"{path}.queues", queuing.Queues, Positive);
        }
        else if (queuing.Queues > MostQueues)
        {
            errors.Invalid($"{path}.queues", queuing.Queues, $"must not be greater than {MostQueues}");
        }

        if (queuing.HandSize <= 0)
        {
            errors.Invalid($"{path}.handSize", queuing.HandSize, Positive);
        }
        else if (queuing.HandSize > queuing.Queues)
        {
            errors.Invalid($"{path}.handSize", queuing.HandSize, $"should not be greater than queues ({queuing.Queues})");
        }
        else if (ShuffleSharding.RequiredEntropyBits(queuing.Queues, queuing.HandSize) > ShuffleSharding.MaxHashBits)
        {
            errors.Invalid($"{path}.handSize", queuing.HandSize, $"required entropy bits of deckSize {queuing.Queues} and handSize {queuing.HandSize} should not be greater than {ShuffleSharding.MaxHashBits}");
        }
    }

    private static void NotNegative(FieldErrors errors, string path, int? value)
    {
        if (value < 0)
        {
            errors.Invalid(path, value, "must be a non-negative integer");
        }
    }

    private static void Percent(FieldErrors errors, string path, int? value)
    {
        if (value is < 0 or > 100)
        {
            errors.Invalid(path, value, "must be between 0 and 100, inclusive");
        }
    }
}

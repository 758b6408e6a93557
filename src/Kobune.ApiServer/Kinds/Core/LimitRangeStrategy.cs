using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Core;

/// <summary>Limit ranges.</summary>
internal sealed class LimitRangeStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("", "limitranges");

    public override void ApplyDefaults(JsonObject obj)
    {
        foreach (var item in obj.Child("spec").Items("limits").Where(i => i.Text("type") == LimitType.Container))
        {
            Fill(item, "default", "max");
            Fill(item, "defaultRequest", "default");
            Fill(item, "defaultRequest", "min");
        }
    }

    public override void PrepareForCreate(StrategyContext context, JsonObject obj)
    {
        if (obj.Need("metadata").Text("name").Length == 0)
        {
            obj.Need("metadata")["name"] = Guid.NewGuid().ToString();
        }
    }

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var limits = obj.Read<LimitRange>().Spec.Limits;
        var types = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < limits.Count; i++)
        {
            var (item, path) = (limits[i], $"spec.limits[{i}]");
            LimitRangeNames.Validate(item, path, errors);
            if (!types.Add(item.Type))
            {
                errors.Duplicate(path + ".type", item.Type);
            }

            if (item.Type == LimitType.Pod)
            {
                Forbid(item.Default, path + ".default", errors);
                Forbid(item.DefaultRequest, path + ".defaultRequest", errors);
                item = item with { Default = new Dictionary<string, Quantity>(), DefaultRequest = new Dictionary<string, Quantity>() };
            }

            foreach (var name in item.Max.Keys.Union(item.Min.Keys).Union(item.Default.Keys).Union(item.DefaultRequest.Keys).Union(item.MaxLimitRequestRatio.Keys).Order(StringComparer.Ordinal))
            {
                Order(item, name, path, errors);
            }
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors) => Validate(obj, errors);

    private static void Fill(JsonObject item, string target, string source)
    {
        if (item.Child(source) is not { Count: > 0 } values)
        {
            return;
        }

        foreach (var (name, value) in values.Where(v => v.Value is not null))
        {
            if (!item.Need(target).Has(name))
            {
                item.Need(target)[name] = value!.DeepClone();
            }
        }
    }

    private static void Forbid(IReadOnlyDictionary<string, Quantity> values, string path, FieldErrors errors)
    {
        if (values.Count > 0)
        {
            errors.Forbidden(path, "may not be specified when `type` is 'Pod'");
        }
    }

    private static void Order(LimitRangeItem item, string name, string path, FieldErrors errors)
    {
        Quantity? min = item.Min.TryGetValue(name, out var a) ? a : null;
        Quantity? max = item.Max.TryGetValue(name, out var b) ? b : null;
        Quantity? limit = item.Default.TryGetValue(name, out var c) ? c : null;
        Quantity? request = item.DefaultRequest.TryGetValue(name, out var d) ? d : null;
        Check(min, max, "min", "min value {0} is greater than max value {1}");
        Check(min, request, "defaultRequest", "min value {0} is greater than default request value {1}");
        Check(request, max, "defaultRequest", "default request value {0} is greater than max value {1}");
        Check(request, limit, "defaultRequest", "default request value {0} is greater than default limit value {1}");
        Check(min, limit, "default", "min value {0} is greater than default value {1}");
        Check(limit, max, "default", "default value {0} is greater than max value {1}");
        LimitRangeNames.Ratio(item, name, path, errors);
        if (!ResourceNames.MayOvercommit(name) && limit is not null && request is not null && limit != request)
        {
            errors.Invalid($"{path}.defaultRequest[{name}]", request, $"default value {limit} must equal to defaultRequest value {request} in {name}");
        }

        void Check(Quantity? low, Quantity? high, string field, string text)
        {
            if (low is { } small && high is { } great && small > great)
            {
                errors.Invalid($"{path}.{field}[{name}]", field == "min" ? small : field == "default" ? limit : request, text.Replace("{0}", small.ToString(), StringComparison.Ordinal).Replace("{1}", great.ToString(), StringComparison.Ordinal));
            }
        }
    }
}

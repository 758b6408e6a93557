using Kobune.Api.Autoscaling.V2;
using Kobune.Api.Validation;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Policy;

/// <summary>A metric that an autoscaler follows: exactly one source, and the one that its type names.</summary>
internal static class MetricRules
{
    private const string UtilizationOrValue = "must set either a target raw value or a target utilization";
    private static readonly string[] Types = ["ContainerResource", "External", "Object", "Pods", "Resource"];

    public static void Validate(MetricSpec metric, bool checksVersion, string path, FieldErrors errors)
    {
        if (metric.Type.Length == 0)
        {
            errors.Required(path + ".type", "must specify a metric source type");
        }

        if (!Types.Contains(metric.Type))
        {
            errors.NotSupported(path + ".type", metric.Type, Types);
        }

        var sources = Sources(metric, checksVersion, path, errors);
        var wanted = Types.Contains(metric.Type) ? char.ToLowerInvariant(metric.Type[0]) + metric.Type[1..] : "";
        if (wanted.Length == 0)
        {
            errors.NotSupported(path + ".type", metric.Type, Types); // upstream says it twice
        }
        else if (!sources.Contains(wanted))
        {
            errors.Required($"{path}.{wanted}", "must populate information for the given metric source");
        }

        foreach (var source in sources.Where(s => sources.Count != 1 && s != wanted))
        {
            errors.Forbidden($"{path}.{source}", "must populate the given metric source only");
        }
    }

    /// <summary>Looks at the first of the sources and names all.</summary>
    private static List<string> Sources(MetricSpec metric, bool checksVersion, string path, FieldErrors errors)
    {
        (string Name, bool IsSet, Action<string> Check)[] all =
        [
            ("object", metric.Object is not null, at => Object(metric.Object!, checksVersion, at, errors)),
            ("external", metric.External is not null, at => External(metric.External!, at, errors)),
            ("pods", metric.Pods is not null, at => Pods(metric.Pods!, at, errors)),
            ("resource", metric.Resource is not null, at => Resource(metric.Resource!.Name, metric.Resource.Target, at, errors)),
            ("containerResource", metric.ContainerResource is not null, at => ContainerResource(metric.ContainerResource!, at, errors)),
        ];
        var found = all.Where(s => s.IsSet).ToArray();
        if (found.Length > 0)
        {
            found[0].Check($"{path}.{found[0].Name}");
        }

        return [.. found.Select(s => s.Name)];
    }

    private static void Object(ObjectMetricSource source, bool checksVersion, string path, FieldErrors errors)
    {
        AutoscalerRules.Reference(source.DescribedObject, checksVersion, mayLackGroup: true, path + ".describedObject", errors);
        Name(source.Metric, path + ".metric", errors);
        Target(source.Target, path + ".target", errors);
        if (source.Target is { Value: null, AverageValue: null })
        {
            errors.Required(path + ".target.averageValue", "must set either a target value or averageValue");
        }
    }

    private static void External(ExternalMetricSource source, string path, FieldErrors errors)
    {
        Name(source.Metric, path + ".metric", errors);
        Target(source.Target, path + ".target", errors);
        if (source.Target is { Value: null, AverageValue: null })
        {
            errors.Required(path + ".target.averageValue", "must set either a target value for metric or a per-pod target");
        }

        if (source.Target is { Value: not null, AverageValue: not null })
        {
            errors.Forbidden(path + ".target.value", "may not set both a target value for metric and a per-pod target");
        }
    }

    private static void Pods(PodsMetricSource source, string path, FieldErrors errors)
    {
        Name(source.Metric, path + ".metric", errors);
        Target(source.Target, path + ".target", errors);
        if (source.Target.AverageValue is null)
        {
            errors.Required(path + ".target.averageValue", "must specify a positive target averageValue");
        }
    }

    private static void ContainerResource(ContainerResourceMetricSource source, string path, FieldErrors errors)
    {
        if (source.Name.Length > 0)
        {
            ResourceNames.OfContainer(source.Name, path + ".name", errors);
        }
        else
        {
            errors.Required(path + ".name", "must specify a resource name");
        }

        if (source.Container.Length > 0)
        {
            errors.Names(path + ".container", source.Container, NameValidation.Dns1123Label(source.Container));
        }
        else
        {
            errors.Required(path + ".container", "must specify a container");
        }

        Utilization(source.Target, path + ".target", errors);
    }

    private static void Resource(string name, MetricTarget target, string path, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(path + ".name", "must specify a resource name");
        }

        Utilization(target, path + ".target", errors);
    }

    private static void Utilization(MetricTarget target, string path, FieldErrors errors)
    {
        Target(target, path, errors);
        if (target is { AverageUtilization: null, AverageValue: null })
        {
            errors.Required(path + ".averageUtilization", UtilizationOrValue);
        }

        if (target is { AverageUtilization: not null, AverageValue: not null })
        {
            errors.Forbidden(path + ".averageValue", "may not set both a target raw value and a target utilization");
        }
    }

    private static void Target(MetricTarget target, string path, FieldErrors errors)
    {
        if (target.Type.Length == 0)
        {
            errors.Required(path + ".type", "must specify a metric target type");
        }

        if (target.Type is not ("Utilization" or "Value" or "AverageValue"))
        {
            errors.Invalid(path + ".type", target.Type, "must be either Utilization, Value, or AverageValue");
        }

        if (target.Value is { Sign: < 1 } value)
        {
            errors.Invalid(path + ".value", value, "must be positive");
        }

        if (target.AverageValue is { Sign: < 1 } average)
        {
            errors.Invalid(path + ".averageValue", average, "must be positive");
        }

        if (target.AverageUtilization < 1)
        {
            errors.Invalid(path + ".averageUtilization", target.AverageUtilization, "must be greater than 0");
        }
    }

    private static void Name(MetricIdentifier metric, string path, FieldErrors errors)
    {
        if (metric.Name.Length == 0)
        {
            errors.Required(path + ".name", "must specify a metric name");
        }
        else
        {
            errors.Names(path + ".name", metric.Name, NameValidation.PathSegmentName(metric.Name));
        }
    }
}

using Kobune.Api.ApiRegistration.V1;
using Kobune.Api.Metrics;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Aggregation;

namespace Kobune.ApiServer.Metrics;

/// <summary>Metrics of APIServices (k8s.io/kube-aggregator, controllers/status/metrics).</summary>
internal sealed class AggregationMetrics(IObjectReader objects)
{
    private readonly NumberFamily _unavailable = new("aggregator_unavailable_apiservice_total", "counter", "[ALPHA] Counter of APIServices which are marked as unavailable broken down by APIService name and reason.", "name", "reason");

    public IEnumerable<MetricFamily> Families =>
        [_unavailable, new ReadFamily("aggregator_unavailable_apiservice", "gauge", "[ALPHA] Gauge of APIServices which are marked as unavailable broken down by APIService name.", Current, "name")];

    /// <summary>The condition Available of an APIService is another one now.</summary>
    public void Changed(string name, APIServiceCondition condition)
    {
        if (condition.Status != "True")
        {
            _unavailable.Add(new(name, condition.Reason));
        }
    }

    private IEnumerable<(LabelValues Labels, double Value)> Current() =>
        objects.List<APIService>("").Select(a => (new LabelValues(a.Metadata.Name), a.Status.Conditions.Any(c => c is { Type: ApiServiceConditions.Available, Status: "True" }) ? 0.0 : 1.0));
}

using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.ApiRegistration.V1;
using Kobune.Api.Json;
using Kobune.Api.Validation;
using Kobune.ApiServer.Aggregation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.ApiRegistration;

/// <summary>APIServices (k8s.io/kube-aggregator, apis/apiregistration/validation).</summary>
internal sealed class APIServiceStrategy : KindStrategy
{
    private const int DefaultPort = 443;
    private const int HighestGroupPriority = 20000;
    private const int HighestVersionPriority = 1000;

    public override (string Group, string Resource) Resource => ("apiregistration.k8s.io", "apiservices");

    public override void ApplyDefaults(JsonObject obj)
    {
        if (obj.Child("spec", "service") is { } service && !service.Has("port"))
        {
            service["port"] = DefaultPort;
        }
    }

    /// <summary>What this server answers itself is available at once.</summary>
    public override void PrepareForCreate(StrategyContext context, JsonObject obj)
    {
        obj["status"] = new JsonObject();
        if (obj.Child("spec", "service") is null)
        {
            var status = ApiServiceConditions.Apply(new(), ApiServiceConditions.Local, context.Time.GetUtcNow());
            obj["status"] = JsonNode.Parse(JsonText.Bytes(status));
        }
    }

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var item = obj.Read<APIService>();
        var spec = item.Spec;
        var name = $"{spec.Version}.{spec.Group}";
        if (item.Metadata.Name.Length > 0 && item.Metadata.Name != name && NameValidation.PathSegmentName(item.Metadata.Name).Count == 0)
        {
            errors.Invalid("metadata.name", item.Metadata.Name, $"must be `spec.version+\".\"+spec.group`: \"{name}\"");
        }

        if (spec.Group.Length > 0)
        {
            errors.Names("spec.group", spec.Group, NameValidation.Dns1123Subdomain(spec.Group));
        }
        else if (spec.Version != "v1")
        {
            errors.Required("spec.group", "only v1 may have an empty group and it better be legacy kube");
        }

        errors.Names("spec.version", spec.Version, NameValidation.Dns1035Label(spec.Version));
        if (spec.GroupPriorityMinimum is <= 0 or > HighestGroupPriority)
        {
            errors.Invalid("spec.groupPriorityMinimum", spec.GroupPriorityMinimum, $"must be positive and less than {HighestGroupPriority}");
        }

        if (spec.VersionPriority is <= 0 or > HighestVersionPriority)
        {
            errors.Invalid("spec.versionPriority", spec.VersionPriority, $"must be positive and less than {HighestVersionPriority}");
        }

        Service(spec, errors);
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        if (subresource.Length == 0)
        {
            Validate(obj, errors);
            return;
        }

        var conditions = obj.Read<APIService>().Status.Conditions;
        for (var i = 0; i < conditions.Count; i++)
        {
            errors.OneOfAny($"status.conditions[{i}].status", conditions[i].Status, "True", "False", "Unknown");
        }
    }

    private static void Service(APIServiceSpec spec, FieldErrors errors)
    {
        if (spec.Service is not { } service)
        {
            if (spec.CABundle.Length > 0)
            {
                errors.Invalid("spec.caBundle", $"{spec.CABundle.Length} bytes", "local APIServices may not have a caBundle");
            }

            if (spec.InsecureSkipTLSVerify)
            {
                errors.Invalid("spec.insecureSkipTLSVerify", true, "local APIServices may not have insecureSkipTLSVerify");
            }

            return;
        }

        errors.RequiredName("spec.service.namespace", service.Namespace);
        errors.RequiredName("spec.service.name", service.Name);
        if (NameValidation.PortNumber(service.Port ?? DefaultPort) is { Count: > 0 } problems)
        {
            errors.Invalid("spec.service.port", service.Port, "port is not valid: " + string.Join(", ", problems));
        }

        if (spec.InsecureSkipTLSVerify && spec.CABundle.Length > 0)
        {
            errors.Invalid("spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present");
        }
    }
}

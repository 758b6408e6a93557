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
        if (item.Metadata.Name != name)
        {
            errors.Invalid("metadata.name", item.Metadata.Name, $"must be `{name}`");
        }

        if (spec.Group.Length > 0)
        {
            errors.Names("spec.group", spec.Group, NameValidation.Dns1123Subdomain(spec.Group));
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
        foreach (var problem in NameValidation.PortNumber(service.Port ?? DefaultPort))
        {
            errors.Invalid("spec.service.port", service.Port, "port is not valid: " + problem);
        }

        if (spec.InsecureSkipTLSVerify && spec.CABundle.Length > 0)
        {
            errors.Invalid("spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present");
        }
    }
}

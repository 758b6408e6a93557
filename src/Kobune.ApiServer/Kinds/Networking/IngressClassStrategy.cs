using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Networking.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Networking;

/// <summary>Ingress classes.</summary>
internal sealed class IngressClassStrategy : KindStrategy
{
    private const int MaxController = 250;
    private const string Parameters = "spec.parameters";

    public override (string Group, string Resource) Resource => ("networking.k8s.io", "ingressclasses");

    public override void ApplyDefaults(JsonObject obj) => obj.Child("spec", "parameters")?.Default("scope", "Cluster"); // an empty one is said, and refused

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var spec = obj.Read<IngressClass>().Spec;
        if (spec.Controller.Length > MaxController)
        {
            errors.TooLong("spec.controller", MaxController);
        }

        errors.DomainPath("spec.controller", spec.Controller);
        if (spec.Parameters is { } parameters)
        {
            IngressBackendRules.Reference(parameters.APIGroup, parameters.Kind, parameters.Name, Parameters, errors);
            Scope(parameters, errors);
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        errors.Same("spec.controller", obj.Read<IngressClass>().Spec.Controller, old.Read<IngressClass>().Spec.Controller);
        Validate(obj, errors);
    }

    private static void Scope(IngressClassParametersReference parameters, FieldErrors errors)
    {
        switch (parameters)
        {
            case { Scope: null }:
                errors.Required(Parameters + ".scope", "");
                break;
            case { Scope: "Namespace", Namespace: null }:
                errors.Required(Parameters + ".namespace", "`parameters.scope` is set to 'Namespace'");
                break;
            case { Scope: "Namespace", Namespace: { } name }:
                errors.Names(Parameters + ".namespace", name, NameValidation.Dns1123Label(name));
                break;
            case { Scope: "Cluster" }:
                if (parameters.Namespace is not null)
                {
                    errors.Forbidden(Parameters + ".namespace", "`parameters.scope` is set to 'Cluster'");
                }

                break;
            default:
                errors.NotSupported(Parameters + ".scope", parameters.Scope, ["Cluster", "Namespace"]);
                break;
        }
    }
}

using Kobune.Cel;
using Kobune.Cel.Authorization;
using Kobune.Cel.Schemas;
using Kobune.Cel.Types;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>
/// Variables that expressions of admission may name, and the types of request and namespaceObject. Source: k8s.io/apiserver, admission/plugin/cel/compile.go
/// (it names the field UID of namespaceObject's metadata in capitals).
/// </summary>
internal static class AdmissionVariables
{
    public const string Object = "object";
    public const string OldObject = "oldObject";
    public const string Params = "params";
    public const string Request = "request";
    public const string Namespace = "namespaceObject";
    public const string Authorizer = "authorizer";
    public const string RequestResource = "authorizer.requestResource";
    public const string Variables = "variables";

    private static readonly StructTypes Types = new(new Dictionary<string, IReadOnlyDictionary<string, CelType>>
    {
        ["kubernetes.GroupVersionKind"] = new Dictionary<string, CelType> { ["group"] = CelType.String, ["version"] = CelType.String, ["kind"] = CelType.String },
        ["kubernetes.GroupVersionResource"] = new Dictionary<string, CelType> { ["group"] = CelType.String, ["version"] = CelType.String, ["resource"] = CelType.String },
        ["kubernetes.UserInfo"] = new Dictionary<string, CelType>
        {
            ["username"] = CelType.String,
            ["uid"] = CelType.String,
            ["groups"] = CelType.List(CelType.String),
            ["extra"] = CelType.Map(CelType.String, CelType.List(CelType.String)),
        },
        ["kubernetes.AdmissionRequest"] = new Dictionary<string, CelType>
        {
            ["kind"] = CelType.Struct("kubernetes.GroupVersionKind"),
            ["resource"] = CelType.Struct("kubernetes.GroupVersionResource"),
            ["subResource"] = CelType.String,
            ["requestKind"] = CelType.Struct("kubernetes.GroupVersionKind"),
            ["requestResource"] = CelType.Struct("kubernetes.GroupVersionResource"),
            ["requestSubResource"] = CelType.String,
            ["name"] = CelType.String,
            ["namespace"] = CelType.String,
            ["operation"] = CelType.String,
            ["userInfo"] = CelType.Struct("kubernetes.UserInfo"),
            ["dryRun"] = CelType.Bool,
            ["options"] = CelType.Dyn,
        },
        ["kubernetes.NamespaceSpec"] = new Dictionary<string, CelType> { ["finalizers"] = CelType.List(CelType.String) },
        ["kubernetes.NamespaceCondition"] = new Dictionary<string, CelType>
        {
            ["status"] = CelType.String,
            ["type"] = CelType.String,
            ["lastTransitionTime"] = CelType.Timestamp,
            ["message"] = CelType.String,
            ["reason"] = CelType.String,
        },
        ["kubernetes.NamespaceStatus"] = new Dictionary<string, CelType> { ["conditions"] = CelType.List(CelType.Struct("kubernetes.NamespaceCondition")), ["phase"] = CelType.String },
        ["kubernetes.NamespaceMetadata"] = new Dictionary<string, CelType>
        {
            ["name"] = CelType.String,
            ["generateName"] = CelType.String,
            ["namespace"] = CelType.String,
            ["labels"] = CelType.Map(CelType.String, CelType.String),
            ["annotations"] = CelType.Map(CelType.String, CelType.String),
            ["UID"] = CelType.String,
            ["creationTimestamp"] = CelType.Timestamp,
            ["deletionGracePeriodSeconds"] = CelType.Int,
            ["deletionTimestamp"] = CelType.Timestamp,
            ["generation"] = CelType.Int,
            ["resourceVersion"] = CelType.String,
            ["finalizers"] = CelType.List(CelType.String),
        },
        ["kubernetes.Namespace"] = new Dictionary<string, CelType>
        {
            ["metadata"] = CelType.Struct("kubernetes.NamespaceMetadata"),
            ["spec"] = CelType.Struct("kubernetes.NamespaceSpec"),
            ["status"] = CelType.Struct("kubernetes.NamespaceStatus"),
        },
    });

    /// <summary>What expressions of release 1.<paramref name="minor"/> may use.</summary>
    /// <param name="minor">30 to 36.</param>
    /// <param name="hasParams">Whether the policy has a paramKind.</param>
    /// <param name="hasAuthorizer">Whether rights can be asked for: not in messages.</param>
    /// <param name="isMutating">Whether objects and patches can be made.</param>
    public static CelEnvironment Environment(int minor, bool hasParams, bool hasAuthorizer, bool isMutating = false)
    {
        var environment = CelKubernetes.Environment(minor);
        environment = (isMutating ? environment.WithTypes(MutationTypes.Instance).WithLibrary(CelKubernetes.JsonPatch) : environment)
            .WithTypes(Types)
            .WithVariable(Object, CelType.Dyn)
            .WithVariable(OldObject, CelType.Dyn)
            .WithVariable(Namespace, CelType.Struct("kubernetes.Namespace"))
            .WithVariable(Request, CelType.Struct("kubernetes.AdmissionRequest"));
        environment = hasParams ? environment.WithVariable(Params, CelType.Dyn) : environment;
        return hasAuthorizer ? environment.WithVariable(Authorizer, CelAuthorizer.Type).WithVariable(RequestResource, CelAuthorizer.ResourceType) : environment;
    }

    /// <summary>The same with types of the objects, for checks that run nothing. As upstream's it knows the authorizer, not its requestResource.</summary>
    public static CelEnvironment Typed(int minor, CelSchemaTypes subject, CelSchemaTypes? parameters)
    {
        var environment = CelKubernetes.Environment(minor)
            .WithTypes(Types)
            .WithTypes(subject)
            .WithVariable(Object, subject.Type)
            .WithVariable(OldObject, subject.Type)
            .WithVariable(Namespace, CelType.Struct("kubernetes.Namespace"))
            .WithVariable(Request, CelType.Struct("kubernetes.AdmissionRequest"))
            .WithVariable(Authorizer, CelAuthorizer.Type);
        return parameters is null ? environment : environment.WithTypes(parameters).WithVariable(Params, parameters.Type);
    }
}

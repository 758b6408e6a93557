using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.Api.Validation;
using Kobune.ApiServer.Admission.Policies;
using Kobune.ApiServer.Configuration;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Webhooks;

namespace Kobune.ApiServer.Authorization.Configuration;

/// <summary>One authorizer of the file; <paramref name="Webhook"/> of the type Webhook alone.</summary>
internal sealed record AuthorizerSetting(string Type, string Name, WebhookSetting? Webhook);

/// <summary>A webhook of the file.</summary>
internal sealed record WebhookSetting(ReviewWebhookOptions Options, bool DeniesOnFailure, RequestConditions? Conditions);

/// <summary>An AuthorizationConfiguration: authorizers in the order in which they are asked. Source: k8s.io/apiserver, apis/apiserver and its validation.</summary>
internal sealed class AuthorizationFile
{
    private const string InCluster = "InClusterConfig";
    private const int MostConditions = 64;
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromSeconds(30);
    private static readonly string[] Types = ["AlwaysAllow", "AlwaysDeny", "Node", "RBAC", "Webhook"];
    private static readonly string[] WebhookFields =
    [
        "authorizedTTL", "cacheAuthorizedRequests?", "cacheUnauthorizedRequests?", "connectionInfo{}", "failurePolicy", "matchConditionSubjectAccessReviewVersion", "matchConditions[]",
        "subjectAccessReviewVersion", "timeout", "unauthorizedTTL",
    ];

    private readonly FieldErrors _errors = new();
    private readonly int _minor;

    private AuthorizationFile(int minor)
    {
        _minor = minor;
    }

    /// <summary>Reads the text of a file, as release 1.<paramref name="minor"/> has CEL.</summary>
    /// <exception cref="FormatException">All that is wrong with it.</exception>
    public static IReadOnlyList<AuthorizerSetting> Parse(string text, int minor)
    {
        var root = ConfigurationObject.Read(text, "AuthorizationConfiguration", "authorizers[]");
        var file = new AuthorizationFile(minor);
        var result = file.Authorizers(root["authorizers"] as JsonArray ?? []);
        ConfigurationObject.Throw(file._errors);
        return result;
    }

    private List<AuthorizerSetting> Authorizers(JsonArray list)
    {
        var result = new List<AuthorizerSetting>();
        if (list.Count == 0)
        {
            _errors.Required("authorizers", "at least one authorization mode must be defined");
        }

        for (var i = 0; i < list.Count; i++)
        {
            var (path, node) = ($"authorizers[{i}]", list[i] as JsonObject ?? []);
            ConfigurationObject.Strict(node, path, "type", "name", "webhook{}");
            if (IsType(node.Text("type"), path, result))
            {
                CheckName(node.Text("name"), path, result);
                result.Add(new(node.Text("type"), node.Text("name"), WebhookOf(node, path)));
            }
        }

        return result;
    }

    private bool IsType(string type, string path, List<AuthorizerSetting> before)
    {
        if (type.Length == 0)
        {
            _errors.Required(path + ".type", "");
        }
        else if (!Types.Contains(type))
        {
            _errors.NotSupported(path + ".type", type, Types);
        }
        else if (type != "Webhook" && before.Any(a => a.Type == type))
        {
            _errors.Duplicate(path + ".type", type);
        }
        else
        {
            return true;
        }

        return false;
    }

    private void CheckName(string name, string path, List<AuthorizerSetting> before)
    {
        if (name.Length == 0)
        {
            _errors.Required(path + ".name", "");
        }
        else if (before.Any(a => a.Name == name))
        {
            _errors.Duplicate(path + ".name", name);
        }
        else if (NameValidation.Dns1123Subdomain(name) is { Count: > 0 } problems)
        {
            _errors.Invalid(path + ".name", name, $"authorizer name is invalid: {string.Join(", ", problems)}");
        }
    }

    private WebhookSetting? WebhookOf(JsonObject node, string path)
    {
        var webhook = node["webhook"] as JsonObject;
        if (node.Text("type") != "Webhook")
        {
            if (webhook is not null)
            {
                _errors.Invalid(path + ".webhook", "non-null", "may only be specified when type=Webhook");
            }

            return null;
        }

        if (webhook is null)
        {
            _errors.Required(path + ".webhook", "required when type=Webhook");
            return null;
        }

        ConfigurationObject.Strict(webhook, path + ".webhook", WebhookFields);
        var timeout = Duration(webhook, path, "timeout", TimeSpan.Zero, LongestTimeout, "must be > 0s and <= 30s");
        var allowed = Duration(webhook, path, "authorizedTTL", TimeSpan.FromMinutes(5), TimeSpan.MaxValue, "must be > 0s");
        var refused = Duration(webhook, path, "unauthorizedTTL", TimeSpan.FromSeconds(30), TimeSpan.MaxValue, "must be > 0s");
        var version = OneOf(webhook, path, "subjectAccessReviewVersion", ["v1", "v1beta1"]);
        var policy = OneOf(webhook, path, "failurePolicy", ["NoOpinion", "Deny"]);
        var conditions = Conditions(webhook, path);
        return new(
            new()
            {
                ConfigFile = Connection(webhook, path),
                IsInCluster = webhook.Child("connectionInfo").Text("type") == InCluster,
                Version = version,
                Timeout = timeout,
                CacheTime = webhook.Flag("cacheAuthorizedRequests") == false ? TimeSpan.Zero : allowed,
                RefusalCacheTime = webhook.Flag("cacheUnauthorizedRequests") == false ? TimeSpan.Zero : refused,
            },
            policy == "Deny",
            conditions);
    }

    private TimeSpan Duration(JsonObject node, string path, string field, TimeSpan otherwise, TimeSpan most, string rule)
    {
        var text = node.Text(field);
        var value = text.Length == 0 ? otherwise : GoDuration.TryParse(text) is { } nanos ? TimeSpan.FromTicks(nanos / TimeSpan.NanosecondsPerTick) : throw new FormatException($"time: invalid duration \"{text}\"");
        if (value == TimeSpan.Zero)
        {
            _errors.Required($"{path}.{field}", "");
        }
        else if (value < TimeSpan.Zero || value > most)
        {
            _errors.Invalid($"{path}.{field}", GoDuration.Format(value), rule);
        }

        return value;
    }

    private string OneOf(JsonObject node, string path, string field, string[] known)
    {
        var text = node.Text(field);
        if (text.Length == 0)
        {
            _errors.Required($"{path}.{field}", "");
        }
        else if (!known.Contains(text))
        {
            _errors.NotSupported($"{path}.{field}", text, known);
        }

        return text;
    }

    private string Connection(JsonObject webhook, string path)
    {
        var connection = webhook["connectionInfo"] as JsonObject ?? [];
        ConfigurationObject.Strict(connection, path + ".webhook.connectionInfo", "type", "kubeConfigFile");
        var (type, file, at) = (connection.Text("type"), connection.Text("kubeConfigFile"), path + ".connectionInfo");
        if (type == InCluster)
        {
            if (connection["kubeConfigFile"] is not null)
            {
                _errors.Invalid(at + ".kubeConfigFile", file, "can only be set when type=KubeConfigFile");
            }

            return "";
        }

        switch (type)
        {
            case "KubeConfigFile":
                CheckFile(file, at + ".kubeConfigFile");
                break;
            case "":
                _errors.Required(at + ".type", "");
                break;
            default:
                _errors.NotSupported(at + ".type", new JsonObject { ["Type"] = type, ["KubeConfigFile"] = connection["kubeConfigFile"]?.DeepClone() }, [InCluster, "KubeConfigFile"]);
                break;
        }

        return file;
    }

    private void CheckFile(string file, string path)
    {
        if (file.Length == 0)
        {
            _errors.Required(path, "");
        }
        else if (!Path.IsPathRooted(file))
        {
            _errors.Invalid(path, file, "must be an absolute path");
        }
        else if (Directory.Exists(file))
        {
            _errors.Invalid(path, file, "must be a regular file");
        }
        else if (!File.Exists(file))
        {
            _errors.Invalid(path, file, $"error loading file: stat {file}: no such file or directory");
        }
    }

    private RequestConditions? Conditions(JsonObject webhook, string path)
    {
        var list = webhook["matchConditions"] as JsonArray ?? [];
        var version = webhook.Text("matchConditionSubjectAccessReviewVersion");
        if (version.Length == 0 && list.Count > 0)
        {
            _errors.Required(path + ".matchConditionSubjectAccessReviewVersion", "required if match conditions are specified");
        }
        else if (version is not ("" or "v1"))
        {
            _errors.NotSupported(path + ".matchConditionSubjectAccessReviewVersion", version, ["v1"]);
        }

        if (list.Count > MostConditions)
        {
            _errors.TooMany(path + ".matchConditions", list.Count, MostConditions);
            return null;
        }

        var compiled = new List<PolicyExpression>();
        for (var i = 0; i < list.Count; i++)
        {
            var (at, text) = ($"{path}.matchConditions[{i}].expression", (list[i] as JsonObject).Text("expression"));
            if (text.Trim().Length == 0)
            {
                _errors.Required(at, "");
            }
            else if (compiled.Any(c => c.Text == text))
            {
                _errors.Duplicate(at, text);
            }
            else
            {
                var expression = RequestConditions.Compile(text, _minor);
                compiled.Add(expression);
                if (expression.Problem is { } problem)
                {
                    _errors.Invalid(at, text, problem);
                }
            }
        }

        return RequestConditions.Of(compiled);
    }
}

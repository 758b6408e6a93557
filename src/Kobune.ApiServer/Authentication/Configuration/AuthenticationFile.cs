using System.Text.Json.Nodes;
using Kobune.ApiServer.Admission.Policies;
using Kobune.ApiServer.Configuration;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Authentication.Configuration;

/// <summary>Reads an AuthenticationConfiguration. Source: k8s.io/apiserver, apis/apiserver and its validation.</summary>
internal sealed partial class AuthenticationFile
{
    private const int MostIssuers = 64;

    private readonly FieldErrors _errors = new();
    private readonly int _minor;
    private readonly string _ownIssuer;

    private AuthenticationFile(int minor, string ownIssuer)
    {
        (_minor, _ownIssuer) = (minor, ownIssuer);
    }

    /// <summary>Reads the text of a file.</summary>
    /// <param name="text">The file.</param>
    /// <param name="minor">The release whose CEL it uses.</param>
    /// <param name="ownIssuer">Of service account tokens, which nobody else may issue.</param>
    /// <exception cref="FormatException">All that is wrong with it.</exception>
    public static AuthenticationSetting Parse(string text, int minor, string ownIssuer)
    {
        var root = ConfigurationObject.Read(text, "AuthenticationConfiguration", "jwt[]", "anonymous{}");
        var file = new AuthenticationFile(minor, ownIssuer);
        var jwt = file.Issuers(root["jwt"] as JsonArray ?? []);
        var anonymous = file.Anonymous(root["anonymous"] as JsonObject);
        ConfigurationObject.Throw(file._errors);
        return new(jwt, anonymous);
    }

    private List<JwtSetting> Issuers(JsonArray list)
    {
        if (list.Count > MostIssuers)
        {
            _errors.TooMany("jwt", list.Count, MostIssuers);
            return [];
        }

        var (issuers, discoveries) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var result = new List<JwtSetting>();
        for (var i = 0; i < list.Count; i++)
        {
            var path = $"jwt[{i}]";
            var node = list[i] as JsonObject ?? [];
            ConfigurationObject.Strict(node, path, "issuer{}", "claimValidationRules[]", "claimMappings{}", "userValidationRules[]");
            var setting = Jwt(node, path);
            result.Add(setting);
            if (!issuers.Add(setting.Issuer.IssuerUrl))
            {
                _errors.Duplicate(path + ".issuer.url", setting.Issuer.IssuerUrl);
            }

            if (setting.Issuer.DiscoveryUrl.Length > 0 && !discoveries.Add(setting.Issuer.DiscoveryUrl))
            {
                _errors.Duplicate(path + ".issuer.discoveryURL", setting.Issuer.DiscoveryUrl);
            }
        }

        return result;
    }

    private JwtSetting Jwt(JsonObject node, string path)
    {
        var issuer = node["issuer"] as JsonObject ?? [];
        var mappings = node["claimMappings"] as JsonObject ?? [];
        ConfigurationObject.Strict(issuer, path + ".issuer", "url", "discoveryURL", "certificateAuthority", "audiences[]", "audienceMatchPolicy", "egressSelectorType");
        ConfigurationObject.Strict(mappings, path + ".claimMappings", "username{}", "groups{}", "uid{}", "extra[]");
        var (url, discovery) = (Url(issuer, path + ".issuer.url"), Discovery(issuer, path + ".issuer.discoveryURL"));
        var audiences = Audiences(issuer, path + ".issuer");
        var authority = Authority(issuer, path + ".issuer.certificateAuthority");
        CheckEgress(issuer, path + ".issuer.egressSelectorType");
        var (required, rules) = ClaimRules(node["claimValidationRules"] as JsonArray ?? [], path + ".claimValidationRules");
        var username = Prefixed(mappings, path + ".claimMappings.username", "username", isRequired: true);
        var groups = Prefixed(mappings, path + ".claimMappings.groups", "groups", isRequired: false);
        var uid = Uid(mappings["uid"] as JsonObject ?? [], path + ".claimMappings.uid");
        var extra = Extra(mappings["extra"] as JsonArray ?? [], path + ".claimMappings.extra");
        CheckEmail(username.Expression, rules.Select(r => r.Expression).Concat(extra.Select(e => e.Value)), path + ".claimMappings.username.expression");
        return new()
        {
            Issuer = new() { IssuerUrl = url, DiscoveryUrl = discovery, Authority = authority },
            Audiences = audiences,
            RequiredClaims = required,
            ClaimRules = rules,
            Username = username,
            Groups = groups,
            Uid = uid,
            Extra = extra,
            UserRules = UserRules(node["userValidationRules"] as JsonArray ?? [], path + ".userValidationRules"),
        };
    }

    /// <summary>An address that names a user must have been verified, which the expressions have to look at.</summary>
    private void CheckEmail(PolicyExpression? username, IEnumerable<PolicyExpression> others, string path)
    {
        if (username?.Program?.Selects("claims", "email") == true && !others.Append(username).Any(e => e.Program?.Selects("claims", "email_verified") == true))
        {
            _errors.Invalid(
                path,
                username.Text,
                "claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression");
        }
    }

    private AnonymousSetting? Anonymous(JsonObject? node)
    {
        if (node is null)
        {
            return null;
        }

        ConfigurationObject.Strict(node, "anonymous", "enabled?", "conditions[]");
        var conditions = node["conditions"] as JsonArray ?? [];
        var (enabled, paths) = (node.Flag("enabled") == true, new List<string>());
        for (var i = 0; i < conditions.Count; i++)
        {
            var condition = conditions[i] as JsonObject ?? [];
            ConfigurationObject.Strict(condition, $"anonymous.conditions[{i}]", "path");
            paths.Add(condition.Text("path"));
        }

        if (!enabled && paths.Count > 0)
        {
            _errors.Invalid("anonymous.conditions", new JsonArray([.. paths.Select(p => new JsonObject { ["Path"] = p })]), "enabled should be set to true when conditions are defined");
        }

        return new(enabled, paths);
    }

    private PolicyExpression Checked(PolicyExpression expression, string path)
    {
        if (expression.Problem is { } problem)
        {
            _errors.Invalid(path, expression.Text, problem);
        }

        return expression;
    }
}

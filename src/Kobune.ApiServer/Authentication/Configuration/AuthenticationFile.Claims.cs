using System.Text.Json.Nodes;
using Kobune.ApiServer.Admission.Policies;
using Kobune.ApiServer.Configuration;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Authentication.Configuration;

internal sealed partial class AuthenticationFile
{
    private static readonly string[] Reserved = ["kubernetes.io", "k8s.io"];

    private (List<(string Claim, string Value)> Required, List<ValidationRule> Rules) ClaimRules(JsonArray list, string path)
    {
        var (required, rules) = (new List<(string Claim, string Value)>(), new List<ValidationRule>());
        for (var i = 0; i < list.Count; i++)
        {
            var (at, rule) = ($"{path}[{i}]", list[i] as JsonObject ?? []);
            ConfigurationObject.Strict(rule, at, "claim", "requiredValue", "expression", "message");
            var (claim, value, expression, message) = (rule.Text("claim"), rule.Text("requiredValue"), rule.Text("expression"), rule.Text("message"));
            switch (claim.Length > 0, expression.Length > 0)
            {
                case (true, true):
                    _errors.Invalid(at, claim, "claim and expression can't both be set");
                    break;
                case (false, false):
                    _errors.Required(at, "claim or expression is required");
                    break;
                case (true, false):
                    Refuse(message, at + ".message", "may not be specified when claim is set");
                    CheckNew(required.Any(r => r.Claim == claim), claim, at + ".claim");
                    required.Add((claim, value));
                    break;
                case (false, true):
                    Refuse(value, at + ".requiredValue", "may not be specified when expression is set");
                    if (CheckNew(rules.Any(r => r.Expression.Text == expression), expression, at + ".expression"))
                    {
                        rules.Add(new(Checked(MappedTokenAuthenticator.CompileClaims(expression, _minor, isRule: true), at + ".expression"), message));
                    }

                    break;
            }
        }

        return (required, rules);
    }

    private List<ValidationRule> UserRules(JsonArray list, string path)
    {
        var rules = new List<ValidationRule>();
        for (var i = 0; i < list.Count; i++)
        {
            var (at, rule) = ($"{path}[{i}]", list[i] as JsonObject ?? []);
            ConfigurationObject.Strict(rule, at, "expression", "message");
            var expression = rule.Text("expression");
            if (expression.Length == 0)
            {
                _errors.Required(at + ".expression", "");
            }
            else if (CheckNew(rules.Any(r => r.Expression.Text == expression), expression, at + ".expression"))
            {
                rules.Add(new(Checked(MappedTokenAuthenticator.CompileUser(expression, _minor), at + ".expression"), rule.Text("message")));
            }
        }

        return rules;
    }

    private ClaimMapping Prefixed(JsonObject mappings, string path, string field, bool isRequired)
    {
        var node = mappings[field] as JsonObject ?? [];
        ConfigurationObject.Strict(node, path, "claim", "prefix", "expression");
        var (claim, expression, prefix) = (node.Text("claim"), node.Text("expression"), node["prefix"]);
        if (expression.Length > 0)
        {
            if (claim.Length > 0)
            {
                _errors.Invalid(path, "", "claim and expression can't both be set");
                return new("", "", null);
            }

            if (prefix is not null)
            {
                _errors.Invalid(path + ".prefix", node.Text("prefix"), "may not be specified when expression is set");
            }

            return new("", "", Checked(MappedTokenAuthenticator.CompileClaims(expression, _minor, isRule: false), path + ".expression"));
        }

        if (claim.Length == 0 && isRequired)
        {
            _errors.Required(path, "claim or expression is required");
        }
        else if (claim.Length > 0 && prefix is null)
        {
            _errors.Required(path + ".prefix", "prefix is required when claim is set. It can be set to an empty string to disable prefixing");
        }

        return new(claim, node.Text("prefix"), null);
    }

    private ClaimMapping Uid(JsonObject node, string path)
    {
        ConfigurationObject.Strict(node, path, "claim", "expression");
        var (claim, expression) = (node.Text("claim"), node.Text("expression"));
        if (claim.Length > 0 && expression.Length > 0)
        {
            _errors.Invalid(path, "", "claim and expression can't both be set");
            return new("", "", null);
        }

        return new(claim, "", expression.Length > 0 ? Checked(MappedTokenAuthenticator.CompileClaims(expression, _minor, isRule: false), path + ".expression") : null);
    }

    private List<(string Key, PolicyExpression Value)> Extra(JsonArray list, string path)
    {
        var (result, keys) = (new List<(string Key, PolicyExpression Value)>(), new HashSet<string>(StringComparer.Ordinal));
        for (var i = 0; i < list.Count; i++)
        {
            var (at, node) = ($"{path}[{i}]", list[i] as JsonObject ?? []);
            ConfigurationObject.Strict(node, at, "key", "valueExpression");
            var (key, expression) = (node.Text("key"), node.Text("valueExpression"));
            CheckKey(key, at + ".key");
            if (!CheckNew(!keys.Add(key), key, at + ".key"))
            {
                continue;
            }

            if (expression.Length == 0)
            {
                _errors.Required(at + ".valueExpression", "");
                continue;
            }

            result.Add((key, Checked(MappedTokenAuthenticator.CompileClaims(expression, _minor, isRule: false), at + ".valueExpression")));
        }

        return result;
    }

    private void CheckKey(string key, string path)
    {
        _errors.DomainPath(path, key);
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var domain = slash < 0 ? "" : key[..slash];
        Refuse(key.Any(char.IsUpper) ? key : "", path, "must be lowercase");
        Refuse(Reserved.Any(r => domain == r || domain.EndsWith("." + r, StringComparison.Ordinal)) ? key : "", path, "k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use");
    }

    private void Refuse(string value, string path, string rule)
    {
        if (value.Length > 0)
        {
            _errors.Invalid(path, value, rule);
        }
    }

    private bool CheckNew(bool isKnown, string value, string path)
    {
        if (isKnown)
        {
            _errors.Duplicate(path, value);
        }

        return !isKnown;
    }
}

using System.Text.Json.Nodes;
using Kobune.ApiServer.Admission.Policies;
using Kobune.ApiServer.Authentication.OpenId;
using Kobune.ApiServer.Kinds;
using Kobune.Cel;
using Kobune.Cel.Schemas;
using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.ApiServer.Authentication.Configuration;

/// <summary>ID tokens of an issuer of an AuthenticationConfiguration. Source: k8s.io/apiserver, authentication/cel and plugin/authenticator/token/oidc.</summary>
internal sealed class MappedTokenAuthenticator(JwtSetting setting, OpenIdProviders providers, IReadOnlyList<string> apiAudiences, TimeProvider time)
    : IdTokenAuthenticator(providers, setting.Issuer.IssuerUrl, setting.Audiences, OpenIdOptions.KnownAlgorithms, setting.Groups.Claim, apiAudiences, time)
{
    private const string Claims = "claims";
    private const string Subject = "user";
    private const string UserType = "kubernetes.UserInfo";
    private static readonly StructTypes Types = new(new Dictionary<string, IReadOnlyDictionary<string, CelType>>
    {
        [UserType] = new Dictionary<string, CelType>
        {
            ["username"] = CelType.String,
            ["uid"] = CelType.String,
            ["groups"] = CelType.List(CelType.String),
            ["extra"] = CelType.Map(CelType.String, CelType.List(CelType.String)),
        },
    });

    /// <summary>Compiles an expression about claims; <paramref name="isRule"/> for one that must be true or false.</summary>
    public static PolicyExpression CompileClaims(string text, int minor, bool isRule) =>
        Brief(PolicyExpression.Compile(CelKubernetes.Environment(minor).WithVariable(Claims, CelType.Map(CelType.String, CelType.Dyn)), text, isRule ? [CelType.Bool] : []));

    /// <summary>Compiles a rule about the user.</summary>
    public static PolicyExpression CompileUser(string text, int minor) =>
        Brief(PolicyExpression.Compile(CelKubernetes.Environment(minor).WithTypes(Types).WithVariable(Subject, CelType.Struct(UserType)), text, CelType.Bool));

    /// <summary>What is said of a wrong type here does not tell the type.</summary>
    private static PolicyExpression Brief(PolicyExpression expression) =>
        expression.Problem is { } problem && problem.StartsWith("must evaluate to ", StringComparison.Ordinal) ? expression with { Problem = problem[..problem.IndexOf(" but got ", StringComparison.Ordinal)] } : expression;

    protected override UserInfo User(IdTokenClaims claims)
    {
        var input = new Input(Claims, claims.Tree());
        var user = new UserInfo(NameOf(claims, input), "", [], UserInfo.NoExtra);
        user = user with { Groups = GroupsOf(claims, input) };
        user = user with { Uid = UidOf(claims, input) };
        user = user with { Extra = ExtraOf(claims, input) };
        foreach (var (claim, value) in setting.RequiredClaims)
        {
            Require(claims, claim, value);
        }

        Hold(setting.ClaimRules, input, "oidc: error evaluating claim validation expression");
        Hold(setting.UserRules, new Input(Subject, TreeOf(user)), "oidc: error evaluating user info validation rule");
        return user with { Groups = [.. user.Groups.Where(g => g != UserNames.Authenticated).Append(UserNames.Authenticated)] };
    }

    private static void Hold(IReadOnlyList<ValidationRule> rules, Input input, string problem)
    {
        var verdicts = rules.Select(r => (Rule: r, Value: Evaluate(r.Expression, input, problem + ": "))).ToList(); // an error of any goes before a refusal
        foreach (var (rule, value) in verdicts)
        {
            if (value is not CelBool { Value: true })
            {
                throw new OpenIdException(value is CelBool ? $"{problem}: validation expression '{rule.Expression.Text}' failed: {rule.Message}" : $"{problem}: validation expression must return a boolean");
            }
        }
    }

    private static CelValue Evaluate(PolicyExpression expression, Input input, string problem)
    {
        var result = expression.Program!.Evaluate(input, CancellationToken.None);
        return result.Outcome == CelOutcome.Value ? result.Value : throw new OpenIdException($"{problem}expression '{expression.Text}' resulted in error: {result.Error}");
    }

    private static JsonObject TreeOf(UserInfo user) => new()
    {
        ["username"] = user.Name,
        ["uid"] = user.Uid,
        ["groups"] = user.Groups.ToJsonArray(),
        ["extra"] = new JsonObject(user.Extra.Select(e => KeyValuePair.Create(e.Key, (JsonNode?)e.Value.ToJsonArray()))),
    };

    private static string Text(CelValue value, string problem, string what) => value is CelString text ? text.Value : throw new OpenIdException($"{problem}: {what} claim expression must return a string");

    /// <summary>A text or a list of texts; empty ones do not count.</summary>
    private static IReadOnlyList<string> Texts(CelValue value, string problem) => value switch
    {
        CelNull => [],
        CelString text => text.Value.Length == 0 ? [] : [text.Value],
        CelList list when Enumerable.Range(0, list.Count).All(i => list[i] is CelString) => [.. Enumerable.Range(0, list.Count).Select(i => ((CelString)list[i]).Value).Where(t => t.Length > 0)],
        _ => throw new OpenIdException($"{problem}: expression must return a string or a list of strings"),
    };

    private string NameOf(IdTokenClaims claims, Input input)
    {
        const string Problem = "oidc: error evaluating username claim expression";
        if (setting.Username.Expression is not { } expression)
        {
            return setting.Username.Prefix + NameBy(claims, setting.Username.Claim);
        }

        var name = Text(Evaluate(expression, input, Problem + ": "), Problem, "username");
        return name.Length > 0 ? name : throw new OpenIdException("oidc: empty username via CEL expression is not allowed");
    }

    private IReadOnlyList<string> GroupsOf(IdTokenClaims claims, Input input)
    {
        const string Problem = "oidc: error evaluating group claim expression";
        return setting.Groups.Expression is { } expression ? Texts(Evaluate(expression, input, Problem + ": "), Problem) : [.. GroupsBy(claims, setting.Groups.Claim, setting.Groups.Prefix)];
    }

    private string UidOf(IdTokenClaims claims, Input input)
    {
        const string Problem = "oidc: error evaluating uid claim expression";
        return setting.Uid.Expression is { } expression ? Text(Evaluate(expression, input, Problem + ": "), Problem, "uid")
            : setting.Uid.Claim.Length > 0 ? claims.Text(setting.Uid.Claim, $"oidc: parse uid claim \"{setting.Uid.Claim}\"")
            : "";
    }

    private Dictionary<string, IReadOnlyList<string>> ExtraOf(IdTokenClaims claims, Input input)
    {
        var extra = CredentialOf(claims);
        foreach (var (key, text, value) in setting.Extra.Select(e => (e.Key, e.Value.Text, Value: Evaluate(e.Value, input, ""))).ToList())
        {
            var values = Texts(value, $"oidc: error evaluating extra claim expression: {text}");
            if (values.Count > 0)
            {
                extra[key] = values;
            }
        }

        return extra;
    }

    private sealed class Input(string name, JsonObject tree) : ICelActivation
    {
        private readonly CelValue _value = CelJson.Wrap(tree);

        public CelValue? Find(string asked) => asked == name ? _value : null;
    }
}

using Kobune.Cel.Authorization;
using Kobune.Cel.Values;

namespace Kobune.Cel.Tests;

public class AuthorizerTests
{
    private static readonly CelEnvironment Environment = CelKubernetes.Environment(36)
        .WithVariable("authorizer", CelAuthorizer.Type)
        .WithVariable("authorizer.requestResource", CelAuthorizer.ResourceType);

    [Theory]
    [InlineData("authorizer.path('/healthz').check('get').allowed()", "path=/healthz verb=get")]
    [InlineData("authorizer.group('apps').resource('deployments').subresource('status').namespace('test').name('backend').check('create').allowed()", "apps/deployments/status test/backend verb=create")]
    [InlineData("authorizer.serviceAccount('default', 'builder').group('').resource('pods').check('list').allowed()", "default:builder /pods/ / verb=list")]
    [InlineData("authorizer.group('').resource('pods').fieldSelector('spec.nodeName=a').labelSelector('x=y').check('list').allowed()", "/pods/ / verb=list field=spec.nodeName=a label=x=y")]
    [InlineData("authorizer.requestResource.check('use').allowed()", "g/things/ ns/one verb=use")]
    public void Authorizer_is_asked(string text, string question)
    {
        var (result, asked) = Run(text, new(true, "", null));
        Assert.Equal("true", result.Value.ToString());
        Assert.Equal(question, Assert.Single(asked));
    }

    [Theory]
    [InlineData("authorizer.path('/').check('get').allowed()", "false")]
    [InlineData("authorizer.path('/').check('get').reason()", "because")]
    [InlineData("authorizer.path('/').check('get').errored()", "true")]
    [InlineData("authorizer.path('/').check('get').error()", "broken")]
    public void Answer_is_seen(string text, string value) => Assert.Equal(value, Run(text, new(false, "because", "broken")).Result.Value.ToString());

    [Theory]
    [InlineData("authorizer.path(' ')", "path must not be empty")]
    [InlineData("authorizer.group('').resource('')", "resource must not be empty")]
    [InlineData("authorizer.serviceAccount('default', 'A')", "Invalid service account name")]
    [InlineData("authorizer.serviceAccount('a.b', 'a')", "Invalid service account namespace")]
    public void Question_is_refused(string text, string error) => Assert.Equal(error, Run(text, new(true, "", null)).Result.Error);

    [Theory]
    [InlineData("authorizer.path('/healthz').check('get').allowed()", 350_003)]
    [InlineData("authorizer.group('apps').resource('deployments').subresource('status').namespace('test').name('backend')", 6)]
    [InlineData("authorizer.group('').resource('pods').fieldSelector('spec.nodeName=example-node-name.fully.qualified.domain.name.example.com')", 1821)]
    public void Questions_cost(string text, ulong cost)
    {
        Assert.Equal(cost, Run(text, new(true, "", null)).Result.Cost);
        var estimate = Environment.Compile(text).Program!.EstimateCost(Costs.CelUnknownSizes.Instance);
        Assert.Equal(new Costs.CelRange(cost, cost), estimate);
    }

    [Fact]
    public void Selectors_have_a_gate_of_their_own() =>
        Assert.False(CelKubernetes.Environment(36, authorizationSelectors: false).WithVariable("authorizer", CelAuthorizer.Type).Compile("authorizer.group('').resource('pods').fieldSelector('a=b')").Succeeded);

    private static (CelResult Result, List<string> Asked) Run(string text, CelDecision decision)
    {
        var recorder = new Recorder(decision);
        var compiled = Environment.Compile(text);
        Assert.True(compiled.Succeeded, compiled.Issues?.ToString());
        var variables = new CelActivation(new Dictionary<string, CelValue>
        {
            ["authorizer"] = CelAuthorizer.Value(recorder),
            ["authorizer.requestResource"] = CelAuthorizer.Resource(recorder, new() { Group = "g", Resource = "things", Namespace = "ns", Name = "one" }),
        });
        return (compiled.Program.Evaluate(variables, CancellationToken.None), recorder.Asked);
    }

    private sealed class Recorder(CelDecision decision) : ICelAuthorizer
    {
        public List<string> Asked { get; } = [];

        public CelDecision Authorize(CelAuthorizationRequest request)
        {
            var account = request.ServiceAccount is { } a ? $"{a.Namespace}:{a.Name} " : "";
            var what = request.Path is { } path ? $"path={path}" : $"{request.Group}/{request.Resource}/{request.Subresource} {request.Namespace}/{request.Name}";
            var selectors = (request.FieldSelector.Length > 0 ? $" field={request.FieldSelector}" : "") + (request.LabelSelector.Length > 0 ? $" label={request.LabelSelector}" : "");
            Asked.Add($"{account}{what} verb={request.Verb}{selectors}");
            return decision;
        }
    }
}

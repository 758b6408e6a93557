namespace Kobune.ApiServer.Tests.Kinds;

public class WebhookConfigurationTests
{
    private const string Mutating = "mutatingwebhookconfigurations.admissionregistration.k8s.io";
    private const string Validating = "validatingwebhookconfigurations.admissionregistration.k8s.io";

    private const string Valid = """
        {"metadata":{"name":"c"},"webhooks":[{"name":"a.example.com","sideEffects":"None","admissionReviewVersions":["v1"],"clientConfig":{"url":"https://host/path"},
         "rules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods"]}]}]}
        """;

    [Theory]
    [InlineData("webhooks.0.name", "\"\"", "webhooks[0].name: Required value")]
    [InlineData("webhooks.0.name", "\"k8s.io\"", "webhooks[0].name: Invalid value: \"k8s.io\": should be a domain with at least three segments separated by dots")]
    [InlineData("webhooks.0.sideEffects", "-", "webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun")]
    [InlineData("webhooks.0.sideEffects", "\"Some\"", "webhooks[0].sideEffects: Unsupported value: \"Some\": supported values: \"None\", \"NoneOnDryRun\"")]
    [InlineData("webhooks.0.timeoutSeconds", "0", "webhooks[0].timeoutSeconds: Invalid value: 0: the timeout value must be between 1 and 30 seconds")]
    [InlineData("webhooks.0.timeoutSeconds", "31", "webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds")]
    [InlineData("webhooks.0.timeoutSeconds", "30", "")]
    [InlineData("webhooks.0.failurePolicy", "\"x\"", "webhooks[0].failurePolicy: Unsupported value: \"x\": supported values: \"Fail\", \"Ignore\"")]
    [InlineData("webhooks.0.matchPolicy", "\"x\"", "webhooks[0].matchPolicy: Unsupported value: \"x\": supported values: \"Equivalent\", \"Exact\"")]
    [InlineData("webhooks.0.reinvocationPolicy", "\"x\"", "webhooks[0].reinvocationPolicy: Unsupported value: \"x\": supported values: \"IfNeeded\", \"Never\"")]
    [InlineData("webhooks.0.admissionReviewVersions", "[]", "webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1")]
    [InlineData("webhooks.0.admissionReviewVersions", "[\"v2\"]", "webhooks[0].admissionReviewVersions: Invalid value: [\"v2\"]: must include at least one of v1, v1beta1")]
    [InlineData("webhooks.0.admissionReviewVersions", "[\"v1\",\"v1\"]", "webhooks[0].admissionReviewVersions[1]: Invalid value: \"v1\": duplicate version")]
    [InlineData("webhooks.0.admissionReviewVersions", "[\"v1\",\"v2\"]", "")]
    [InlineData("webhooks.0.clientConfig", "{}", "webhooks[0].clientConfig: Required value: exactly one of url or service is required")]
    [InlineData("webhooks.0.clientConfig.service", "{\"name\":\"s\",\"namespace\":\"n\"}", "webhooks[0].clientConfig: Required value: exactly one of url or service is required")]
    [InlineData("webhooks.0.clientConfig.url", "\"http://host\"", "webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]")]
    [InlineData("webhooks.0.clientConfig.url", "\"https://\"", "webhooks[0].clientConfig.url: Invalid value: \"\": host must be specified; desired format: https://host[/path]")]
    [InlineData("webhooks.0.clientConfig.url", "\"https:///path?a=b\"", "webhooks[0].clientConfig.url: Invalid value: \"\": host must be specified; desired format: https://host[/path]\nwebhooks[0].clientConfig.url: Invalid value: \"a=b\": query parameters are not permitted in the URL")]
    [InlineData("webhooks.0.clientConfig.url", "\"https://u:p@host/\"", "webhooks[0].clientConfig.url: Invalid value: \"u:p\": user information is not permitted in the URL")]
    [InlineData("webhooks.0.clientConfig.url", "\"https://host/?a=b\"", "webhooks[0].clientConfig.url: Invalid value: \"a=b\": query parameters are not permitted in the URL")]
    [InlineData("webhooks.0.clientConfig.url", "\"https://host/#f\"", "webhooks[0].clientConfig.url: Invalid value: \"f\": fragments are not permitted in the URL")]
    [InlineData("webhooks.0.clientConfig", "{\"service\":{\"name\":\"\",\"namespace\":\"\",\"port\":0}}", """
        webhooks[0].clientConfig.service.name: Required value
        webhooks[0].clientConfig.service.namespace: Required value
        webhooks[0].clientConfig.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive
        """)]
    [InlineData("webhooks.0.clientConfig", "{\"service\":{\"name\":\"s\",\"namespace\":\"n\",\"path\":\"/a//b\"}}", "webhooks[0].clientConfig.service.path: Invalid value: \"/a//b\": segment[1] may not be empty")]
    [InlineData("webhooks.0.clientConfig", "{\"service\":{\"name\":\"s\",\"namespace\":\"n\",\"path\":\"//\"}}", "webhooks[0].clientConfig.service.path: Invalid value: \"//\": segment[0] may not be empty")]
    [InlineData("webhooks.0.clientConfig", "{\"service\":{\"name\":\"s\",\"namespace\":\"n\",\"path\":\"/a/b/\"}}", "")]
    [InlineData("webhooks.0.rules.0.operations", "[]", "webhooks[0].rules[0].operations: Required value")]
    [InlineData("webhooks.0.rules.0.operations", "[\"*\",\"CREATE\"]", "webhooks[0].rules[0].operations: Invalid value: [\"*\",\"CREATE\"]: if '*' is present, must not specify other operations")]
    [InlineData("webhooks.0.rules.0.operations", "[\"GET\"]", "webhooks[0].rules[0].operations[0]: Unsupported value: \"GET\": supported values: \"*\", \"CONNECT\", \"CREATE\", \"DELETE\", \"UPDATE\"")]
    [InlineData("webhooks.0.rules.0.apiGroups", "[\"*\",\"a\"]", "webhooks[0].rules[0].apiGroups: Invalid value: [\"*\",\"a\"]: if '*' is present, must not specify other API groups")]
    [InlineData("webhooks.0.rules.0.apiVersions", "[\"\"]", "webhooks[0].rules[0].apiVersions[0]: Required value")]
    [InlineData("webhooks.0.rules.0.apiVersions", "[\"*\",\"a\"]", "webhooks[0].rules[0].apiVersions: Invalid value: [\"*\",\"a\"]: if '*' is present, must not specify other API versions")]
    [InlineData("webhooks.0.rules.0.resources", "[\"*/*\",\"a\"]", "webhooks[0].rules[0].resources: Invalid value: [\"*/*\",\"a\"]: if '*/*' is present, must not specify other resources")]
    [InlineData("webhooks.0.rules.0.resources", "[\"*\",\"a\"]", "webhooks[0].rules[0].resources: Invalid value: [\"*\",\"a\"]: if '*' is present, must not specify other resources without subresources")]
    [InlineData("webhooks.0.rules.0.resources", "[\"a/*\",\"a/x\"]", "webhooks[0].rules[0].resources[1]: Invalid value: \"a/x\": if 'a/*' is present, must not specify a/x")]
    [InlineData("webhooks.0.rules.0.resources", "[\"*/a\",\"x/a\"]", "webhooks[0].rules[0].resources[1]: Invalid value: \"x/a\": if '*/a' is present, must not specify x/a")]
    [InlineData("webhooks.0.rules.0.scope", "\"x\"", "webhooks[0].rules[0].scope: Unsupported value: \"x\": supported values: \"*\", \"Cluster\", \"Namespaced\"")]
    [InlineData("webhooks.0.namespaceSelector", "{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"In\"}]}", "webhooks[0].namespaceSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'")]
    [InlineData("webhooks.0.matchConditions", "[{\"name\":\"\",\"expression\":\" \"}]", "webhooks[0].matchConditions[0].expression: Required value\nwebhooks[0].matchConditions[0].name: Required value")]
    [InlineData("webhooks.0.matchConditions", "[{\"name\":\"a\",\"expression\":\"true\"},{\"name\":\"a\",\"expression\":\"true\"}]", "webhooks[0].matchConditions[1].name: Duplicate value: \"a\"")]
    public void A_configuration_is_judged_in_upstreams_words(string path, string value, string problems)
    {
        Strategies.Creates(Mutating, "MutatingWebhookConfiguration", Strategies.With(Valid, path, value), problems);
        if (!path.Contains("reinvocation", StringComparison.Ordinal))
        {
            Strategies.Creates(Validating, "ValidatingWebhookConfiguration", Strategies.With(Valid, path, value), problems);
        }
    }

    [Fact]
    public void Names_are_unique_and_an_update_may_keep_what_was_wrong_before()
    {
        const string Twice = """
            {"metadata":{"name":"c"},"webhooks":[
             {"name":"a.example.com","sideEffects":"Some","admissionReviewVersions":["v2"],"clientConfig":{"url":"https://host/path"}},
             {"name":"a.example.com","sideEffects":"None","admissionReviewVersions":["v1"],"clientConfig":{"url":"https://host/path"}}]}
            """;
        Assert.Equal(
            """
            webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"
            webhooks[0].admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1
            webhooks[1].name: Duplicate value: "a.example.com"
            """.ReplaceLineEndings("\n"),
            Strategies.Create(Validating, Twice));
        Assert.Equal("", Strategies.Update(Validating, Twice, Twice));
        Assert.NotEqual("", Strategies.Update(Validating, Valid, Twice));
    }
}

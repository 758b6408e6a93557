using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>Admission policies, their bindings and statuses that are refused, each with the whole Status.</summary>
public class PolicyRuleTests
{
    private const string Policies = "validatingadmissionpolicies.admissionregistration.k8s.io";
    private const string Bindings = "validatingadmissionpolicybindings.admissionregistration.k8s.io";
    private const string Mutating = "mutatingadmissionpolicies.admissionregistration.k8s.io";
    private const string MutatingBindings = "mutatingadmissionpolicybindings.admissionregistration.k8s.io";
    private const string Constraints = """{"resourceRules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods"]}]}""";
    private const string Policy = """{"metadata":{"name":"p"},"spec":{"matchConstraints":""" + Constraints + ""","validations":[{"expression":"true"}]}}""";
    private const string Mutation = """{"metadata":{"name":"p"},"spec":{"matchConstraints":""" + Constraints + ""","reinvocationPolicy":"Never","mutations":[{"patchType":"JSONPatch","jsonPatch":{"expression":"[JSONPatch{op: 'remove', path: '/a'}]"}}]}}""";
    private const string Binding = """{"metadata":{"name":"b"},"spec":{"policyName":"p","validationActions":["Deny"]}}""";
    private const string Exclusive = "Forbidden: name and selector are mutually exclusive";
    private const string Label = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
    private const string Subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private const string NoItems = "Required value: validations or auditAnnotations must contain at least one item";
    private const string Rules = "spec.matchConstraints.resourceRules";

    [Theory]
    [InlineData("spec.failurePolicy", "\"Odd\"", "spec.failurePolicy: Unsupported value: \"Odd\": supported values: \"Fail\", \"Ignore\"")]
    [InlineData("spec.paramKind", "{}", "spec.paramKind.apiVersion: Required value\nspec.paramKind.kind: Required value")]
    [InlineData("spec.paramKind", """{"apiVersion":"G/V","kind":"K_"}""", "spec.paramKind.apiVersion: Invalid value: \"G\": " + Subdomain + "\nspec.paramKind.apiVersion: Invalid value: \"V\": " + Label + "\nspec.paramKind.kind: Invalid value: \"K_\": may have mixed case, but should otherwise match: " + Label)]
    [InlineData("spec.paramKind", """{"apiVersion":"g/","kind":"K"}""", "spec.paramKind.apiVersion: Invalid value: \"g/\": version must be specified")]
    [InlineData("spec.paramKind", """{"apiVersion":"a/b/c","kind":"K"}""", "spec.paramKind.apiVersion: Invalid value: \"a/b/c\": unexpected GroupVersion string: a/b/c")]
    [InlineData("spec.matchConstraints", "-", "spec.matchConstraints: Required value")]
    [InlineData("spec.matchConstraints", """{"matchPolicy":"Odd"}""", "spec.matchConstraints.matchPolicy: Unsupported value: \"Odd\": supported values: \"Equivalent\", \"Exact\"\nspec.matchConstraints.resourceRules: Required value")]
    [InlineData("spec.matchConstraints.resourceRules.0.resourceNames", """["a/b","x","x"]""", Rules + "[0].resourceNames[0]: Invalid value: \"a/b\": may not contain '/'\n" + Rules + "[0].resourceNames[2]: Duplicate value: \"x\"")]
    [InlineData("spec.matchConstraints.resourceRules.0.operations", "[]", Rules + "[0].operations: Required value")]
    [InlineData("spec.matchConstraints.resourceRules.0.operations", """["DELETE"]""", "")]
    [InlineData("spec.matchConstraints.excludeResourceRules", """[{"operations":["*"],"apiGroups":[],"apiVersions":[],"resources":[]}]""", "spec.matchConstraints.excludeResourceRules[0].apiGroups: Required value\nspec.matchConstraints.excludeResourceRules[0].apiVersions: Required value\nspec.matchConstraints.excludeResourceRules[0].resources: Required value")]
    [InlineData("spec.matchConditions", """[{"name":"-","expression":"x"},{"name":"a","expression":"true"},{"name":"a","expression":"true"}]""", "spec.matchConditions[0].expression: Invalid value: \"x\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n\t | x\n\t | ^\nspec.matchConditions[0].name: Invalid value: \"-\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')\nspec.matchConditions[2].name: Duplicate value: \"a\"")]
    [InlineData("spec.variables", """[{"name":" ","expression":" "},{"name":"in","expression":"1"}]""", "spec.variables[0].name: Required value: name is not specified\nspec.variables[0].expression: Required value: expression is not specified\nspec.variables[1].name: Invalid value: \"in\": name is not a valid CEL identifier")]
    [InlineData("spec.validations", "[]", "spec.validations: " + NoItems + "\nspec.auditAnnotations: " + NoItems)]
    [InlineData("spec.validations", """[{"expression":" ","messageExpression":" ","message":" ","reason":"Odd"}]""", "spec.validations[0].expression: Required value: expression is not specified\nspec.validations[0].messageExpression: Invalid value: \" \": must be non-empty if specified\nspec.validations[0].message: Invalid value: \" \": message must be non-empty if specified\nspec.validations[0].reason: Unsupported value: \"Odd\": supported values: \"Forbidden\", \"Invalid\", \"RequestEntityTooLarge\"")]
    [InlineData("spec.validations", """[{"expression":"1","messageExpression":"2","message":"a\nb"}]""", "spec.validations[0].expression: Invalid value: \"1\": must evaluate to bool but got int\nspec.validations[0].messageExpression: Invalid value: \"2\": must evaluate to string but got int\nspec.validations[0].message: Invalid value: \"a\\nb\": message must not contain line breaks")]
    [InlineData("spec.auditAnnotations", """[{"key":"a","valueExpression":" "},{"key":"a","valueExpression":"1"}]""", "spec.auditAnnotations[0].valueExpression: Required value: valueExpression is not specified\nspec.auditAnnotations[1].valueExpression: Invalid value: \"1\": must evaluate to one of [string null_type] but got int\nspec.auditAnnotations[1].key: Duplicate value: \"a\"")]
    public void A_validating_policy_is_refused(string path, string value, string problems) => Creates(Policies, "ValidatingAdmissionPolicy", With(Policy, path, value), problems);

    [Fact]
    public void Conditions_that_stay_are_not_compiled_again()
    {
        var policy = With(Policy, "spec.matchConditions", """[{"name":"a","expression":"params.x"}]""");
        Updates(Policies, "ValidatingAdmissionPolicy", policy, With(policy, "spec.failurePolicy", "\"Ignore\""), "");
        Updates(Policies, "ValidatingAdmissionPolicy", policy, With(policy, "spec.matchConditions.0.name", "\"b\""), "spec.matchConditions[0].expression: Invalid value: \"params.x\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\n\t | params.x\n\t | ^");
    }

    [Fact]
    public void A_status_tells_of_conditions_and_of_expressions()
    {
        var status = With(Policy, "status", """{"typeChecking":{"expressionWarnings":[{"fieldRef":" ","warning":""}]},"conditions":[{"type":"-","status":"Odd","observedGeneration":-1,"reason":"-"},{"type":"a","status":"True","lastTransitionTime":"2026-03-01T12:00:00Z"},{"type":"a","status":"True","reason":"R","lastTransitionTime":"2026-03-01T12:00:00Z"}]}""");
        const string at = "status.conditions";
        Updates(Policies, "ValidatingAdmissionPolicy", Policy, status, string.Join(
            "\n",
            "status.typeChecking.expressionWarnings[0].warning: Required value",
            "status.typeChecking.expressionWarnings[0].fieldRef: Required value",
            at + "[0].type: Invalid value: \"-\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
            at + "[0].status: Unsupported value: \"Odd\": supported values: \"False\", \"True\", \"Unknown\"",
            at + "[0].observedGeneration: Invalid value: -1: must be greater than or equal to zero",
            at + "[0].lastTransitionTime: Required value: must be set",
            at + "[0].reason: Invalid value: \"-\": a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')",
            at + "[1].reason: Required value: must be set",
            at + "[2].type: Duplicate value: \"a\""), "status");
    }

    [Fact]
    public void A_budgets_status_has_conditions_too()
    {
        const string budget = """{"metadata":{"name":"b"},"spec":{"minAvailable":1}}""";
        Updates("poddisruptionbudgets.policy", "PodDisruptionBudget", budget, With(budget, "status", """{"disruptionsAllowed":-1,"conditions":[{"type":"a","status":"","reason":"R","lastTransitionTime":"2026-03-01T12:00:00Z"}]}"""), "status.conditions[0].status: Unsupported value: \"\": supported values: \"False\", \"True\", \"Unknown\"\nstatus.disruptionsAllowed: Invalid value: -1: must be greater than or equal to 0", "status");
    }

    [Theory]
    [InlineData("spec.matchConstraints.resourceRules.0.operations", """["DELETE","Odd"]""", Rules + "[0].operations[1]: Unsupported value: \"Odd\": supported values: \"*\", \"CONNECT\", \"CREATE\", \"DELETE\", \"UPDATE\"\n" + Rules + ".operations: Unsupported value: \"DELETE\": supported values: \"*\", \"CONNECT\", \"CREATE\", \"UPDATE\"\n" + Rules + ".operations: Unsupported value: \"Odd\": supported values: \"*\", \"CONNECT\", \"CREATE\", \"UPDATE\"")]
    [InlineData("spec.mutations", "[]", "spec.mutations: Required value: mutations must contain at least one item")]
    [InlineData("spec.mutations", "[{}]", "spec.mutations[0].patchType: Required value")]
    [InlineData("spec.mutations", """[{"patchType":"Odd"}]""", "spec.mutations[0].patchType: Unsupported value: \"Odd\": supported values: \"ApplyConfiguration\", \"JSONPatch\"")]
    [InlineData("spec.mutations", """[{"patchType":"JSONPatch","applyConfiguration":{"expression":"Object{}"}}]""", "spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch\nspec.mutations[0].applyConfiguration: Invalid value: \"{applyConfiguration}\": must not be specified when patchType is JSONPatch")]
    [InlineData("spec.mutations", """[{"patchType":"ApplyConfiguration","jsonPatch":{"expression":"[]"}}]""", "spec.mutations[0].applyConfiguration: Required value: must be specified when patchType is ApplyConfiguration\nspec.mutations[0].jsonPatch: Invalid value: \"{jsonPatch}\": must not be specified when patchType is ApplyConfiguration")]
    [InlineData("spec.mutations", """[{"patchType":"JSONPatch","jsonPatch":{"expression":" "}}]""", "spec.mutations[0].jsonPatch.expression: Required value")]
    [InlineData("spec.mutations", """[{"patchType":"JSONPatch","jsonPatch":{"expression":" 1 "}}]""", "spec.mutations[0].jsonPatch.expression: Invalid value: \"1\": must evaluate to list(JSONPatch) but got int")]
    [InlineData("spec.reinvocationPolicy", "\"\"", "spec.reinvocationPolicy: Required value")]
    [InlineData("spec.reinvocationPolicy", "\"Odd\"", "spec.reinvocationPolicy: Unsupported value: \"Odd\": supported values: \"IfNeeded\", \"Never\"")]
    public void A_mutating_policy_is_refused(string path, string value, string problems) => Creates(Mutating, "MutatingAdmissionPolicy", With(Mutation, path, value), problems);

    [Theory]
    [InlineData("spec.policyName", "\"\"", "spec.policyName: Required value")]
    [InlineData("spec.policyName", "\"A\"", "spec.policyName: Invalid value: \"A\": " + Subdomain)]
    [InlineData("spec.paramRef", "{}", "spec.paramRef: Required value: one of name or selector must be specified\nspec.paramRef.parameterNotFoundAction: Required value")]
    [InlineData("spec.paramRef", """{"name":"a/b","selector":{},"parameterNotFoundAction":"Odd"}""", "spec.paramRef.name: Invalid value: \"a/b\": may not contain '/'\nspec.paramRef.name: " + Exclusive + "\nspec.paramRef.selector: " + Exclusive + "\nspec.paramRef.parameterNotFoundAction: Unsupported value: \"Odd\": supported values: \"Deny\", \"Allow\"")]
    public void A_binding_is_refused(string path, string value, string problems)
    {
        Creates(Bindings, "ValidatingAdmissionPolicyBinding", With(Binding, path, value), problems);
        Creates(MutatingBindings, "MutatingAdmissionPolicyBinding", With(With(Binding, path, value), "spec.validationActions", "-"), problems);
    }

    [Fact]
    public void A_binding_matches_by_a_policy()
    {
        const string Problem = ".matchPolicy: Unsupported value: \"Odd\": supported values: \"Equivalent\", \"Exact\"";
        var binding = With(Binding, "spec.matchResources", """{"matchPolicy":"Odd"}""");
        Creates(Bindings, "ValidatingAdmissionPolicyBinding", binding, "spec.matchResouces" + Problem); // as upstream writes it
        Creates(MutatingBindings, "MutatingAdmissionPolicyBinding", With(binding, "spec.validationActions", "-"), "spec.matchResources" + Problem);
    }

    [Theory]
    [InlineData("[]", "spec.validationActions: Required value: at least one validation action is required")]
    [InlineData("""["Odd","Audit","Audit"]""", "spec.validationActions[0]: Unsupported value: \"Odd\": supported values: \"Audit\", \"Deny\", \"Warn\"\nspec.validationActions[2]: Duplicate value: \"Audit\"")]
    [InlineData("""["Deny","Warn"]""", "spec.validationActions: Invalid value: [\"Deny\",\"Warn\"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)")]
    public void A_binding_says_what_happens(string actions, string problems) => Creates(Bindings, "ValidatingAdmissionPolicyBinding", With(Binding, "spec.validationActions", actions), problems);

    [Fact]
    public void A_binding_of_a_mutation_matches_no_delete()
    {
        var binding = With(With(Binding, "spec.validationActions", "-"), "spec.matchResources", Constraints.Replace("CREATE", "DELETE", StringComparison.Ordinal));
        Creates(MutatingBindings, "MutatingAdmissionPolicyBinding", binding, "spec.matchResources.resourceRules.operations: Unsupported value: \"DELETE\": supported values: \"*\", \"CONNECT\", \"CREATE\", \"UPDATE\"");
    }
}

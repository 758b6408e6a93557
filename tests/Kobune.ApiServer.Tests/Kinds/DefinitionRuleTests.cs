using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>Definitions of custom resources, and every rule that refuses one.</summary>
public class DefinitionRuleTests
{
    private const string Kind = "customresourcedefinitions.apiextensions.k8s.io";
    private const string Crd = """{"metadata":{"name":"as.b.c"},"spec":{"group":"b.c","scope":"Namespaced","names":{"plural":"as","kind":"A"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object"}}}}}]}}""";
    private const string Root = "spec.validation.openAPIV3Schema";
    private const string Spec = Root + ".properties[spec]";
    private const string AtSchema = "spec.versions.0.schema.openAPIV3Schema";
    private const string Label = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
    private const string Shared = "\"Served\":true,\"Storage\":true,\"Deprecated\":false,\"DeprecationWarning\":null,\"Schema\":null,\"Subresources\":null,\"AdditionalPrinterColumns\":null,\"SelectableFields\":null}";

    [Theory]
    [InlineData("metadata.name", "\"x\"", "metadata.name: Invalid value: \"x\": must be spec.names.plural+\".\"+spec.group")]
    [InlineData("spec.scope", "\"\"", "spec.scope: Required value")]
    [InlineData("spec.names.shortNames", """["A",""]""", "spec.names.shortNames[0]: Invalid value: \"A\": " + Label, "spec.names.shortNames[1]: Invalid value: \"\": " + Label)]
    [InlineData("spec.names.kind", "\"A_b\"", "spec.names.singular: Invalid value: \"a_b\": " + Label, "spec.names.kind: Invalid value: \"A_b\": may have mixed case, but should otherwise match: " + Label, "spec.names.listKind: Invalid value: \"A_bList\": may have mixed case, but should otherwise match: " + Label)]
    [InlineData("spec.versions.0.name", "\"V1\"", "spec.versions[0].name: Invalid value: \"V1\": " + Label, "spec.version: Invalid value: \"V1\": " + Label)]
    [InlineData("spec.versions.0.storage", "false", "spec.versions: Invalid value: [{\"Name\":\"v1\",\"Served\":true,\"Storage\":false,\"Deprecated\":false,\"DeprecationWarning\":null,\"Schema\":null,\"Subresources\":null,\"AdditionalPrinterColumns\":null,\"SelectableFields\":null}]: must have exactly one version marked as storage version", "status.storedVersions: Invalid value: null: must have at least one stored version")]
    [InlineData("spec.versions.0.deprecationWarning", "\"x\"", "spec.versions[0].deprecationWarning: Invalid value: \"x\": can only be set for deprecated versions")]
    [InlineData("spec.versions.0.additionalPrinterColumns", """[{"type":"text","format":"odd","jsonPath":"a"},{"name":"b","type":"string","jsonPath":".a["}]""", "spec.additionalPrinterColumns[0].name: Required value", "spec.additionalPrinterColumns[0].type: Invalid value: \"text\": must be one of boolean,date,integer,number,string", "spec.additionalPrinterColumns[0].format: Invalid value: \"odd\": must be one of byte,date,date-time,double,float,int32,int64,password", "spec.additionalPrinterColumns[0].JSONPath: Invalid value: \"a\": must be a simple json path starting with .")]
    [InlineData("spec.versions.0.subresources", """{"scale":{"specReplicasPath":"spec.r","statusReplicasPath":".spec.r","labelSelectorPath":".metadata.x"}}""", "spec.subresources.scale.specReplicasPath: Invalid value: \"spec.r\": must be a simple json path starting with .", "spec.subresources.scale.statusReplicasPath: Invalid value: \".spec.r\": should be a json path under .status", "spec.subresources.scale.labelSelectorPath: Invalid value: \".metadata.x\": should be a json path under either .spec or .status")]
    [InlineData("spec.versions.0.selectableFields", """[{"jsonPath":""},{"jsonPath":"spec"},{"jsonPath":".x"},{"jsonPath":".spec[a]"},{"jsonPath":"."},{"jsonPath":".spec"}]""", "spec.selectableFields[0].jsonPath: Required value", "spec.selectableFields[1].jsonPath: Invalid value: \"spec\": is an invalid path: expected [ or . but got: spec", "spec.selectableFields[2].jsonPath: Invalid value: \".x\": is an invalid path: does not refer to a valid field", "spec.selectableFields[3].jsonPath: Invalid value: \".spec[a]\": is an invalid path: array notation is not allowed", "spec.selectableFields[4].jsonPath: Invalid value: \".\": is an invalid path: unexpected end of JSON path", "spec.selectableFields[5].jsonPath: Invalid value: \".spec\": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.")]
    [InlineData("spec.conversion", """{"strategy":"Odd"}""", "spec.conversion.strategy: Unsupported value: \"Odd\": supported values: \"None\", \"Webhook\"")]
    [InlineData("spec.conversion", """{"strategy":"None","webhook":{"conversionReviewVersions":["v1"]}}""", "spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook")]
    [InlineData("spec.conversion", """{"strategy":"Webhook","webhook":{"clientConfig":{"caBundle":"eA==","url":"https://a/b"},"conversionReviewVersions":["v1"]}}""")]
    [InlineData("spec.preserveUnknownFields", "true", "spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead")]
    public void A_definition_is_refused(string path, string value, params string[] expected) => Assert.Equal(string.Join("\n", expected), Create(Kind, With(Crd, path, value)));

    [Theory]
    [InlineData("\"unapproved, for a test\"")]
    [InlineData("\"https://example.com/1\"")]
    [InlineData("\"yes\"", "metadata.annotations[api-approved.kubernetes.io]: Invalid value: \"yes\": protected groups must have approval annotation \"api-approved.kubernetes.io\" with either a URL or a reason starting with \"unapproved\", see https://github.com/kubernetes/enhancements/pull/1111")]
    [InlineData("\"\"", "metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation \"api-approved.kubernetes.io\", see https://github.com/kubernetes/enhancements/pull/1111")]
    public void A_group_of_Kubernetes_needs_approval(string approval, params string[] expected)
    {
        var crd = With(With(Crd, "spec.group", "\"x.k8s.io\""), "metadata", "{\"name\":\"as.x.k8s.io\",\"annotations\":{\"api-approved.kubernetes.io\":" + approval + "}}");
        Assert.Equal(string.Join("\n", expected), Create(Kind, crd));
        Assert.Equal("", Update(Kind, crd, crd));
    }

    [Theory]
    [InlineData("""{"type":"string","x-kubernetes-int-or-string":true}""")]
    [InlineData("""{"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}],"allOf":[{"pattern":"a"}]}""")]
    [InlineData("""{"type":"object","additionalProperties":false}""")]
    [InlineData("""{"type":"odd"}""", Spec + ".type: Unsupported value: \"odd\": supported values: \"array\", \"boolean\", \"integer\", \"number\", \"object\", \"string\"")]
    [InlineData("""{"type":"object","anyOf":[{"type":"object","description":"d","nullable":true,"default":{},"x-kubernetes-list-type":"set"}]}""", Spec + ".anyOf[0].default: Forbidden: must be undefined to be structural", Spec + ".anyOf[0].description: Forbidden: must be empty to be structural", Spec + ".anyOf[0].nullable: Forbidden: must be false to be structural", Spec + ".anyOf[0].type: Forbidden: must be empty to be structural", Spec + ".anyOf[0].x-kubernetes-list-type: Forbidden: must be undefined to be structural", Spec + ".anyOf[0].type: Invalid value: \"object\": must be array if x-kubernetes-list-type is specified")]
    [InlineData("""{"type":"object","not":{"properties":{"metadata":{}}}}""", Spec + ".not.properties[metadata]: Forbidden: must not be specified in a nested context")]
    [InlineData("""{"x-kubernetes-embedded-resource":true}""", Spec + ".properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields", Spec + ".type: Required value: must be object if x-kubernetes-embedded-resource is true")]
    [InlineData("""{"x-kubernetes-int-or-string":true,"x-kubernetes-preserve-unknown-fields":true}""", Spec + ".x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true")]
    [InlineData("""{"type":"object","id":"x"}""", Spec + ".id: Forbidden: id is not supported")]
    [InlineData("""{"type":"object","$schema":"x"}""", Root + ": Invalid value: \"\": OpenAPI 'schema' is not supported")]
    [InlineData("""{"type":"string","x-kubernetes-map-type":"odd"}""", Spec + ".type: Invalid value: \"string\": must be object if x-kubernetes-map-type is specified", Spec + ".x-kubernetes-map-type: Unsupported value: \"odd\": supported values: \"atomic\", \"granular\"")]
    [InlineData("""{"type":"array","x-kubernetes-list-type":"set","items":{"type":"object"}}""", Spec + ".items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set")]
    [InlineData("""{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string","nullable":true}}""", Spec + ".items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is set")]
    [InlineData("""{"type":"array","x-kubernetes-list-map-keys":["a"],"items":{"type":"string"}}""", Spec + ".x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty")]
    [InlineData("""{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["a","a","b"],"items":{"type":"object","properties":{"a":{"type":"object"}}}}""", Spec + ".items.properties[a].type: Invalid value: \"object\": must be a scalar type if parent array's x-kubernetes-list-type is map", Spec + ".items.properties[a].type: Invalid value: \"object\": must be a scalar type if parent array's x-kubernetes-list-type is map", Spec + ".x-kubernetes-list-map-keys: Invalid value: [\"a\",\"a\",\"b\"]: must not contain duplicate entries", Spec + ".x-kubernetes-list-map-keys: Invalid value: [\"a\",\"a\",\"b\"]: entries must all be names of item properties", Spec + ".items.properties[a].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property", Spec + ".items.properties[a].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property")]
    [InlineData("""{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["a"],"items":{"type":"object","required":["a"],"properties":{"a":{"type":"string"}}}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"default":{"b":1}}""", Spec + ".default: Invalid value: {\"b\":1}: must not have unknown fields")]
    [InlineData("""{"type":"object","x-kubernetes-map-type":"atomic","properties":{"a":{"type":"string","x-kubernetes-validations":[{"rule":"self == oldSelf"}]}}}""")]
    [InlineData("""{"type":"object","x-kubernetes-map-type":"odd","properties":{"a":{"type":"string","x-kubernetes-validations":[{"rule":"self == oldSelf"}]}}}""", Spec + ".x-kubernetes-map-type: Unsupported value: \"odd\": supported values: \"atomic\", \"granular\"", Spec + ".properties[a].x-kubernetes-validations[0].rule: Invalid value: \"self == oldSelf\": oldSelf cannot be used on the uncorrelatable portion of the schema within " + Spec)]
    public void A_schema_is_refused(string schema, params string[] expected) => Assert.Equal(string.Join("\n", expected), Create(Kind, With(Crd, AtSchema + ".properties.spec", schema)));

    [Theory]
    [InlineData("""{"type":"array","items":{"type":"string"}}""", Root + ".type: Invalid value: \"array\": must be object at the root")]
    [InlineData("""{"type":"object","nullable":true}""", Root + ".nullable: Forbidden: nullable cannot be true at the root")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"string"}}""", Root + ".additionalProperties: Forbidden: must not be used at the root")]
    [InlineData("""{"type":"object","properties":{"kind":{"type":"object"}}}""", Root + ".properties[kind].type: Invalid value: \"object\": must be string")]
    [InlineData("""{"type":"object","properties":{"metadata":{"type":"object","properties":{"name":{"type":"string"},"labels":{"type":"object"}}}}}""", Root + ".properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified")]
    [InlineData("""{"type":"object","properties":{"metadata":{"type":"object","properties":{"name":{"type":"string","default":"n"}}}}}""", Root + ".properties[metadata].properties[name].default: Forbidden: must not be set in top-level metadata")]
    [InlineData("""{"type":"object","anyOf":[{"properties":{"b":{"minLength":1}}}]}""", Root + ".properties[b]: Required value: because it is defined in " + Root + ".anyOf[0].properties[b]")]
    public void A_root_is_refused(string schema, params string[] expected) => Assert.Equal(string.Join("\n", expected), Create(Kind, With(Crd, AtSchema, schema)));

    [Fact]
    public void Versions_have_names_of_their_own_and_do_not_go_while_objects_are_stored_in_them()
    {
        const string Version = """{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}""";
        Assert.StartsWith("spec.versions: Invalid value: [{\"Name\":\"v1\"," + Shared + ",{\"Name\":\"v1\"", Create(Kind, With(Crd, "spec.versions", $"[{Version},{With(Version, "storage", "false")}]")), StringComparison.Ordinal);
        var next = With(With(Crd, "spec.versions.0.name", "\"v2\""), "status", """{"storedVersions":["v1"]}""");
        Assert.Equal(
            "status.storedVersions[0]: Invalid value: \"v1\": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions",
            Update(Kind, Crd, next));
        Assert.Equal("status.acceptedNames.plural: Invalid value: \"A\": " + Label, Update(Kind, Crd, With(Crd, "status", """{"storedVersions":[],"acceptedNames":{"plural":"A"}}"""), "status"));
    }

    [Theory]
    [InlineData("""{"type":"object","default":{"a":1},"properties":{"a":{"type":"integer"}},"x-kubernetes-validations":[{"rule":"self.a > 1"}]}""", Spec + ".default: Invalid value: failed rule: self.a > 1")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer","default":1,"x-kubernetes-validations":[{"rule":"self > 1","message":"more"}]}}}""", Spec + ".properties[a].default: Invalid value: 1: more")]
    [InlineData("""{"type":"object","default":{"a":2},"properties":{"a":{"type":"integer"}},"x-kubernetes-validations":[{"rule":"self.a > 1"},{"rule":"self.a == oldSelf.a"}]}""")]
    [InlineData("""{"type":"object","default":{"a":["x","x"]},"properties":{"a":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}}}}""")] // upstream looks at sets in objects alone
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","format":"date","default":"x"}}}""", Spec + ".properties[a].default: Invalid value: \"x\":  in body must be of type date: \"x\"")]
    [InlineData("""{"type":"object","default":{"b":1},"properties":{"a":{"type":"string"}}}""", Spec + ".default: Invalid value: {\"b\":1}: must not have unknown fields")]
    [InlineData("""{"type":"object","default":{"a":1},"properties":{"a":{"type":"string"}}}""", Spec + ".default.a: Invalid value: \"integer\": a in body must be of type string: \"integer\"")]
    [InlineData("""{"type":"object","x-kubernetes-embedded-resource":true,"properties":{"kind":{"type":"string","default":"%"}}}""", Spec + ".properties[kind].default: Invalid value: \"%\": must result in valid metadata: kind: Invalid value: \"%\": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')")]
    [InlineData("""{"type":"object","x-kubernetes-embedded-resource":true,"properties":{"metadata":{"type":"object","properties":{"name":{"type":"string","default":"b"}}}}}""")]
    public void Defaults_obey_the_rules_of_their_schema(string spec, params string[] expected) =>
        Assert.Equal(string.Join("\n", expected), Create(Kind, With(Crd, AtSchema + ".properties.spec", spec)));
}

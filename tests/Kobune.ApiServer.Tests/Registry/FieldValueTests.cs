using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Tests.Registry;

/// <summary>How values look in validation messages.</summary>
public class FieldValueTests
{
    private const string Probe = """{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"10m"}},"livenessProbe":{"httpGet":{"port":80}}}],"hostNetwork":true,"restartPolicy":"Never","priority":7,"setHostnameAsFQDN":true}}""";

    private const string ShownProbe = "{\"Exec\":null,\"HTTPGet\":{\"Path\":\"\",\"Port\":80,\"Host\":\"\",\"Scheme\":\"\",\"HTTPHeaders\":null},\"TCPSocket\":null,\"GRPC\":null,"
        + "\"InitialDelaySeconds\":0,\"TimeoutSeconds\":0,\"PeriodSeconds\":0,\"SuccessThreshold\":0,\"FailureThreshold\":0,\"TerminationGracePeriodSeconds\":null}";

    private const string ShownContainer = "{\"Name\":\"c\",\"Image\":\"i\",\"Command\":null,\"Args\":null,\"WorkingDir\":\"\",\"Ports\":null,\"EnvFrom\":null,\"Env\":null,"
        + "\"Resources\":{\"Limits\":null,\"Requests\":{\"cpu\":\"10m\"},\"Claims\":null},\"ResizePolicy\":null,\"RestartPolicy\":null,\"RestartPolicyRules\":null,\"VolumeMounts\":null,\"VolumeDevices\":null,"
        + "\"LivenessProbe\":" + ShownProbe + ",\"ReadinessProbe\":null,\"StartupProbe\":null,\"Lifecycle\":null,\"TerminationMessagePath\":\"\",\"TerminationMessagePolicy\":\"\",\"ImagePullPolicy\":\"\","
        + "\"SecurityContext\":null,\"Stdin\":false,\"StdinOnce\":false,\"TTY\":false}";

    private const string ShownSecurity = "{\"HostNetwork\":true,\"HostPID\":false,\"HostIPC\":false,\"ShareProcessNamespace\":null,\"HostUsers\":null,\"SELinuxOptions\":null,\"WindowsOptions\":null,\"RunAsUser\":null,"
        + "\"RunAsGroup\":null,\"RunAsNonRoot\":null,\"SupplementalGroups\":null,\"SupplementalGroupsPolicy\":null,\"FSGroup\":null,\"Sysctls\":null,\"FSGroupChangePolicy\":null,\"SeccompProfile\":null,"
        + "\"AppArmorProfile\":null,\"SELinuxChangePolicy\":null}";

    private const string ShownTemplate = "{\"labels\":{\"a\":\"b\"},\"Spec\":{\"Volumes\":null,\"InitContainers\":null,\"Containers\":[" + ShownContainer + "],\"EphemeralContainers\":null,\"RestartPolicy\":\"Never\","
        + "\"TerminationGracePeriodSeconds\":null,\"ActiveDeadlineSeconds\":null,\"DNSPolicy\":\"\",\"NodeSelector\":null,\"ServiceAccountName\":\"\",\"AutomountServiceAccountToken\":null,\"NodeName\":\"\","
        + "\"SecurityContext\":" + ShownSecurity + ",\"ImagePullSecrets\":null,\"Hostname\":\"\",\"Subdomain\":\"\",\"SetHostnameAsFQDN\":true,\"Affinity\":null,\"SchedulerName\":\"\",\"Tolerations\":null,"
        + "\"HostAliases\":null,\"PriorityClassName\":\"\",\"Priority\":7,\"PreemptionPolicy\":null,\"DNSConfig\":null,\"ReadinessGates\":null,\"RuntimeClassName\":null,\"EnableServiceLinks\":null,"
        + "\"Overhead\":null,\"TopologySpreadConstraints\":null,\"OS\":null,\"SchedulingGates\":null,\"ResourceClaims\":null,\"Resources\":null,\"HostnameOverride\":null,\"SchedulingGroup\":null}}";

    public static TheoryData<string, object?, string> Values => new()
    {
        { "nothing", null, "null" },
        { "a text", "a\"b\\\n\a\u200b\u00fc\u001b<", "\"a\\\"b\\\\\\n\\a\\u200b\u00fc\\x1b<\"" },
        { "a number", 7, "7" },
        { "a flag", true, "true" },
        { "a quantity", Quantity.Parse("1500m"), "\"1500m\"" },
        { "a share", new IntOrString("50%"), "\"50%\"" },
        { "a list", new[] { "a<b", "\u00fc" }, "[\"a\\u003cb\",\"\u00fc\"]" },
        { "a map by its keys", new Dictionary<string, string> { ["b"] = "&", ["a"] = "x" }, "{\"a\":\"x\",\"b\":\"\\u0026\"}" },
        { "a type of meta/v1 as outside", new LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "b" } }, "{\"matchLabels\":{\"app\":\"b\"}}" },
        { "all fields of an internal type", new ServicePort { Protocol = "TCP", Port = 80 }, "{\"Name\":\"\",\"Protocol\":\"TCP\",\"AppProtocol\":null,\"Port\":80,\"TargetPort\":0,\"NodePort\":0}" },
        { "a list of internal types", new[] { new PodIP { IP = "10.0.0.1" } }, "[{\"IP\":\"10.0.0.1\"}]" },
        { "no pointer inside", new StatefulSetUpdateStrategy { Type = "Some", RollingUpdate = new() }, "{\"Type\":\"Some\",\"RollingUpdate\":{\"Partition\":0,\"MaxUnavailable\":null}}" },
        { "a template of pods", JsonText.Read<PodTemplateSpec>(System.Text.Encoding.UTF8.GetBytes(Probe)), ShownTemplate },
    };

    [Theory, MemberData(nameof(Values))]
    public void Values_look_as_upstreams(string what, object? value, string shown)
    {
        Assert.NotEmpty(what);
        Assert.Equal(shown, FieldValue.Show(value));
    }
}

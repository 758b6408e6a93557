using System.Text.Json;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Schema;
using Kobune.ControllerManager.Revisions;
using static Kobune.ControllerManager.Tests.TestObjects;

namespace Kobune.ControllerManager.Tests.Revisions;

public class RevisionDataTests
{
    private static readonly KubernetesVersion V36 = KubernetesVersion.Newest;
    private static readonly KubernetesVersion V33 = new(33, 0);

    [Fact]
    public void Data_are_a_patch_that_replaces_the_template_with_sorted_keys() => Assert.Equal(
        """{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"image":"v1","name":"c","resources":{}}],"terminationGracePeriodSeconds":30}}}}""",
        RevisionData.Of(Template("v1") with { Spec = Template("v1").Spec with { TerminationGracePeriodSeconds = 30 } }, V36).GetRawText());

    [Fact]
    public void Texts_are_escaped_as_Go_does()
    {
        var template = Template("v1") with { Metadata = new ObjectMeta { Annotations = new Dictionary<string, string> { ["b"] = "<&>", ["a"] = "é\u2028" } } };
        Assert.Contains("""{"annotations":{"a":"é\u2028","b":"\u003c\u0026\u003e"}}""", RevisionData.Of(template, V36).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Until_release_33_a_template_has_a_time_of_creation_of_null()
    {
        var template = Template("v1") with
        {
            Metadata = new ObjectMeta { Annotations = new Dictionary<string, string> { ["a"] = "b" }, Labels = Web },
            Spec = new PodSpec { Containers = [new Container { Name = "c" }], Volumes = [new Volume { Name = "v", Ephemeral = new() { VolumeClaimTemplate = new() } }] },
        };
        var text = RevisionData.Of(template, V33).GetRawText();
        Assert.Contains("""{"annotations":{"a":"b"},"creationTimestamp":null,"labels":{"app":"web"}}""", text, StringComparison.Ordinal);
        Assert.Contains("\"volumeClaimTemplate\":{\"metadata\":{\"creationTimestamp\":null},", text, StringComparison.Ordinal);
        Assert.DoesNotContain("null", RevisionData.Of(template, V36).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_revision_gives_its_template_back()
    {
        var template = Template("v7");
        Assert.Equal(template, RevisionData.Template(new ControllerRevision { Data = RevisionData.Of(template, V36) }));
        Assert.Null(RevisionData.Template(new ControllerRevision()));
        Assert.Null(RevisionData.Template(new ControllerRevision { Data = JsonDocument.Parse("[1]").RootElement }));
        Assert.Null(RevisionData.Template(new ControllerRevision { Data = JsonDocument.Parse("""{"spec":{}}""").RootElement }));
    }

    [Fact]
    public void A_revision_that_another_release_wrote_is_the_same_one()
    {
        var old = new ControllerRevision { Data = RevisionData.Of(Template("v1"), V33) };
        Assert.True(RevisionData.Matches(old, RevisionData.Of(Template("v1"), V36), Template("v1")));
        Assert.False(RevisionData.Matches(old, RevisionData.Of(Template("v2"), V36), Template("v2")));
    }

    // The names that upstream's own suite is known to see: its set ss2 with these two images.
    [Theory]
    [InlineData("docker.io/library/httpd:2.4.38-alpine", "ss2-65c7964b94")]
    [InlineData("docker.io/library/httpd:2.4.39-alpine", "ss2-84f9d6bf57")]
    public void Names_are_those_of_upstream(string image, string expected)
    {
        var template = new PodTemplateSpec
        {
            Metadata = new ObjectMeta { Labels = new Dictionary<string, string> { ["foo"] = "bar", ["baz"] = "blah" } },
            Spec = new PodSpec
            {
                Containers =
                [
                    new Container
                    {
                        Name = "webserver",
                        Image = image,
                        ImagePullPolicy = "IfNotPresent",
                        TerminationMessagePath = "/dev/termination-log",
                        TerminationMessagePolicy = "File",
                        ReadinessProbe = new Probe
                        {
                            HTTPGet = new HTTPGetAction { Path = "/index.html", Port = 80, Scheme = "HTTP" },
                            PeriodSeconds = 1,
                            SuccessThreshold = 1,
                            FailureThreshold = 1,
                            TimeoutSeconds = 1,
                        },
                    },
                ],
                RestartPolicy = "Always",
                TerminationGracePeriodSeconds = 30,
                DNSPolicy = "ClusterFirst",
                SecurityContext = new PodSecurityContext(),
                SchedulerName = "default-scheduler",
            },
        };
        Assert.Equal(expected, RevisionNames.Of("ss2", RevisionNames.Hash(RevisionData.Of(template, V33), 0)));
    }

    [Fact]
    public void A_long_owner_name_is_cut() => Assert.Equal(new string('a', 223) + "-x", RevisionNames.Of(new string('a', 240), "x"));

    [Fact]
    public void Revisions_are_ordered_by_number_then_age_then_name()
    {
        ControllerRevision Of(string name, long number, int minute) => new() { Metadata = new ObjectMeta { Name = name, CreationTimestamp = Now.AddMinutes(minute) }, Revision = number };
        var sorted = RevisionOrder.Sorted([Of("d", 2, 0), Of("b", 1, 5), Of("c", 1, 1), Of("a", 1, 5)]);
        Assert.Equal(["c", "a", "b", "d"], sorted.Select(r => r.Metadata.Name));
        Assert.Equal(3, RevisionOrder.Next(sorted));
        Assert.Equal(1, RevisionOrder.Next([]));
    }
}

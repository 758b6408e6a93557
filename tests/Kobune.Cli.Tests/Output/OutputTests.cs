using System.Text.Json;
using Kobune.Cli.Clusters;
using Kobune.Cli.Commands;
using Kobune.Cli.Images;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Tests.Output;

public class OutputTests
{
    [Fact]
    public void A_table_is_drawn_with_box_characters_and_cells_of_several_lines() => Assert.Equal(
        """
        ┌──────┬─────────────┐
        │ NAME │ TARGET PORT │
        ├──────┼─────────────┤
        │ web  │ http/80     │
        │      │ https/443   │
        │ 小舟 │             │
        └──────┴─────────────┘

        """,
        BoxTable.Render(["NAME", "TARGET PORT"], [["web", "http/80\nhttps/443"], ["小舟", ""]]));

    [Theory]
    [InlineData("Running", "Running", "Running", "Configured", 0)]
    [InlineData("Running", "Stopped", "Running", "Configured", 2)]
    [InlineData("Running", "Running", "Stopped", "Misconfigured", 6)]
    [InlineData("Stopped", "Stopped", "Stopped", "Stopped", 7)]
    [InlineData("Running", "Running", "Irrelevant", "Irrelevant", 0)]
    public void Status_has_a_bit_for_each_part(string host, string kubelet, string server, string kubeconfig, int bits) =>
        Assert.Equal(bits, new NodeStatus("demo", host, kubelet, server, kubeconfig, false).ExitBits);

    [Fact]
    public void Status_of_one_node_is_an_object_and_of_two_an_array()
    {
        var first = new NodeStatus("demo", "Running", "Running", "Running", "Configured", false);
        Assert.Equal("""{"Name":"demo","Host":"Running","Kubelet":"Running","APIServer":"Running","Kubeconfig":"Configured","Worker":false}""", StatusCommand.Json([first]));
        var both = JsonDocument.Parse(StatusCommand.Json([first, new("demo-m02", "Running", "Running", "Irrelevant", "Irrelevant", true)])).RootElement;
        Assert.Equal(2, both.GetArrayLength());
        Assert.Equal("demo\ntype: Control Plane\nhost: Running\nkubelet: Running\napiserver: Running\nkubeconfig: Configured\n\n", StatusCommand.Text([first]));
    }

    [Fact]
    public void Steps_in_json_are_cloud_events_with_rising_numbers()
    {
        var output = new StringWriter();
        var reporter = new Reporter(output, new StringWriter(), Translator.For("en"), icons: false, json: true);
        reporter.Step(Icon.Driver, "Selecting Driver", Message.UsingDriverAuto, "native");
        reporter.Step(Icon.Verify, "Verifying Kubernetes", Message.Verifying);
        reporter.Fail(Reason.Unsupported, "no", null);
        var events = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(["0", "1"], events.Take(2).Select(e => e.GetProperty("data").GetProperty("currentstep").GetString()));
        Assert.Equal("io.k8s.sigs.kobune.step", events[0].GetProperty("type").GetString());
        Assert.Equal(("io.k8s.sigs.kobune.error", "56"), (events[2].GetProperty("type").GetString(), events[2].GetProperty("data").GetProperty("exitcode").GetString()));
    }

    [Fact]
    public void Steps_are_plain_in_a_pipe_and_have_icons_on_a_terminal()
    {
        foreach (var (icons, expected) in new[] { (false, "* Using the native driver based on user configuration\n"), (true, "✨  Using the native driver based on user configuration\n") })
        {
            var output = new StringWriter();
            new Reporter(output, new StringWriter(), Translator.For("en"), icons, json: false).Step(Icon.Driver, "Selecting Driver", Message.UsingDriverUser, "native");
            Assert.Equal(expected, output.ToString());
        }
    }

    [Theory]
    [InlineData(true, "xterm-256color", null, true)]
    [InlineData(false, "xterm-256color", null, false)]
    [InlineData(true, "dumb", null, false)]
    [InlineData(false, "dumb", "true", true)]
    public void Icons_need_a_terminal_with_colours(bool isTerminal, string term, string? wanted, bool expected) =>
        Assert.Equal(expected, Style.UsesIcons(isTerminal, name => name switch { "TERM" => term, "KOBUNE_IN_STYLE" => wanted, _ => null }));

    [Fact]
    public void A_service_has_a_url_for_each_port_in_order()
    {
        var service = JsonDocument.Parse("""
            {"metadata":{"name":"web","namespace":"default"},"spec":{"selector":{"app":"web"},"ports":[{"name":"http","port":80,"nodePort":30080},{"port":443,"nodePort":30443}]}}
            """).RootElement;
        var urls = ServiceUrls.Of(service, "192.168.49.2", "http://{{.IP}}:{{.Port}}", https: false);
        Assert.Equal(["http://192.168.49.2:30080", "http://192.168.49.2:30443"], urls.Urls);
        Assert.Equal(["http/80", "443"], urls.Ports);
        Assert.Equal(["192.168.49.2", "192.168.49.2"], ServiceUrls.Of(service, "192.168.49.2", "{{.IP}}", https: false).Urls);
        Assert.StartsWith("https://", ServiceUrls.Of(service, "192.168.49.2", "http://{{.IP}}:{{.Port}}", https: true).Urls[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hello", "docker.io/library/hello:latest")]
    [InlineData("me/hello:1", "docker.io/me/hello:1")]
    [InlineData("localhost/x", "localhost/x:latest")]
    [InlineData("localhost:5000/x:2", "localhost:5000/x:2")]
    [InlineData("registry.k8s.io/echoserver:1.10", "registry.k8s.io/echoserver:1.10")]
    [InlineData("x@sha256:ab", "docker.io/library/x@sha256:ab")]
    public void Image_names_are_completed_as_Kubernetes_does(string name, string expected) => Assert.Equal(expected, ImageReference.Complete(name));

    [Fact]
    public void Images_of_the_runtime_are_written_in_four_forms()
    {
        var images = ImageInfo.Of(
        [
            new("sha256:ffff", [], ["r.test/gone@sha256:bbbb"], 5),
            new("sha256:588a829fe5f8512345", ["registry.k8s.io/pause:3.10"], [], 2867),
        ]);
        Assert.Equal("registry.k8s.io/pause:3.10\n", ImageInfo.Format(images, "short"));
        Assert.Contains("│ registry.k8s.io/pause │ 3.10 │ 588a829fe5f85 │ 2.9kB │", ImageInfo.Format(images, "table"), StringComparison.Ordinal);
        Assert.Equal("""[{"id":"588a829fe5f8512345","repoDigests":[],"repoTags":["registry.k8s.io/pause:3.10"],"size":"2867"},{"id":"ffff","repoDigests":["r.test/gone@sha256:bbbb"],"repoTags":[],"size":"5"}]""" + "\n", ImageInfo.Format(images, "json"));
        Assert.Contains("  repoTags:\n  - registry.k8s.io/pause:3.10\n", ImageInfo.Format(images, "yaml"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("web", true)]
    [InlineData("docker.io/library/web:latest", true)]
    [InlineData("web:2", false)]
    [InlineData("abcdef", true)]
    [InlineData("sha256:abcd", true)]
    [InlineData("abc", false)]
    [InlineData("web@sha256:dddd", true)]
    public void An_image_is_called_by_name_or_by_the_beginning_of_its_id(string word, bool expected) =>
        Assert.Equal(expected, new ImageInfo("sha256:abcdef0123", ["docker.io/library/web:latest"], ["docker.io/library/web@sha256:dddd"], 1).IsCalled(word));

    [Fact]
    public void A_Dockerfile_names_its_build_contexts_in_comments() =>
        Assert.Equal(["busybox=deb:busybox-static"], BuildContexts.InDockerfile(["# kobune:build-context busybox=deb:busybox-static", "FROM scratch", "RUN echo '# kobune:build-context x=y'"]));

    [Fact]
    public void Kubectl_gets_the_context_before_its_own_words()
    {
        Assert.Equal(["--context=demo", "get", "pods"], KubectlCommand.WithContext("demo", ["get", "pods"]));
        Assert.Equal(["__complete", "--context=demo", "get"], KubectlCommand.WithContext("demo", ["__complete", "get"]));
        Assert.Equal(["--context", "other", "get"], KubectlCommand.WithContext("demo", ["--context", "other", "get"]));
    }
}

using Kobune.Client.Configuration;

namespace Kobune.Client.Tests;

public class KubeConfigTests
{
    private const string Text = """
        apiVersion: v1
        kind: Config
        current-context: kobune
        clusters:
        - name: kobune
          cluster: {server: "https://192.168.49.2:8443", tls-server-name: kubernetes}
        - name: bad
          cluster: {}
        users:
        - name: kobune
          user: {token: "secret"}
        - name: plugin
          user: {exec: {command: aws}}
        contexts:
        - name: kobune
          context: {cluster: kobune, user: kobune, namespace: team}
        - name: plugin
          context: {cluster: kobune, user: plugin}
        - name: bad
          context: {cluster: bad, user: kobune}
        - name: lost
          context: {cluster: nowhere, user: kobune}
        """;

    [Fact]
    public void The_current_context_gives_server_and_credentials()
    {
        var config = KubeConfig.Parse(Text);
        var options = config.Options();
        Assert.Equal(("https://192.168.49.2:8443/", "kubernetes", "secret"), (options.Server.ToString(), options.ServerName, options.BearerToken!()));
        Assert.Equal(("team", "default"), (config.Namespace(), config.Namespace("bad")));
        Assert.Equal(["kobune", "plugin", "bad", "lost"], config.Contexts);
    }

    [Theory]
    [InlineData("plugin", "exec")]
    [InlineData("bad", "no valid server")]
    [InlineData("lost", "no cluster named \"nowhere\"")]
    [InlineData("none", "no context named \"none\"")]
    public void What_is_wrong_is_named(string context, string expected)
    {
        Assert.Contains(expected, Assert.Throws<KubeConfigException>(() => KubeConfig.Parse(Text).Options(context)).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("- a")]
    [InlineData("a: [")]
    public void Text_that_is_no_kubeconfig_is_refused(string text)
    {
        Assert.Throws<KubeConfigException>(() => KubeConfig.Parse(text));
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        Assert.Contains("/nonexistent/config", Assert.Throws<KubeConfigException>(() => KubeConfig.Load("/nonexistent/config")).Message);
    }
}

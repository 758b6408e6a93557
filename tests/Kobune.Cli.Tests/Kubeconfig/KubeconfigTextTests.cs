using Kobune.Cli.Kubeconfig;

namespace Kobune.Cli.Tests.Kubeconfig;

public class KubeconfigTextTests
{
    private const string Foreign = """
        # my clusters
        apiVersion: v1
        kind: Config
        clusters:
          # the one at work
          - cluster:
              certificate-authority: /etc/work.crt # not mine
              server: https://work:6443
            name: work
        contexts:
        - context: {cluster: work, user: me}
          name: work
        current-context: work
        users:
        - name: me
          user:
            token: |
              abc
              def
        # the end

        """;

    private static readonly KubeconfigEntry Entry = new("demo", "https://192.168.49.2:8443", "CA", "CERT", "KEY") { WrittenAt = DateTimeOffset.UnixEpoch };

    [Fact]
    public void An_entry_goes_in_and_out_and_leaves_a_foreign_file_as_it_was()
    {
        var text = KubeconfigText.Parse(Foreign);
        text.Put(Entry, "default");
        text.SetCurrentContext("demo");
        var with = text.ToString();
        foreach (var line in Foreign.Split('\n').Where(l => !l.StartsWith("current-context", StringComparison.Ordinal)))
        {
            Assert.Contains(line, with.Split('\n'));
        }

        Assert.Equal("https://192.168.49.2:8443", KubeconfigText.Parse(with).ServerOf("demo"));
        Assert.Equal("https://work:6443", KubeconfigText.Parse(with).ServerOf("work"));
        Assert.True(KubeconfigText.Parse(with).HasContext("demo"));
        Assert.True(text.Remove("demo"));
        Assert.Equal("", text.CurrentContext);
        text.SetCurrentContext("work");
        Assert.Equal(Foreign, text.ToString());
    }

    [Fact]
    public void Writing_an_entry_twice_replaces_it()
    {
        var text = KubeconfigText.Parse("");
        text.Put(Entry, "default");
        var once = text.ToString();
        text.Put(Entry, "default");
        Assert.Equal(once, text.ToString());
        text.Put(Entry with { Server = "https://192.168.58.2:8443" }, "default");
        Assert.Equal("https://192.168.58.2:8443", text.ServerOf("demo"));
    }

    [Fact]
    public void A_new_file_ends_empty_when_its_only_entry_goes()
    {
        var text = KubeconfigText.Parse("");
        var empty = text.ToString();
        text.Put(Entry, "default");
        text.SetCurrentContext("demo");
        Assert.True(text.Remove("demo"));
        Assert.Equal(empty, text.ToString());
        Assert.False(text.Remove("demo"));
    }

    [Theory]
    [InlineData("clusters: null\ncontexts:\nusers: []\n")]
    [InlineData("apiVersion: v1\n")]
    [InlineData("{\"apiVersion\": \"v1\", \"clusters\": [{\"name\": \"work\", \"cluster\": {\"server\": \"https://work\"}}], \"users\": [], \"contexts\": []}")]
    public void Other_shapes_of_a_kubeconfig_take_an_entry_too(string before)
    {
        var text = KubeconfigText.Parse(before);
        text.Put(Entry, "default");
        text.SetCurrentContext("demo");
        var again = KubeconfigText.Parse(text.ToString());
        Assert.Equal("demo", again.CurrentContext);
        Assert.Equal("https://192.168.49.2:8443", again.ServerOf("demo"));
        if (before.Contains("work", StringComparison.Ordinal))
        {
            Assert.Equal("https://work", again.ServerOf("work"));
        }
    }

    [Theory]
    [InlineData("clusters: [")]
    [InlineData("- a\n- b\n")]
    [InlineData("clusters: hello\n")]
    [InlineData("a: b: c\n")]
    public void A_broken_file_is_refused(string text) => Assert.Throws<FormatException>(() => KubeconfigText.Parse(text));

    [Fact]
    public void Every_cut_of_a_file_is_read_or_refused()
    {
        for (var length = 0; length < Foreign.Length; length++)
        {
            try
            {
                var text = KubeconfigText.Parse(Foreign[..length]);
                text.Put(Entry, "default");
                Assert.Equal("https://192.168.49.2:8443", KubeconfigText.Parse(text.ToString()).ServerOf("demo"));
            }
            catch (FormatException)
            {
                // Refused before anything was written.
            }
        }
    }
}

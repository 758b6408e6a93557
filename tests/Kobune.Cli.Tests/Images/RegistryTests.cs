using System.Text;
using Kobune.Cli.Images;
using Kobune.Cli.Shells;

namespace Kobune.Cli.Tests.Images;

public class RegistryTests
{
    [Theory]
    [InlineData("""{"auths":{"r.test:5000":{"auth":"YWRhOmE6Yg=="}}}""", "r.test:5000", "ada/a:b")]
    [InlineData("""{"auths":{"https://r.test/v2/":{"auth":"YWRhOng="}}}""", "r.test", "ada/x")]
    [InlineData("""{"auths":{"https://index.docker.io/v1/":{"auth":"YWRhOng="}}}""", "docker.io", "ada/x")]
    [InlineData("""{"auths":{"other.test":{"auth":"YWRhOng="}}}""", "r.test", null)]
    [InlineData("""{"auths":{"r.test":{}},"credsStore":"desktop"}""", "r.test", null)]
    [InlineData("""{"auths":{"r.test":{"auth":"not base64"}}}""", "r.test", null)]
    [InlineData("[]", "r.test", null)]
    [InlineData("no json", "r.test", null)]
    public void The_users_of_docker_login_are_known(string json, string host, string? expected) =>
        Assert.Equal(expected, RegistryLogin.Read(Encoding.UTF8.GetBytes(json), host) is { } user ? $"{user.Name}/{user.Password}" : null);

    [Fact]
    public async Task The_users_are_looked_for_where_docker_and_podman_keep_them()
    {
        var home = Directory.CreateTempSubdirectory("kobune-login-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(home, "docker"));
            File.WriteAllText(Path.Combine(home, "docker", "config.json"), """{"auths":{"a.test":{"auth":"YWRhOng="}}}""");
            File.WriteAllText(Path.Combine(home, "podman.json"), """{"auths":{"b.test":{"auth":"Ym9iOnk="}}}""");
            string? Variable(string name) => name switch { "DOCKER_CONFIG" => Path.Combine(home, "docker"), "REGISTRY_AUTH_FILE" => Path.Combine(home, "podman.json"), "HOME" => home, _ => null };
            Assert.Equal("ada", (await RegistryLogin.FindAsync(Variable, "a.test", TestContext.Current.CancellationToken))?.Name);
            Assert.Equal("bob", (await RegistryLogin.FindAsync(Variable, "b.test", TestContext.Current.CancellationToken))?.Name);
            Assert.Null(await RegistryLogin.FindAsync(Variable, "c.test", TestContext.Current.CancellationToken));
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }
    }

    [Theory]
    [InlineData("""{"credsStore":"desktop"}""", "r.test", "desktop")]
    [InlineData("""{"credsStore":"desktop","credHelpers":{"r.test":"own"}}""", "r.test", "own")]
    [InlineData("""{"credsStore":"desktop","credHelpers":{"r.test":""}}""", "r.test", null)]
    [InlineData("""{"credsStore":"desktop","credHelpers":{"r.test":"own"}}""", "other.test", "desktop")]
    [InlineData("""{"credHelpers":{"https://index.docker.io/v1/":"hub"}}""", "docker.io", "hub")]
    [InlineData("""{"credsStore":""}""", "r.test", null)]
    [InlineData("""{"credHelpers":[]}""", "r.test", null)]
    [InlineData("no json", "r.test", null)]
    public void The_helper_of_a_registry_comes_before_that_of_all(string json, string host, string? expected) =>
        Assert.Equal(expected, RegistryLogin.HelperOf(Encoding.UTF8.GetBytes(json), host));

    [Theory]
    [InlineData("""{"ServerURL":"r.test","Username":"ada","Secret":"lovelace"}""", "ada/lovelace/")]
    [InlineData("""{"ServerURL":"r.test","Username":"<token>","Secret":"long"}""", "//long")]
    [InlineData("""{"ServerURL":"r.test","Username":"","Secret":""}""", null)]
    [InlineData("credentials not found in native keychain", null)]
    [InlineData("{}", null)]
    public void A_helpers_answer_is_a_user_or_an_identity_token(string answer, string? expected) =>
        Assert.Equal(expected, RegistryLogin.ReadAnswer(answer) is { } user ? $"{user.Name}/{user.Password}/{user.IdentityToken}" : null);

    [Fact]
    public void The_builder_knows_mirrors_and_insecure_registries()
    {
        var text = BuildRegistries.Text(["https://mirror.test", "http://plain.test:5000"], ["bad.test:5001"]);
        Assert.Contains("unqualified-search-registries = [\"docker.io\"]", text, StringComparison.Ordinal);
        Assert.Contains("location = \"mirror.test\"\ninsecure = false", text, StringComparison.Ordinal);
        Assert.Contains("location = \"plain.test:5000\"\ninsecure = true", text, StringComparison.Ordinal);
        Assert.EndsWith("[[registry]]\nlocation = \"bad.test:5001\"\ninsecure = true\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/bin/bash", "unset A;\nexport B=\"old\"\n")]
    [InlineData("/usr/bin/fish", "set -e A;\nset -gx B \"old\";\n")]
    [InlineData("powershell", "Remove-Item Env:\\A\n$Env:B = \"old\"\n")]
    [InlineData("cmd", "SET A=\nSET B=old\n")]
    [InlineData("tcsh", "unsetenv A;\nsetenv B \"old\";\n")]
    [InlineData(null, "unset A;\nexport B=\"old\"\n")]
    public void Each_shell_forgets_in_its_own_words(string? shell, string expected) =>
        Assert.Equal(expected, ShellSyntax.For(shell).Unset(["A", "B"], name => name == "MINIKUBE_EXISTING_B" ? "old" : null));
}

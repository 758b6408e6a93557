using Kobune.Api.Validation;

namespace Kobune.Api.Tests.Validation;

public class NameValidationTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("web-1")]
    [InlineData("123")]
    public void Good_labels(string value) => Assert.Empty(NameValidation.Dns1123Label(value));

    [Theory]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("a_b")]
    public void Bad_labels(string value) =>
        Assert.Equal(["a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"], NameValidation.Dns1123Label(value));

    [Theory]
    [InlineData("a.b", "must not contain dots")]
    public void Dotted_labels(string value, string message) => Assert.Equal([message], NameValidation.Dns1123Label(value));

    [Theory]
    [InlineData("a.b-c.d", 0)]
    [InlineData("a..b", 1)]
    [InlineData("A.b", 1)]
    [InlineData("", 1)]
    public void Subdomains(string value, int problems) => Assert.Equal(problems, NameValidation.Dns1123Subdomain(value).Count);

    [Theory]
    [InlineData("_srv.my_host.example", 0)]
    [InlineData("a.b", 0)]
    [InlineData("__a.b", 1)]
    [InlineData("a_.b", 1)]
    [InlineData("_", 1)]
    [InlineData("a..b", 1)]
    [InlineData("A.b", 1)]
    [InlineData("", 1)]
    public void Search_domains(string value, int problems) => Assert.Equal(problems, NameValidation.Dns1123SubdomainWithUnderscore(value).Count);

    [Theory]
    [InlineData("app", 0)]
    [InlineData("example.com/App_1", 0)]
    [InlineData("/a", 1)]
    [InlineData("a/", 2)]
    [InlineData("a/b/c", 1)]
    [InlineData("bad key", 1)]
    public void Qualified_names(string value, int problems) => Assert.Equal(problems, NameValidation.QualifiedName(value).Count);

    [Theory]
    [InlineData("1.2.3.4", true)]
    [InlineData("::1", true)]
    [InlineData("01.2.3.4", false)]
    [InlineData("1.2.3", false)]
    [InlineData("256.1.1.1", false)]
    public void Addresses(string value, bool good) => Assert.Equal(good, NameValidation.IpAddress(value).Count == 0);

    [Theory]
    [InlineData("http", 0)]
    [InlineData("8080", 1)]
    [InlineData("a--b", 1)]
    [InlineData("-a", 1)]
    public void Port_names(string value, int problems) => Assert.Equal(problems, NameValidation.PortName(value).Count);
}

using Kobune.Kubelet.Registry;

namespace Kobune.Kubelet.Tests.Registry;

public class RegistryRequestTests
{
    [Theory]
    [InlineData("/v2/", null, "Base  ")]
    [InlineData("/v2", null, "Base  ")]
    [InlineData("/v2/library/web/manifests/1", "docker.io", "Manifest docker.io/library/web 1")]
    [InlineData("/v2/team/app/web/manifests/latest", "r.test:5000", "Manifest r.test:5000/team/app/web latest")]
    [InlineData("/v2/web/blobs/sha256:ab", "r.test", "Blob r.test/web sha256:ab")]
    [InlineData("/v2/r.test/web/manifests/1", null, "Manifest r.test/web 1")]
    [InlineData("/v2/localhost/web/manifests/1", null, "Manifest localhost/web 1")]
    [InlineData("/v2/library/web/manifests/1", "", "Manifest docker.io/library/web 1")]
    [InlineData("/v2/manifests/manifests/manifests", "r.test", "Manifest r.test/manifests manifests")]
    [InlineData("/v2/web/blobs/latest", "r.test", null)]
    [InlineData("/v2/web/tags/list", "r.test", null)]
    [InlineData("/v2/manifests/1", "r.test", null)]
    [InlineData("/v2/web//manifests/1", "r.test", null)]
    [InlineData("/v2/../../etc/manifests/1", "r.test", null)]
    [InlineData("/v1/web/manifests/1", "r.test", null)]
    [InlineData("/", null, null)]
    public void Parse(string path, string? ns, string? expected) =>
        Assert.Equal(expected, RegistryRequest.Parse(path, ns) is { } request ? $"{request.Resource} {request.Repository} {request.Reference}" : null);
}

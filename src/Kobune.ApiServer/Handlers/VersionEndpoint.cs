using System.Runtime.InteropServices;
using System.Text.Json;
using Kobune.Api.Json;
using Kobune.Api.Schema;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>/version: the Kubernetes release whose behaviour is served. Clients compare the numbers.</summary>
internal sealed class VersionEndpoint(KubernetesVersion version) : IPathEndpoint
{
    /// <summary>Since this release the answer tells which older one is emulated, and down to which it could be. Source: k8s.io/apimachinery, pkg/version.</summary>
    private const int TellsEmulation = 33;

    private readonly byte[] _body = Body(version);

    public bool Serves(string path) => path is "/version" or "/version/";

    public ValueTask<ApiResult> ServeAsync(ApiCall call, CancellationToken ct) => new(new BytesResult("application/json", _body));

    private static byte[] Body(KubernetesVersion version)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, JsonText.WriterOptions with { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("major", "1");
            writer.WriteString("minor", $"{version.Minor}");
            if (version.Minor >= TellsEmulation)
            {
                writer.WriteString("emulationMajor", "1");
                writer.WriteString("emulationMinor", $"{version.Minor}");
                writer.WriteString("minCompatibilityMajor", "1");
                writer.WriteString("minCompatibilityMinor", $"{version.Minor - 1}");
            }

            writer.WriteString("gitVersion", version.GitVersion);
            writer.WriteString("gitCommit", "");
            writer.WriteString("gitTreeState", "clean");
            writer.WriteString("buildDate", "1970-01-01T00:00:00Z");
            writer.WriteString("goVersion", RuntimeInformation.FrameworkDescription);
            writer.WriteString("compiler", "roslyn");
            writer.WriteString("platform", "linux/" + (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "amd64"));
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }
}

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>/version: the Kubernetes release whose behaviour is served.</summary>
internal sealed class VersionEndpoint : IPathEndpoint
{
    /// <summary>gitVersion; clients compare its number.</summary>
    public const string GitVersion = "v1.36.0+kobune";

    private static readonly byte[] Body = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""
        {
          "major": "1",
          "minor": "36",
          "emulationMajor": "1",
          "emulationMinor": "36",
          "minCompatibilityMajor": "1",
          "minCompatibilityMinor": "35",
          "gitVersion": "{{GitVersion}}",
          "gitCommit": "",
          "gitTreeState": "clean",
          "buildDate": "1970-01-01T00:00:00Z",
          "goVersion": "{{RuntimeInformation.FrameworkDescription}}",
          "compiler": "roslyn",
          "platform": "linux/{{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "amd64")}}"
        }
        """));

    public bool Serves(string path) => path is "/version" or "/version/";

    public ValueTask<ApiResult> ServeAsync(ApiCall call, CancellationToken ct) => new(new BytesResult("application/json", Body));
}

using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Admission.Configuration;
using Kobune.ApiServer.Configuration;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>What <see cref="PodTolerationRestriction"/> does in namespaces that say nothing. Source: plugin/pkg/admission/podtolerationrestriction, apis and config.go.</summary>
/// <param name="Defaults">Tolerations that pods get.</param>
/// <param name="Allowed">Those that they may have; none allows all.</param>
internal sealed record PodTolerationSettings(IReadOnlyList<Toleration> Defaults, IReadOnlyList<Toleration> Allowed)
{
    /// <summary>Of a plugin that nobody configured.</summary>
    public static readonly PodTolerationSettings None = new([], []);

    /// <exception cref="FormatException">What is wrong with it.</exception>
    public static PodTolerationSettings Read(JsonObject? root)
    {
        if (root is null)
        {
            return None;
        }

        PluginObject.Expect(root, "podtolerationrestriction.admission.k8s.io/v1alpha1 Configuration");
        var settings = new PodTolerationSettings(Of(root, "default"), Of(root, "whitelist"));
        var errors = new FieldErrors();
        SchedulingValidation.Tolerations(settings.Defaults, "podtolerationrestriction.default", compared: false, errors);
        SchedulingValidation.Tolerations(settings.Allowed, "podtolerationrestriction.whitelist", compared: false, errors);
        ConfigurationObject.Throw(errors);
        return settings;
    }

    private static IReadOnlyList<Toleration> Of(JsonObject root, string field) => [.. root.Items(field).Select(t => t.Read<Toleration>())];
}

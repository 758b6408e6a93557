using System.Text.Json.Nodes;
using Kobune.Api.Validation;
using Kobune.ApiServer.Admission.Configuration;
using Kobune.ApiServer.Configuration;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Admission.PodSecurity;

/// <summary>What the plugin does without labels, and whom it lets do everything: a PodSecurityConfiguration. Source: k8s.io/pod-security-admission, admission/api.</summary>
internal sealed record PodSecuritySettings
{
    private static readonly string[] Kinds = [.. new[] { "v1", "v1beta1", "v1alpha1" }.Select(v => $"pod-security.admission.config.k8s.io/{v} PodSecurityConfiguration")];
    private static readonly string[] Modes = ["enforce", "warn", "audit"];

    /// <summary>Where labels say nothing.</summary>
    public PodSecurityPolicy Defaults { get; private init; } = PodSecurityPolicy.Privileged;

    /// <summary>Users whose pods nobody looks at.</summary>
    public IReadOnlyList<string> Usernames { get; private init; } = [];

    /// <summary>Namespaces in which nobody looks at pods.</summary>
    public IReadOnlyList<string> Namespaces { get; private init; } = [];

    /// <summary>Pods of these runtime classes are not looked at.</summary>
    public IReadOnlyList<string> RuntimeClasses { get; private init; } = [];

    /// <exception cref="FormatException">All that is wrong with it.</exception>
    public static PodSecuritySettings Of(JsonObject? root)
    {
        if (root is null)
        {
            return new();
        }

        PluginObject.Expect(root, Kinds);
        ConfigurationObject.Strict(root, "", "apiVersion", "kind", "defaults{}", "exemptions{}");
        var (defaults, exemptions) = (root["defaults"] as JsonObject ?? [], root["exemptions"] as JsonObject ?? []);
        ConfigurationObject.Strict(defaults, "defaults", [.. Modes, .. Modes.Select(m => m + "-version")]);
        ConfigurationObject.Strict(exemptions, "exemptions", "usernames[]", "namespaces[]", "runtimeClasses[]");
        var settings = new PodSecuritySettings
        {
            Defaults = PodSecurityPolicy.OfDefaults(Modes.SelectMany(m => new[] { m, m + "-version" }).Where(f => defaults.Text(f).Length > 0).ToDictionary(f => f, f => defaults.Text(f))),
            Usernames = PluginObject.Texts(exemptions, "usernames"),
            Namespaces = PluginObject.Texts(exemptions, "namespaces"),
            RuntimeClasses = PluginObject.Texts(exemptions, "runtimeClasses"),
        };
        ConfigurationObject.Throw(settings.Problems());
        return settings;
    }

    private FieldErrors Problems()
    {
        var errors = new FieldErrors();
        foreach (var (field, value, problem) in Defaults.Problems)
        {
            errors.Invalid("defaults." + field, value, problem);
        }

        Once(Namespaces, "exemptions.namespaces", NameValidation.Dns1123Label, errors);
        Once(RuntimeClasses, "exemptions.runtimeClasses", NameValidation.Dns1123Subdomain, errors);
        Once(Usernames, "exemptions.usernames", null, errors);
        return errors;
    }

    private static void Once(IReadOnlyList<string> names, string path, Func<string, IReadOnlyList<string>>? rule, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < names.Count; i++)
        {
            if (rule is null && names[i].Length == 0)
            {
                errors.Required($"{path}[{i}]", "");
            }
            else if (rule?.Invoke(names[i]) is { Count: > 0 } problems)
            {
                errors.Invalid($"{path}[{i}]", names[i], string.Join(", ", problems));
            }
            else if (!seen.Add(names[i]))
            {
                errors.Duplicate($"{path}[{i}]", names[i]);
            }
        }
    }
}

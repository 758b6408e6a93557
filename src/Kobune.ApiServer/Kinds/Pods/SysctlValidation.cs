using System.Text.RegularExpressions;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Names of kernel parameters, with dots or slashes between their parts (upstream's validateSysctls).</summary>
internal static partial class SysctlValidation
{
    private const int MaxLength = 253;
    private const string Segment = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
    private const string Pattern = "^(" + Segment + @"[\./])*" + Segment + "$";

    // Source: k8s.io/component-helpers, node/util/sysctl.
    private static readonly string[] Ipc = ["kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue."];

    /// <summary>Names, and none of a namespace that the pod shares with its node; <paramref name="spec"/> is null where that was so before.</summary>
    public static void Validate(IReadOnlyList<Sysctl> sysctls, string path, PodSpec? spec, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < sysctls.Count; i++)
        {
            var name = sysctls[i].Name;
            var field = $"{path}[{i}].name";
            if (name.Length == 0)
            {
                errors.Required(field, "");
            }
            else if (name.Length > MaxLength || !Name().IsMatch(name))
            {
                errors.Invalid(field, name, $"must have at most {MaxLength} characters and match regex {Pattern}");
            }
            else if (!seen.Add(Dotted(name)))
            {
                errors.Duplicate(field, name);
            }

            if (spec is not null)
            {
                OfHost(name, field, spec, errors);
            }
        }
    }

    /// <summary>A parameter that would be the node's.</summary>
    public static void OfHost(string name, string field, PodSpec spec, FieldErrors errors)
    {
        if (spec.HostNetwork && Dotted(name).StartsWith("net.", StringComparison.Ordinal))
        {
            errors.Invalid(field, name, "may not be specified when 'hostNetwork' is true");
        }
        else if (spec.HostIPC && Ipc.Any(prefix => Dotted(name).StartsWith(prefix, StringComparison.Ordinal)))
        {
            errors.Invalid(field, name, "may not be specified when 'hostIPC' is true");
        }
    }

    /// <summary>The form with dots: the first separator says which of both separates (upstream's NormalizeName).</summary>
    private static string Dotted(string name)
    {
        var first = name.IndexOfAny(['.', '/']);
        return first < 0 || name[first] == '.' ? name : string.Concat(name.Select(c => c == '/' ? '.' : c == '.' ? '/' : c));
    }

    [GeneratedRegex("^(" + Segment + @"[\./])*" + Segment + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}

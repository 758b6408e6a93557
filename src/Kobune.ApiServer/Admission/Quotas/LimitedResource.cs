using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Quotas;
using Kobune.Api.Schema;
using Kobune.ApiServer.Admission.Configuration;
using Kobune.ApiServer.Configuration;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Admission.Quotas;

/// <summary>What may be consumed only where a quota covers it. Source: k8s.io/apiserver, admission/plugin/resourcequota, apis and controller.go.</summary>
/// <param name="Group">Of the objects that consume it.</param>
/// <param name="Resource">Their plural.</param>
/// <param name="Contained">Parts of names of what they consume.</param>
/// <param name="Scopes">Scopes that a quota must have for the objects in them.</param>
internal sealed record LimitedResource(string Group, string Resource, IReadOnlyList<string> Contained, IReadOnlyList<ScopedResourceSelectorRequirement> Scopes)
{
    /// <summary>Reads a ResourceQuotaConfiguration; none limits nothing.</summary>
    /// <exception cref="FormatException">All that is wrong with it.</exception>
    public static IReadOnlyList<LimitedResource> Read(JsonObject? root)
    {
        if (root is null)
        {
            return [];
        }

        PluginObject.Expect(root, "apiserver.config.k8s.io/v1 ResourceQuotaConfiguration", "resourcequota.admission.k8s.io/v1beta1 Configuration", "resourcequota.admission.k8s.io/v1alpha1 Configuration");
        IReadOnlyList<LimitedResource> all =
        [
            .. root.Items("limitedResources").Select(i => new LimitedResource(
                i.Text("apiGroup"), i.Text("resource"), PluginObject.Texts(i, "matchContains"), [.. i.Items("matchScopes").Select(s => s.Read<ScopedResourceSelectorRequirement>())])),
        ];
        var errors = new FieldErrors();
        for (var i = 0; i < all.Count; i++)
        {
            errors.RequiredName($"limitedResources[{i}].resource", all[i].Resource);
        }

        ConfigurationObject.Throw(errors);
        return all;
    }

    /// <summary>Names of what an object consumes that a quota must cover.</summary>
    public static IEnumerable<string> Names(IReadOnlyList<LimitedResource> limited, ResourceDescriptor resource, IReadOnlyDictionary<string, Quantity> usage)
    {
        var own = limited.Where(l => l.Group == resource.Group && l.Resource == resource.Plural).ToList();
        return usage.Where(u => u.Value.Sign > 0 && own.Any(l => l.Contained.Any(part => u.Key.Contains(part, StringComparison.Ordinal)))).Select(u => u.Key);
    }

    /// <summary>Scopes of the object that no quota has, in Go's form; empty when all are covered.</summary>
    public static string Uncovered(IReadOnlyList<LimitedResource> limited, IReadOnlyList<ResourceQuota> quotas, object? item)
    {
        var covered = quotas.SelectMany(q => QuotaScopes.Of(q).Where(s => QuotaScopes.Matches(s, item))).Select(s => s.ScopeName).ToHashSet(StringComparer.Ordinal);
        return string.Join(' ', limited.SelectMany(l => l.Scopes).Where(s => QuotaScopes.Matches(s, item) && !covered.Contains(s.ScopeName)).Select(s => $"{{{s.ScopeName} {s.Operator} [{string.Join(' ', s.Values)}]}}"));
    }
}

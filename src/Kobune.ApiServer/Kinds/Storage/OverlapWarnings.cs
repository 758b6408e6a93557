using Kobune.Api.Core.V1;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>Files of one volume that hide each other (upstream's warningsForOverlappingVirtualPaths).</summary>
internal static class OverlapWarnings
{
    public static IEnumerable<string> Of(Volume volume)
    {
        var name = $"volume \"{volume.Name}\"";
        return
        [
            .. Overlaps(volume.ConfigMap?.Items.Select(i => i.Path), $"{name} (ConfigMap \"{volume.ConfigMap?.Name}\")"),
            .. Overlaps(volume.Secret?.Items.Select(i => i.Path), $"{name} (Secret \"{volume.Secret?.SecretName}\")"),
            .. Overlaps(volume.DownwardAPI?.Items.Select(i => i.Path), $"{name} (DownwardAPI)"),
            .. Projected(volume.Projected?.Sources ?? [], name),
        ];
    }

    // A source's files among themselves, and with those of the sources before.
    private static IEnumerable<string> Projected(IReadOnlyList<VolumeProjection> sources, string name)
    {
        var before = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var source in sources)
        {
            if (source == new VolumeProjection())
            {
                yield return name + " (Projected) has no sources provided";
                continue;
            }

            var (what, paths) = Files(source);
            foreach (var warning in Overlaps(paths, $"{name} (Projected {what})").Concat(Overlaps(paths.Distinct().Concat(before).Order(StringComparer.Ordinal), $"{name} (Projected {what})")).Distinct())
            {
                yield return warning;
            }

            before.UnionWith(paths);
        }
    }

    private static (string What, string[] Paths) Files(VolumeProjection source) => source switch
    {
        { ConfigMap: { } map } => ($"ConfigMap \"{map.Name}\"", [.. map.Items.Select(i => i.Path)]),
        { Secret: { } secret } => ($"Secret \"{secret.Name}\"", [.. secret.Items.Select(i => i.Path)]),
        { DownwardAPI: { } downward } => ("DownwardAPI", [.. downward.Items.Select(i => i.Path)]),
        { ServiceAccountToken: { } token } => ("ServiceAccountToken", [token.Path]),
        { PodCertificate: { } certificate } => ("PodCertificate", [.. new[] { certificate.CredentialBundlePath, certificate.KeyPath, certificate.CertificateChainPath }.Where(p => p.Length > 0)]),
        { ClusterTrustBundle: { } bundle } => ($"ClusterTrustBundle \"{bundle.Name ?? bundle.SignerName}\"", [bundle.Path]),
        _ => ("", []),
    };

    private static IEnumerable<string> Overlaps(IEnumerable<string>? paths, string what)
    {
        var seen = new List<string>();
        foreach (var path in (paths ?? []).Select(p => p.TrimEnd('/')))
        {
            if (seen.FirstOrDefault(s => s.Length > 0 && path.Length > 0 && (s == path || $"{s}/".StartsWith(path, StringComparison.Ordinal) || $"{path}/".StartsWith(s, StringComparison.Ordinal))) is { } other)
            {
                yield return $"{what}: overlapping paths: \"{path}\" with \"{other}\"";
            }

            seen.Add(path);
        }
    }
}

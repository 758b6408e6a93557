namespace Kobune.ControllerManager.Certificates;

/// <summary>What Kubernetes' own signers sign. Source: pkg/controller/certificates/signer, and pkg/apis/certificates, helpers.go.</summary>
internal static class SignerRules
{
    public const string Client = "kubernetes.io/kube-apiserver-client";
    public const string KubeletClient = "kubernetes.io/kube-apiserver-client-kubelet";
    public const string KubeletServing = "kubernetes.io/kubelet-serving";
    public const string LegacyUnknown = "kubernetes.io/legacy-unknown";
    private const string NodePrefix = "system:node:";

    private static readonly string[] Nodes = ["system:nodes"];

    /// <summary>Whether a signer is one of those that are served here.</summary>
    public static bool IsKnown(string signer) => signer is Client or KubeletClient or KubeletServing or LegacyUnknown;

    /// <summary>Why a signer does not sign a request; null when it does.</summary>
    public static string? ProblemOf(string signer, RequestedCertificate request, IReadOnlyList<string> usages) => signer switch
    {
        Client => UsageProblem(usages, "client auth", needsSignature: false),
        KubeletClient => KubeletProblem(request) ?? (request.HasNames ? NameProblem(request) : UsageProblem(usages, "client auth", needsSignature: true)),
        KubeletServing => KubeletProblem(request)
            ?? (request.HasOtherNames ? "email and URI subjectAltNames are not allowed" : request.HasNames ? UsageProblem(usages, "server auth", needsSignature: true) : "at least one DNS or IP subjectAltName is required"),
        _ => null,
    };

    /// <summary>Whether a request is for the certificate of a kubelet as a client.</summary>
    public static bool IsKubeletClient(string signer, RequestedCertificate request, IReadOnlyList<string> usages) => signer == KubeletClient && ProblemOf(signer, request, usages) is null;

    private static string? KubeletProblem(RequestedCertificate request) =>
        !request.Organizations.SequenceEqual(Nodes) ? "subject organization is not system:nodes"
        : !request.CommonName.StartsWith(NodePrefix, StringComparison.Ordinal) ? "subject common name does not begin with system:node:"
        : null;

    private static string NameProblem(RequestedCertificate request) =>
        request.DnsNames.Count > 0 ? "DNS subjectAltNames are not allowed" : request.Addresses.Count > 0 ? "IP subjectAltNames are not allowed" : "email and URI subjectAltNames are not allowed";

    private static string? UsageProblem(IReadOnlyList<string> usages, string purpose, bool needsSignature) =>
        usages.Contains(purpose) && (!needsSignature || usages.Contains("digital signature")) && usages.All(u => u == purpose || u is "digital signature" or "key encipherment")
            ? null
            : $"usages did not match {(needsSignature ? $"[key encipherment digital signature {purpose}], [digital signature {purpose}]" : $"[{purpose}] with digital signature and key encipherment")}";
}

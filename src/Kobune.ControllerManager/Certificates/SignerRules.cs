namespace Kobune.ControllerManager.Certificates;

/// <summary>What Kubernetes' own signers sign. Source: pkg/controller/certificates/signer, and pkg/apis/certificates, helpers.go.</summary>
internal static class SignerRules
{
    public const string Client = "kubernetes.io/kube-apiserver-client";
    public const string KubeletClient = "kubernetes.io/kube-apiserver-client-kubelet";
    public const string KubeletServing = "kubernetes.io/kubelet-serving";
    public const string LegacyUnknown = "kubernetes.io/legacy-unknown";
    private const string NodePrefix = "system:node:";

    private const string Signature = "digital signature";
    private const string Encipherment = "key encipherment";
    private const string NoMail = "Email subjectAltNames are not allowed";
    private const string NoUri = "URI subjectAltNames are not allowed";

    private static readonly string[] Nodes = ["system:nodes"];

    /// <summary>Whether a signer is one of those that are served here.</summary>
    public static bool IsKnown(string signer) => signer is Client or KubeletClient or KubeletServing or LegacyUnknown;

    /// <summary>Why a signer does not sign a request, in the order in which upstream asks; null when it does.</summary>
    public static string? ProblemOf(string signer, RequestedCertificate request, IReadOnlyList<string> usages) => signer switch
    {
        Client => ClientUsageProblem(usages),
        KubeletClient => OrganizationProblem(request)
            ?? (request.DnsNames.Count > 0 ? "DNS subjectAltNames are not allowed"
                : request.HasMail ? NoMail
                : request.Addresses.Count > 0 ? "IP subjectAltNames are not allowed"
                : request.HasUri ? NoUri
                : NodeNameProblem(request) ?? UsageProblem(usages, "client auth")),
        KubeletServing => OrganizationProblem(request)
            ?? (request.DnsNames.Count + request.Addresses.Count == 0 ? "DNS or IP subjectAltName is required"
                : request.HasMail ? NoMail
                : request.HasUri ? NoUri
                : UsageProblem(usages, "server auth") ?? NodeNameProblem(request)),
        _ => null,
    };

    /// <summary>Whether a request is for the certificate of a kubelet as a client.</summary>
    public static bool IsKubeletClient(string signer, RequestedCertificate request, IReadOnlyList<string> usages) => signer == KubeletClient && ProblemOf(signer, request, usages) is null;

    private static string? OrganizationProblem(RequestedCertificate request) => request.Organizations.SequenceEqual(Nodes) ? null : "subject organization is not system:nodes";

    private static string? NodeNameProblem(RequestedCertificate request) =>
        request.CommonName.StartsWith(NodePrefix, StringComparison.Ordinal) ? null : "subject common name does not begin with system:node:";

    /// <summary>Keys that are not RSA's encipher no others.</summary>
    private static string? UsageProblem(IReadOnlyList<string> usages, string purpose) =>
        usages.Contains(purpose) && usages.Contains(Signature) && usages.All(u => u == purpose || u is Signature or Encipherment)
            ? null
            : $"usages did not match [{string.Join(' ', new[] { purpose, Signature, Encipherment }.Order(StringComparer.Ordinal))}]";

    private static string? ClientUsageProblem(IReadOnlyList<string> usages) =>
        usages.FirstOrDefault(u => u is not (Signature or Encipherment or "client auth")) is { } other ? $"invalid usage for client certificate: {other}"
        : usages.Contains("client auth") ? null
        : "missing required usage for client certificate: client auth";
}

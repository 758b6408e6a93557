using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kobune.Api.Certificates.V1;
using Kobune.ControllerManager.Certificates;

namespace Kobune.ControllerManager.Tests;

public class SignerRulesTests
{
    private const string Nodes = "system:nodes";
    private const string Usages = "usages did not match ";
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("kube-apiserver-client", "alice", "people", "", "client auth")]
    [InlineData("kube-apiserver-client", "alice", "people", "mail", "client auth,digital signature,key encipherment")]
    [InlineData("kube-apiserver-client", "alice", "people", "", "client auth,server auth", "invalid usage for client certificate: server auth")]
    [InlineData("kube-apiserver-client", "alice", "people", "", "digital signature", "missing required usage for client certificate: client auth")]
    [InlineData("kube-apiserver-client-kubelet", "system:node:n", Nodes, "", "client auth,digital signature")]
    [InlineData("kube-apiserver-client-kubelet", "system:node:n", Nodes, "", "key encipherment,client auth,digital signature")]
    [InlineData("kube-apiserver-client-kubelet", "system:node:n", Nodes, "", "client auth", Usages + "[client auth digital signature key encipherment]")]
    [InlineData("kube-apiserver-client-kubelet", "system:node:n", Nodes, "", "client auth,digital signature,server auth", Usages + "[client auth digital signature key encipherment]")]
    [InlineData("kube-apiserver-client-kubelet", "n", Nodes, "", "client auth", "subject common name does not begin with system:node:")]
    [InlineData("kube-apiserver-client-kubelet", "n", "others", "dns", "client auth", "subject organization is not system:nodes")]
    [InlineData("kube-apiserver-client-kubelet", "n", "system:nodes,system:masters", "", "client auth", "subject organization is not system:nodes")]
    [InlineData("kube-apiserver-client-kubelet", "n", Nodes, "dns,mail", "", "DNS subjectAltNames are not allowed")]
    [InlineData("kube-apiserver-client-kubelet", "n", Nodes, "mail,ip", "", "Email subjectAltNames are not allowed")]
    [InlineData("kube-apiserver-client-kubelet", "n", Nodes, "ip,uri", "", "IP subjectAltNames are not allowed")]
    [InlineData("kube-apiserver-client-kubelet", "n", Nodes, "uri", "", "URI subjectAltNames are not allowed")]
    [InlineData("kubelet-serving", "system:node:n", Nodes, "dns", "server auth,digital signature,key encipherment")]
    [InlineData("kubelet-serving", "system:node:n", Nodes, "ip", "server auth,digital signature")]
    [InlineData("kubelet-serving", "n", "others", "", "", "subject organization is not system:nodes")]
    [InlineData("kubelet-serving", "n", Nodes, "mail", "", "DNS or IP subjectAltName is required")]
    [InlineData("kubelet-serving", "n", Nodes, "ip,mail,uri", "", "Email subjectAltNames are not allowed")]
    [InlineData("kubelet-serving", "n", Nodes, "ip,uri", "", "URI subjectAltNames are not allowed")]
    [InlineData("kubelet-serving", "n", Nodes, "ip", "client auth", Usages + "[digital signature key encipherment server auth]")]
    [InlineData("kubelet-serving", "n", Nodes, "ip", "server auth,digital signature", "subject common name does not begin with system:node:")]
    [InlineData("legacy-unknown", "any", "any", "mail", "code signing")]
    public void Signers_sign_only_what_is_theirs(string signer, string name, string organizations, string names, string usages, string? problem = null)
    {
        var request = RequestOf(Subject([.. organizations.Split(',').Select(o => new[] { ("2.5.4.10", o) }), [("2.5.4.3", name)]]), names.Split(','));
        var asked = RequestedCertificate.Read(request, out var unreadable);
        Assert.Equal("", unreadable);
        Assert.Equal(problem, SignerRules.ProblemOf("kubernetes.io/" + signer, asked!, usages.Split(',', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public void A_group_that_hides_beside_another_part_of_the_subject_is_seen()
    {
        var asked = RequestedCertificate.Read(RequestOf(Subject([("2.5.4.10", Nodes)], [("2.5.4.10", "system:masters"), ("2.5.4.11", "x")], [("2.5.4.3", "system:node:b")]), []), out _)!;
        Assert.Equal([Nodes, "system:masters"], asked.Organizations);
        Assert.Equal("system:node:b", asked.CommonName);
        Assert.Equal("subject organization is not system:nodes", SignerRules.ProblemOf(SignerRules.KubeletClient, asked, ["client auth", "digital signature"]));
    }

    [Theory]
    [InlineData("", false, 24)]
    [InlineData("Approved", true, 1)]
    [InlineData("Approved", false, null)] // its signer may come yet
    [InlineData("Denied", false, 1)]
    [InlineData("Failed", false, 1)]
    [InlineData("Seen", false, null)] // somebody works on it
    public void Requests_go_an_hour_after_they_were_settled_or_after_a_day_without_a_word(string condition, bool isIssued, int? hours)
    {
        var request = new CertificateSigningRequest { Metadata = new() { CreationTimestamp = Start } };
        if (condition.Length > 0)
        {
            request = request with { Status = new() { Conditions = [new() { Type = condition, Status = "True", LastUpdateTime = Start }], Certificate = isIssued ? "other"u8.ToArray() : default } };
        }

        Assert.Equal(hours is { } after ? Start.AddHours(after) : null, CleaningReconciler.EndOf(request));
    }

    [Theory]
    [InlineData("Approved", 30)]
    [InlineData("Approved", 90)]
    [InlineData("Seen", 30)]
    public void A_request_goes_with_the_certificate_that_it_brought(string condition, int minutes)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256).CreateSelfSigned(Start, Start.AddMinutes(minutes));
        var request = new CertificateSigningRequest
        {
            Metadata = new() { CreationTimestamp = Start },
            Status = new() { Conditions = [new() { Type = condition, Status = "True", LastUpdateTime = Start }], Certificate = Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()) },
        };
        Assert.Equal(condition == "Approved" ? Start.AddMinutes(Math.Min(60, minutes)) : null, CleaningReconciler.EndOf(request));
    }

    /// <summary>A subject of steps, each of one or several parts.</summary>
    private static X500DistinguishedName Subject(params (string Type, string Value)[][] steps)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var step in steps)
            {
                using var set = writer.PushSetOf();
                foreach (var (type, value) in step)
                {
                    using var part = writer.PushSequence();
                    writer.WriteObjectIdentifier(type);
                    writer.WriteCharacterString(UniversalTagNumber.UTF8String, value);
                }
            }
        }

        return new(writer.Encode());
    }

    private static byte[] RequestOf(X500DistinguishedName subject, string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names.Where(n => n.Length > 0))
        {
            Action add = name switch
            {
                "dns" => () => alternatives.AddDnsName("n"),
                "ip" => () => alternatives.AddIpAddress(IPAddress.Loopback),
                "mail" => () => alternatives.AddEmailAddress("a@example.com"),
                _ => () => alternatives.AddUri(new("spiffe://example.com/n")),
            };
            add();
        }

        if (names.Any(n => n.Length > 0))
        {
            request.CertificateExtensions.Add(alternatives.Build());
        }

        return Encoding.ASCII.GetBytes(request.CreateSigningRequestPem());
    }
}

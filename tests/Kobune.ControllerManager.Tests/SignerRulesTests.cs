using System.Net;
using Kobune.Api.Certificates.V1;
using Kobune.ControllerManager.Certificates;

namespace Kobune.ControllerManager.Tests;

public class SignerRulesTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("kube-apiserver-client", "alice", "people", "", "client auth", true)]
    [InlineData("kube-apiserver-client", "alice", "people", "", "client auth,digital signature,key encipherment", true)]
    [InlineData("kube-apiserver-client", "alice", "people", "", "client auth,server auth", false)]
    [InlineData("kube-apiserver-client", "alice", "people", "", "digital signature", false)]
    [InlineData("kube-apiserver-client-kubelet", "system:node:n", "system:nodes", "", "client auth,digital signature", true)]
    [InlineData("kube-apiserver-client-kubelet", "system:node:n", "system:nodes", "", "client auth", false)]
    [InlineData("kube-apiserver-client-kubelet", "n", "system:nodes", "", "client auth,digital signature", false)]
    [InlineData("kube-apiserver-client-kubelet", "system:node:n", "others", "", "client auth,digital signature", false)]
    [InlineData("kube-apiserver-client-kubelet", "system:node:n", "system:nodes", "dns", "client auth,digital signature", false)]
    [InlineData("kubelet-serving", "system:node:n", "system:nodes", "dns", "server auth,digital signature,key encipherment", true)]
    [InlineData("kubelet-serving", "system:node:n", "system:nodes", "ip", "server auth,digital signature", true)]
    [InlineData("kubelet-serving", "system:node:n", "system:nodes", "", "server auth,digital signature", false)]
    [InlineData("kubelet-serving", "system:node:n", "system:nodes", "mail", "server auth,digital signature", false)]
    [InlineData("legacy-unknown", "any", "any", "mail", "code signing", true)]
    public void Signers_sign_only_what_is_theirs(string signer, string name, string organization, string names, string usages, bool isSigned)
    {
        var request = new RequestedCertificate(name, [organization], names == "dns" ? ["n"] : [], names == "ip" ? [IPAddress.Loopback] : [], names == "mail");
        Assert.Equal(isSigned, SignerRules.ProblemOf("kubernetes.io/" + signer, request, usages.Split(',')) is null);
    }

    [Theory]
    [InlineData("", 24)]
    [InlineData("Approved", 1)]
    [InlineData("Denied", 1)]
    [InlineData("Failed", 1)]
    public void Requests_go_an_hour_after_they_were_settled_or_after_a_day(string condition, int hours)
    {
        var request = new CertificateSigningRequest { Metadata = new() { CreationTimestamp = Start } };
        if (condition.Length > 0)
        {
            request = request with { Status = new() { Conditions = [new() { Type = condition, Status = "True", LastUpdateTime = Start }] } };
        }

        Assert.Equal(Start.AddHours(hours), CleaningReconciler.EndOf(request));
    }
}

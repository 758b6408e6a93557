using System.Text.Json.Nodes;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Conversion;

/// <summary>flowcontrol v1beta3 and v1: in v1beta3 no shares mean the default of 30, and zero is told by an annotation. Source: pkg/apis/flowcontrol/v1beta3/conversion.go.</summary>
internal sealed class PriorityLevelConverter : IKindConverter
{
    private const string KeepsZero = "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares";
    private const string Shares = "nominalConcurrencyShares";

    public (string Group, string Plural) Storage => ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations");

    public void ToStorage(JsonObject obj, string version)
    {
        var keeps = ((JsonObject?)obj).Child("metadata", "annotations") is { } annotations && annotations.Remove(KeepsZero);
        if (((JsonObject?)obj).Child("spec", "limited") is { } limited && !keeps && limited.Number(Shares) is null or 0)
        {
            limited[Shares] = 30;
        }
    }

    public void FromStorage(JsonObject obj, string version)
    {
        if (((JsonObject?)obj).Child("spec", "limited") is { } limited && limited.Number(Shares) == 0)
        {
            obj.Need("metadata").Need("annotations")[KeepsZero] = "";
        }
    }
}

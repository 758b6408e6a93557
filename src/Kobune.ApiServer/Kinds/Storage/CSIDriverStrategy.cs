using System.Text.Json.Nodes;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>Defaults of CSI drivers (pkg/apis/storage/v1/defaults.go; seLinuxMount also in pkg/apis/storage/fuzzer).</summary>
internal sealed class CSIDriverStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("storage.k8s.io", "csidrivers");

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Need("spec");
        spec.Default("attachRequired", true);
        foreach (var flag in (ReadOnlySpan<string>)["podInfoOnMount", "storageCapacity", "requiresRepublish", "seLinuxMount"])
        {
            spec.Default(flag, false);
        }

        spec.Default("fsGroupPolicy", "ReadWriteOnceWithFSType");
        if (spec.Array("volumeLifecycleModes") is null or { Count: 0 })
        {
            spec["volumeLifecycleModes"] = new JsonArray("Persistent");
        }
    }
}

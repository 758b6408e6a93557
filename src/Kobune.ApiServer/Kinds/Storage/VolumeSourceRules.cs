using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Kobune.Api.Validation;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>Storage that a pod's volume and a persistent volume name alike (pkg/apis/core/validation: validate...VolumeSource and validate...PersistentVolumeSource).</summary>
internal static partial class VolumeSourceRules
{
    public const int MaxPortal = 64;
    public const string PortalTooLong = "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.";
    private static readonly string[] HostPathTypes = ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

    // What must not be empty.
    private static readonly Dictionary<string, string[]> Needed = new(StringComparer.Ordinal)
    {
        ["gitRepo"] = ["repository"],
        ["gcePersistentDisk"] = ["pdName"],
        ["awsElasticBlockStore"] = ["volumeID"],
        ["nfs"] = ["server", "path"],
        ["iscsi"] = ["targetPortal"],
        ["glusterfs"] = ["endpoints", "path"],
        ["rbd"] = ["monitors", "image"],
        ["cinder"] = ["volumeID"],
        ["cephfs"] = ["monitors"],
        ["flexVolume"] = ["driver"],
        ["azureFile"] = ["secretName", "shareName"],
        ["azureDisk"] = ["diskName", "diskURI"],
        ["vsphereVolume"] = ["volumePath"],
        ["photonPersistentDisk"] = ["pdID"],
        ["portworxVolume"] = ["volumeID"],
        ["storageos"] = ["volumeName"],
        ["scaleIO"] = ["gateway", "system", "volumeName"],
        ["hostPath"] = ["path"],
        ["local"] = ["path"],
    };

    /// <summary>Checks one source. <paramref name="path"/> is the volume's; a persistent volume's secrets are in a namespace that it names.</summary>
    public static void Validate(string source, JsonObject tree, string path, bool isPersistent, FieldErrors errors)
    {
        var at = $"{path}.{(source == "gcePersistentDisk" ? "persistentDisk" : source)}"; // upstream's name for it
        foreach (var field in Needed.GetValueOrDefault(source, []).Where(f => tree.Text(f).Length == 0 && tree.Array(f) is null or { Count: 0 }))
        {
            errors.Required($"{at}.{field}", "");
        }

        switch (source)
        {
            case "hostPath":
                HostPath(tree, at, errors);
                break;
            case "local":
                PathRules.NoBacksteps(tree.Text("path"), at + ".path", errors);
                break;
            case "gitRepo":
                PathRules.Descending(tree.Text("directory"), at + ".directory", errors);
                break;
            case "gcePersistentDisk" or "awsElasticBlockStore":
                if (tree.Number("partition") is < 0 or > 255)
                {
                    errors.Invalid(at + ".partition", tree.Number("partition"), NameValidation.InclusiveRange(1, 255));
                }

                break;
            case "nfs" when !tree.Text("path").StartsWith('/'):
                errors.Invalid(at + ".path", tree.Text("path"), "must be an absolute path");
                break;
            case "iscsi":
                Iscsi(tree, at, isPersistent, errors);
                break;
            case "fc":
                FibreChannel(tree, at, errors);
                break;
            case "flexVolume":
                FlexOptions(tree, at, errors);
                break;
            case "flocker":
                Flocker(tree, at, errors);
                break;
            case "quobyte":
                Quobyte(tree, at, errors);
                break;
            case "azureDisk":
                AzureDisk(tree, at, errors);
                break;
            case "storageos":
                Label("volumeName");
                Label("volumeNamespace");
                break;
        }

        if (source is "cinder" or "storageos" && tree.Child("secretRef") is { } secret)
        {
            Reference(secret, at + ".secretRef", isPersistent, errors);
        }

        void Label(string field)
        {
            if (tree.Text(field) is { Length: > 0 } name)
            {
                errors.Names($"{at}.{field}", name, NameValidation.Dns1123Label(name));
            }
        }
    }

    /// <summary>Upstream's ValidateCSIDriverName.</summary>
    public static void DriverName(string name, string path, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(path, "");
        }

        if (name.Length > 63)
        {
            errors.TooLong(path, 63);
        }

        errors.Names(path, name, NameValidation.Dns1123Subdomain(name.ToLowerInvariant()));
    }

    private static void Reference(JsonObject reference, string path, bool hasNamespace, FieldErrors errors)
    {
        errors.RequiredName(path + ".name", reference.Text("name"));
        if (hasNamespace)
        {
            errors.RequiredName(path + ".namespace", reference.Text("namespace"));
        }
    }

    private static void HostPath(JsonObject tree, string path, FieldErrors errors)
    {
        if (tree.Text("path").Length == 0)
        {
            return;
        }

        PathRules.NoBacksteps(tree.Text("path"), path + ".path", errors);
        if (tree.Has("type") && !HostPathTypes.Contains(tree.Text("type")))
        {
            errors.NotSupported(path + ".type", tree.Text("type"), HostPathTypes);
        }
    }

    private static void Iscsi(JsonObject tree, string path, bool isPersistent, FieldErrors errors)
    {
        const string malformed = "must be valid format";
        var unknown = isPersistent ? malformed : "must be valid format starting with iqn, eui, or naa";
        var iqn = tree.Text("iqn");
        errors.RequiredName(path + ".iqn", iqn);
        if (iqn.Length > 0)
        {
            Named(iqn, ".iqn");
        }

        if (tree.Number("lun") is < 0 or > 255)
        {
            errors.Invalid(path + ".lun", tree.Number("lun"), NameValidation.InclusiveRange(0, 255));
        }

        if ((tree.Flag("chapAuthDiscovery") == true || tree.Flag("chapAuthSession") == true) && !tree.Has("secretRef"))
        {
            errors.Required(path + ".secretRef", "");
        }

        if (isPersistent && tree.Child("secretRef") is { } secret)
        {
            errors.RequiredName(path + ".secretRef.name", secret.Text("name"));
        }

        if (tree.Has("initiatorName"))
        {
            Named(tree.Text("initiatorName"), ".initiatorname");
        }

        void Named(string name, string field)
        {
            var form = name.Length < 3 ? null : name[..3] switch { "iqn" => Iqn(), "eui" => Eui(), "naa" => Naa(), _ => null };
            if (form is null || !form.IsMatch(name))
            {
                errors.Invalid(path + field, name, form is null ? unknown : malformed);
            }
        }
    }

    private static void FibreChannel(JsonObject tree, string path, FieldErrors errors)
    {
        var (names, ids) = (tree.Texts("targetWWNs"), tree.Texts("wwids"));
        if (names.Count == 0 && ids.Count == 0)
        {
            errors.Required(path + ".targetWWNs", "must specify either targetWWNs or wwids, but not both");
        }
        else if (names.Count > 0 && ids.Count > 0)
        {
            errors.Invalid(path + ".targetWWNs", names, "targetWWNs and wwids can not be specified simultaneously");
        }

        if (names.Count > 0 && !tree.Has("lun"))
        {
            errors.Required(path + ".lun", "lun is required if targetWWNs is specified");
        }
        else if (names.Count > 0 && tree.Number("lun") is < 0 or > 255)
        {
            errors.Invalid(path + ".lun", tree.Number("lun"), NameValidation.InclusiveRange(0, 255));
        }
    }

    private static void FlexOptions(JsonObject tree, string path, FieldErrors errors)
    {
        foreach (var (key, _) in tree.Child("options") ?? [])
        {
            var group = "." + key.Split('/')[0].ToLowerInvariant();
            if (group.EndsWith(".kubernetes.io", StringComparison.Ordinal) || group.EndsWith(".k8s.io", StringComparison.Ordinal))
            {
                errors.Invalid($"{path}.options[{key}]", key, "kubernetes.io and k8s.io namespaces are reserved");
            }
        }
    }

    private static void Flocker(JsonObject tree, string path, FieldErrors errors)
    {
        var (name, uuid) = (tree.Text("datasetName"), tree.Text("datasetUUID"));
        if (name.Length == 0 && uuid.Length == 0)
        {
            errors.Required(path, "one of datasetName and datasetUUID is required");
        }
        else if (name.Length > 0 && uuid.Length > 0)
        {
            errors.Invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously");
        }

        if (name.Contains('/', StringComparison.Ordinal))
        {
            errors.Invalid(path + ".datasetName", name, "must not contain '/'");
        }
    }

    private static void Quobyte(JsonObject tree, string path, FieldErrors errors)
    {
        const string pairs = "must be a host:port pair or multiple pairs separated by commas";
        var registry = tree.Text("registry");
        if (registry.Length == 0)
        {
            errors.Required(path + ".registry", pairs);
        }
        else if (tree.Text("tenant").Length >= 65)
        {
            errors.Required(path + ".tenant", "must be a UUID and may not exceed a length of 64 characters");
        }
        else
        {
            foreach (var _ in registry.Split(',').Where(pair => !HostPort().IsMatch(pair)))
            {
                errors.Invalid(path + ".registry", registry, pairs);
            }
        }

        errors.RequiredName(path + ".volume", tree.Text("volume"));
    }

    private static void AzureDisk(JsonObject tree, string path, FieldErrors errors)
    {
        OneOf("cachingMode", "None", "ReadOnly", "ReadWrite");
        OneOf("kind", "Dedicated", "Managed", "Shared");
        var (kind, uri) = (tree.Text("kind"), tree.Text("diskURI"));
        if (kind == "Managed" && !uri.StartsWith("/subscriptions/", StringComparison.Ordinal))
        {
            errors.NotSupported(path + ".diskURI", uri, ["/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"]);
        }
        else if (kind is not ("" or "Managed") && !uri.StartsWith("https://", StringComparison.Ordinal))
        {
            errors.NotSupported(path + ".diskURI", uri, ["https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"]);
        }

        void OneOf(string field, params string[] supported)
        {
            if (tree.Has(field) && !supported.Contains(tree.Text(field)))
            {
                errors.NotSupported($"{path}.{field}", tree.Text(field), supported);
            }
        }
    }

    [GeneratedRegex(@"iqn\.[0-9]{4}-[0-9]{2}\.([a-zA-Z0-9.-]+)(:[^,;*&$|\s]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Iqn();

    [GeneratedRegex(@"^eui.[a-zA-Z0-9]{16}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Eui();

    [GeneratedRegex(@"^naa.[a-zA-Z0-9]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Naa();

    // As net.SplitHostPort takes them.
    [GeneratedRegex(@"^(\[[^\[\]]*\]|[^:\[\]]*):[^:\[\]]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex HostPort();
}

namespace Kobune.Cli.Output;

/// <summary>Why a command failed: the stable id that scripts match on, and the exit code (tens: where, units: what; minikube's scheme).</summary>
/// <param name="Id">"PROVIDER_NOT_FOUND".</param>
/// <param name="ExitCode">1 to 127.</param>
internal sealed record Reason(string Id, int ExitCode)
{
    public static readonly Reason General = new("MK_COMMAND", 1);
    public static readonly Reason SshClient = new("IF_SSH_CLIENT", 70);
    public static readonly Reason Interrupted = new("MK_INTERRUPTED", 11);
    public static readonly Reason Usage = new("MK_USAGE", 14);
    public static readonly Reason NoProfile = new("MK_USAGE_NO_PROFILE", 14);
    public static readonly Reason ConfigSet = new("MK_CONFIG_SET", 10);
    public static readonly Reason ConfigUnset = new("MK_CONFIG_UNSET", 10);
    public static readonly Reason Unimplemented = new("MK_UNIMPLEMENTED", 16);
    public static readonly Reason AddonPaused = new("MK_ADDON_ENABLE_PAUSED", 11);
    public static readonly Reason AddonDisablePaused = new("MK_ADDON_DISABLE_PAUSED", 11);
    public static readonly Reason AddonUnsupported = new("SVC_ADDON_UNSUPPORTED", 116);
    public static readonly Reason AddonNotEnabled = new("SVC_ADDON_NOT_ENABLED", 11);
    public static readonly Reason AddonEnable = new("MK_ADDON_ENABLE", 10);
    public static readonly Reason Pause = new("GUEST_PAUSE", 80);
    public static readonly Reason NodeAdd = new("GUEST_NODE_ADD", 80);
    public static readonly Reason NodeDelete = new("GUEST_NODE_DELETE", 80);
    public static readonly Reason VersionUnavailable = new("INET_VERSION_UNAVAILABLE", 49);
    public static readonly Reason InvalidDnsDomain = new("K8S_INVALID_DNS_DOMAIN", 14);
    public static readonly Reason Downgrade = new("K8S_DOWNGRADE_UNSUPPORTED", 106);
    public static readonly Reason Internal = new("MK_ERROR", 10);
    public static readonly Reason MemoryTooSmall = new("RSRC_INSUFFICIENT_REQ_MEMORY", 23);
    public static readonly Reason MemoryTooLarge = new("RSRC_OVER_ALLOC_MEM", 10);
    public static readonly Reason Cores = new("RSRC_INSUFFICIENT_CORES", 29);
    public static readonly Reason Storage = new("RSRC_INSUFFICIENT_STORAGE", 26);
    public static readonly Reason HomePermission = new("HOST_HOME_PERMISSION", 37);
    public static readonly Reason KubeconfigUpdate = new("HOST_KUBECONFIG_UPDATE", 38);
    public static readonly Reason ConfigLoad = new("HOST_CONFIG_LOAD", 38);
    public static readonly Reason PathMissing = new("HOST_PATH_MISSING", 35);
    public static readonly Reason Unsupported = new("DRV_UNSUPPORTED_OS", 56);
    public static readonly Reason DriverNotFound = new("DRV_NOT_FOUND", 55);
    public static readonly Reason NeedsRoot = new("DRV_NEEDS_ROOT", 57);
    public static readonly Reason Network = new("IF_DEDICATED_NETWORK", 70);
    public static readonly Reason Repository = new("INET_REPO", 40);
    public static readonly Reason Provision = new("GUEST_PROVISION", 80);
    public static readonly Reason PortInUse = new("GUEST_PORT_IN_USE", 81);
    public static readonly Reason NotRunning = new("GUEST_NOT_RUNNING", 83);
    public static readonly Reason NotFound = new("GUEST_NOT_FOUND", 85);
    public static readonly Reason NodeRetrieve = new("GUEST_NODE_RETRIEVE", 85);
    public static readonly Reason StopTimeout = new("GUEST_STOP_TIMEOUT", 82);
    public static readonly Reason Deletion = new("GUEST_DELETION", 80);
    public static readonly Reason ImageList = new("GUEST_IMAGE_LIST", 80);
    public static readonly Reason ImageLoad = new("GUEST_IMAGE_LOAD", 80);
    public static readonly Reason ImageRemove = new("GUEST_IMAGE_REMOVE", 80);
    public static readonly Reason ImageSave = new("GUEST_IMAGE_SAVE", 80);
    public static readonly Reason ImagePull = new("GUEST_IMAGE_PULL", 80);
    public static readonly Reason ImagePush = new("GUEST_IMAGE_PUSH", 80);
    public static readonly Reason ImageTag = new("GUEST_IMAGE_TAG", 80);
    public static readonly Reason EnvMultinode = new("ENV_MULTINODE_CONFLICT", 81);
    public static readonly Reason ImageBuild = new("GUEST_IMAGE_BUILD", 80);
    public static readonly Reason InstallFailed = new("K8S_INSTALL_FAILED", 100);
    public static readonly Reason ApiServerNotRunning = new("K8S_APISERVER_MISSING", 103);
    public static readonly Reason ApiServerTimeout = new("K8S_APISERVER_TIMEOUT", 102);
    public static readonly Reason OldVersion = new("K8S_OLD_UNSUPPORTED", 106);
    public static readonly Reason NewVersion = new("K8S_NEW_UNSUPPORTED", 106);
    public static readonly Reason ServiceNotFound = new("SVC_NOT_FOUND", 115);
    public static readonly Reason ServiceUnreachable = new("SVC_UNREACHABLE", 115);
    public static readonly Reason ServiceTimeout = new("SVC_TIMEOUT", 112);
    public static readonly Reason TunnelStart = new("SVC_TUNNEL_START", 110);
    public static readonly Reason TunnelRunning = new("TUNNEL_ALREADY_RUNNING", 111);
    public static readonly Reason ServiceList = new("SVC_LIST", 119);
}

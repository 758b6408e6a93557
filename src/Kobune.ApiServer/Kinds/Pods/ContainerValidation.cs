using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Validation of containers of all three kinds (upstream's validateContainerCommon and its callers).</summary>
internal static class ContainerValidation
{
    /// <summary>The containers that are the pod, which may have everything.</summary>
    public static void Main(IReadOnlyList<Container> containers, string path, ContainerScope scope, FieldErrors errors)
    {
        if (containers.Count == 0)
        {
            errors.Required(path, "");
            return;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < containers.Count; i++)
        {
            var (container, at) = (containers[i], $"{path}[{i}]");
            Common(container, at, scope, errors);
            Unique(names, container.Name, at, errors);
            Hooks(container, at, scope, errors);
            if (HasRules(scope, errors))
            {
                RestartRuleValidation.Validate(container, at, scope.Tolerance.RestartAll, errors);
            }
            else if (container.RestartPolicy is not null)
            {
                errors.Forbidden(at + ".restartPolicy", "may not be set for non-init containers");
            }
        }

        HostPorts(containers, path, errors);
    }

    /// <summary>Those that run before, one after the other; the restartable ones run on (sidecars) and may have what main containers have.</summary>
    public static void Init(IReadOnlyList<Container> containers, IReadOnlyList<Container> main, string path, ContainerScope scope, FieldErrors errors)
    {
        var names = main.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < containers.Count; i++)
        {
            var (container, at) = (containers[i], $"{path}[{i}]");
            Common(container, at, scope, errors);
            InitRestart(container, at, scope, errors);
            Unique(names, container.Name, at, errors);
            HostPorts([container], path, errors);
            if (container.RestartPolicy == "Always")
            {
                Hooks(container, at, scope, errors);
            }
            else
            {
                NoHooks(container, at, errors);
            }
        }
    }

    /// <summary>What every container must have and may not.</summary>
    public static void Common(Container container, string path, ContainerScope scope, FieldErrors errors)
    {
        errors.RequiredName(path + ".name", container.Name, NameValidation.Dns1123Label);
        if (container.Image.Length == 0)
        {
            errors.Required(path + ".image", "");
        }
        else if (scope.IsPod && container.Image.Trim().Length != container.Image.Length)
        {
            errors.Invalid(path + ".image", container.Image, "must not have leading or trailing whitespace");
        }

        errors.OneOf(path + ".terminationMessagePolicy", container.TerminationMessagePolicy, "File", "FallbackToLogsOnError");
        Ports(container.Ports, path + ".ports", errors);
        EnvValidation.Validate(container.Env, container.EnvFrom, path, scope, errors);
        MountValidation.Validate(container, path, scope, errors);
        errors.OneOf(path + ".imagePullPolicy", container.ImagePullPolicy, "Always", "IfNotPresent", "Never");
        ResourceValidation.Validate(container.Resources, scope.Claims, path + ".resources", scope.Tolerance, errors);
        ResourceValidation.ResizePolicies(container.ResizePolicy, path + ".resizePolicy", scope.RestartPolicy, errors);
        SecurityContextValidation.Container(container.SecurityContext, scope.HostUsers, path + ".securityContext", errors);
    }

    private static bool HasRules(ContainerScope scope, FieldErrors errors) => scope.Tolerance.RestartRules || errors.Features.IsEnabled("ContainerRestartRules");

    private static void InitRestart(Container container, string path, ContainerScope scope, FieldErrors errors)
    {
        if (HasRules(scope, errors))
        {
            RestartRuleValidation.Validate(container, path, scope.Tolerance.RestartAll, errors);
        }
        else if (container.RestartPolicy is { } policy && policy != "Always")
        {
            errors.NotSupported(path + ".restartPolicy", policy, ["Always"]);
        }
    }

    private static void Hooks(Container container, string path, ContainerScope scope, FieldErrors errors)
    {
        HandlerValidation.Validate(container.Lifecycle?.PostStart, path + ".lifecycle.postStart", scope, errors);
        HandlerValidation.Validate(container.Lifecycle?.PreStop, path + ".lifecycle.preStop", scope, errors);
        if (container.Lifecycle?.StopSignal is not null && scope.OperatingSystem is null)
        {
            errors.Forbidden(path + ".lifecycle.stopSignal", "may not be set for containers with empty `spec.os.name`");
        }

        HandlerValidation.Validate(container.LivenessProbe, path + ".livenessProbe", mustSucceedOnce: true, errors);
        HandlerValidation.Validate(container.ReadinessProbe, path + ".readinessProbe", mustSucceedOnce: false, errors);
        if (container.ReadinessProbe?.TerminationGracePeriodSeconds is { } grace)
        {
            errors.Invalid(path + ".readinessProbe.terminationGracePeriodSeconds", grace, "must not be set for readinessProbes");
        }

        HandlerValidation.Validate(container.StartupProbe, path + ".startupProbe", mustSucceedOnce: true, errors);
    }

    private static void NoHooks(Container container, string path, FieldErrors errors)
    {
        Forbid(container.Lifecycle is not null, "lifecycle");
        Forbid(container.LivenessProbe is not null, "livenessProbe");
        Forbid(container.ReadinessProbe is not null, "readinessProbe");
        Forbid(container.StartupProbe is not null, "startupProbe");

        void Forbid(bool isSet, string name)
        {
            if (isSet)
            {
                errors.Forbidden($"{path}.{name}", "may not be set for init containers without restartPolicy=Always");
            }
        }
    }

    private static void Unique(HashSet<string> names, string name, string path, FieldErrors errors)
    {
        if (name.Length > 0 && !names.Add(name))
        {
            errors.Duplicate(path + ".name", name);
        }
    }

    // Two ports of a pod cannot take the same address of the host.
    private static void HostPorts(IReadOnlyList<Container> containers, string path, FieldErrors errors)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < containers.Count; i++)
        {
            for (var j = 0; j < containers[i].Ports.Count; j++)
            {
                var port = containers[i].Ports[j];
                var text = $"{port.Protocol}/{port.HostIP}/{port.HostPort}";
                if (port.HostPort != 0 && !taken.Add(text))
                {
                    errors.Duplicate($"{path}[{i}].ports[{j}].hostPort", text);
                }
            }
        }
    }

    private static void Ports(IReadOnlyList<ContainerPort> ports, string path, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < ports.Count; i++)
        {
            var (port, at) = (ports[i], $"{path}[{i}]");
            if (port.Name.Length > 0)
            {
                var problems = NameValidation.PortName(port.Name);
                errors.Names(at + ".name", port.Name, problems);
                if (problems.Count == 0 && !names.Add(port.Name))
                {
                    errors.Duplicate(at + ".name", port.Name);
                }
            }

            if (port.ContainerPortValue == 0)
            {
                errors.Required(at + ".containerPort", "");
            }
            else
            {
                errors.Port(at + ".containerPort", port.ContainerPortValue);
            }

            if (port.HostPort != 0)
            {
                errors.Port(at + ".hostPort", port.HostPort);
            }

            errors.OneOf(at + ".protocol", port.Protocol, "SCTP", "TCP", "UDP");
        }
    }
}

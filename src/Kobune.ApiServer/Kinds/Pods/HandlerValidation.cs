using Kobune.Api.Core.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Validation of probes and lifecycle hooks.</summary>
internal static class HandlerValidation
{
    public static void Validate(Probe? probe, string path, bool mustSucceedOnce, FieldErrors errors)
    {
        if (probe is null)
        {
            return;
        }

        Handler(path, errors, probe.Exec, probe.HTTPGet, probe.TCPSocket, probe.GRPC, null, null);
        errors.NonNegative(path + ".initialDelaySeconds", probe.InitialDelaySeconds);
        errors.NonNegative(path + ".timeoutSeconds", probe.TimeoutSeconds);
        errors.NonNegative(path + ".periodSeconds", probe.PeriodSeconds);
        errors.NonNegative(path + ".successThreshold", probe.SuccessThreshold);
        errors.NonNegative(path + ".failureThreshold", probe.FailureThreshold);
        errors.Positive(path + ".terminationGracePeriodSeconds", probe.TerminationGracePeriodSeconds);
        if (mustSucceedOnce && probe.SuccessThreshold != 1)
        {
            errors.Invalid(path + ".successThreshold", probe.SuccessThreshold, "must be 1");
        }
    }

    public static void Validate(LifecycleHandler? handler, string path, ContainerScope scope, FieldErrors errors)
    {
        if (handler is not null)
        {
            Handler(path, errors, handler.Exec, handler.HTTPGet, handler.TCPSocket, null, handler.Sleep, scope);
        }
    }

    private static void Handler(string path, FieldErrors errors, ExecAction? exec, HTTPGetAction? http, TCPSocketAction? tcp, GRPCAction? grpc, SleepAction? sleep, ContainerScope? scope)
    {
        var count = 0;
        if (Next(exec, "exec") && exec!.Command.Count == 0)
        {
            errors.Required(path + ".exec.command", "");
        }

        if (Next(http, "httpGet"))
        {
            Http(http!, path + ".httpGet", errors);
        }

        if (Next(tcp, "tcpSocket"))
        {
            errors.PortNumberOrName(path + ".tcpSocket.port", tcp!.Port);
        }

        if (Next(grpc, "grpc"))
        {
            errors.PortNumberOrName(path + ".grpc.port", grpc!.Port);
        }

        if (Next(sleep, "sleep") && scope is { GracePeriod: { } grace })
        {
            Sleep(sleep!.Seconds, grace, scope.Tolerance.ZeroSleep, path + ".sleep", errors);
        }

        if (count == 0)
        {
            errors.Required(path, "must specify a handler type");
        }

        bool Next(object? handler, string name)
        {
            if (handler is null)
            {
                return false;
            }

            if (count++ == 0)
            {
                return true;
            }

            errors.Forbidden($"{path}.{name}", "may not specify more than 1 handler type");
            return false;
        }
    }

    private static void Sleep(long seconds, long grace, bool mayBeZero, string path, FieldErrors errors)
    {
        if (mayBeZero || errors.Features.IsEnabled("PodLifecycleSleepActionAllowZero"))
        {
            if (seconds < 0 || seconds > grace)
            {
                errors.Invalid(path, seconds, $"must be non-negative and less than terminationGracePeriodSeconds ({grace})");
            }
        }
        else if (seconds <= 0 || seconds > grace)
        {
            errors.Invalid(path, seconds, $"must be greater than 0 and less than terminationGracePeriodSeconds ({grace}). Enable AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep.");
        }
    }

    private static void Http(HTTPGetAction http, string path, FieldErrors errors)
    {
        if (http.Path.Length == 0)
        {
            errors.Required(path + ".path", "");
        }

        errors.PortNumberOrName(path + ".port", http.Port);
        if (http.Scheme is not ("HTTP" or "HTTPS"))
        {
            errors.NotSupported(path + ".scheme", http.Scheme, ["HTTP", "HTTPS"]);
        }

        foreach (var header in http.HTTPHeaders)
        {
            if (header.Name.Length == 0 || !header.Name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            {
                errors.Invalid(path + ".httpHeaders", header.Name, "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')");
            }
        }
    }
}

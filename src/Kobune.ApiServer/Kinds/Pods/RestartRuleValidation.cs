using Kobune.Api.Core.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>A container's own restart policy and the rules by exit codes (upstream's validateContainerRestartPolicy).</summary>
internal static class RestartRuleValidation
{
    private const int MaxRules = 20;
    private const int MaxExitCodes = 255;

    /// <summary><paramref name="restartedAll"/>: some rule restarted all containers before, so they may.</summary>
    public static void Validate(Container container, string path, bool restartedAll, FieldErrors errors)
    {
        if (container.RestartPolicy is not { } policy)
        {
            if (container.RestartPolicyRules.Count > 0)
            {
                errors.Required(path + ".restartPolicy", "must specify restartPolicy when restart rules are used");
            }

            return;
        }

        if (policy is not ("Always" or "Never" or "OnFailure"))
        {
            errors.NotSupported(path + ".restartPolicy", policy, ["Always", "Never", "OnFailure"]);
        }

        path += ".restartPolicyRules";
        if (container.RestartPolicyRules.Count > MaxRules)
        {
            errors.TooMany(path, container.RestartPolicyRules.Count, MaxRules);
        }

        for (var i = 0; i < container.RestartPolicyRules.Count; i++)
        {
            Rule(container.RestartPolicyRules[i], $"{path}[{i}]", restartedAll, errors);
        }
    }

    private static void Rule(ContainerRestartRule rule, string path, bool restartedAll, FieldErrors errors)
    {
        string[] actions = restartedAll || errors.Features.IsEnabled("RestartAllContainersOnContainerExits") ? ["Restart", "RestartAllContainers"] : ["Restart"];
        if (!actions.Contains(rule.Action))
        {
            errors.NotSupported(path + ".action", rule.Action, actions);
        }

        path += ".exitCodes";
        if (rule.ExitCodes is not { } codes)
        {
            errors.Required(path, "must be specified");
            return;
        }

        if (codes.Operator is not ("In" or "NotIn"))
        {
            errors.NotSupported(path + ".operator", codes.Operator, ["In", "NotIn"]);
        }

        if (codes.Values.Count > MaxExitCodes)
        {
            errors.TooMany(path + ".values", codes.Values.Count, MaxExitCodes);
        }
    }
}

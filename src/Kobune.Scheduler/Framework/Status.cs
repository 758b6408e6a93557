namespace Kobune.Scheduler.Framework;

/// <summary>A plugin's answer other than success, which is null everywhere. Plugins share their answers: they never change.</summary>
/// <param name="Code">What it says.</param>
/// <param name="Plugin">Who says it.</param>
/// <param name="Reasons">For people; the sentence of a failed pod counts equal ones.</param>
internal sealed record Status(StatusCode Code, string Plugin, params string[] Reasons)
{
    public bool IsRejection => Code is StatusCode.Unschedulable or StatusCode.UnschedulableAndUnresolvable;

    public string Message => string.Join(", ", Reasons);

    public static Status Skip(string plugin) => new(StatusCode.Skip, plugin);

    public static Status Error(string plugin, string reason) => new(StatusCode.Error, plugin, reason);

    public static Status Unschedulable(string plugin, params string[] reasons) => new(StatusCode.Unschedulable, plugin, reasons);

    public static Status Unresolvable(string plugin, params string[] reasons) => new(StatusCode.UnschedulableAndUnresolvable, plugin, reasons);
}

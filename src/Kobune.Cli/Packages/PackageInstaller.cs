using Kobune.Cli.Output;
using Kobune.Cli.Texts;
using Kobune.Machine.Host;

namespace Kobune.Cli.Packages;

/// <summary>Installs missing packages with apt-get, after saying what and why.</summary>
internal sealed class PackageInstaller(Reporter reporter, Func<string, bool> exists)
{
    /// <summary>Looks at this computer.</summary>
    public static PackageInstaller Create(Reporter reporter) =>
        new(reporter, probe => probe.StartsWith('/') ? File.Exists(probe) : Programs.Find(probe) is not null);

    /// <summary>Sees to it that all are there.</summary>
    /// <param name="packages">What is needed.</param>
    /// <param name="mayInstall">False: fail with the exact command instead.</param>
    /// <param name="ct">Ends apt-get.</param>
    public async Task EnsureAsync(IEnumerable<Package> packages, bool mayInstall, CancellationToken ct)
    {
        var missing = packages.Where(p => !exists(p.Probe)).ToList();
        if (missing.Count == 0)
        {
            return;
        }

        var names = string.Join(' ', missing.Select(p => p.Name));
        var command = $"apt-get install -y --no-install-recommends {names}";
        if (!mayInstall || !exists("apt-get"))
        {
            throw new CliException(Reason.DriverNotFound, Message.PackagesMissing, names) { Advice = (Message.RunCommand, ["sudo " + command]) };
        }

        reporter.Step(Icon.Package, "Downloading Artifacts", Message.InstallingPackages, names);
        foreach (var package in missing)
        {
            reporter.Info(Icon.Option, Message.PackageReason, package.Name, reporter.Translator.Text(package.Why));
        }

        await InstallAsync(missing, names, command, ct);
    }

    private async Task InstallAsync(List<Package> missing, string names, string command, CancellationToken ct)
    {
        string[] install = ["DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-q", "--no-install-recommends", .. missing.Select(p => p.Name)];
        var result = await Programs.TryRunAsync("env", install, null, ct);
        if (result.ExitCode != 0)
        {
            // Package lists may be missing or old on a fresh machine.
            _ = await Programs.TryRunAsync("apt-get", ["update", "-q"], null, ct);
            result = await Programs.TryRunAsync("env", install, null, ct);
        }

        if (result.ExitCode != 0 || missing.Any(p => !exists(p.Probe)))
        {
            var words = result.Error.Split('\n').LastOrDefault(l => l.StartsWith("E:", StringComparison.Ordinal)) ?? result.Error.Trim();
            throw new CliException(Reason.Repository, Message.InstallFailed, names, words) { Advice = (Message.CheckNetwork, ["sudo " + command]) };
        }

        foreach (var service in missing.Select(p => p.Service).Where(s => s is not null && exists("systemctl")))
        {
            _ = await Programs.TryRunAsync("systemctl", ["disable", "--now", service!], null, ct); // fails where systemd does not run: then nothing was started either
        }
    }
}

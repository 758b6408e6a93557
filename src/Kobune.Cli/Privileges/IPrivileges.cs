namespace Kobune.Cli.Privileges;

/// <summary>How a command line that needs root gets it.</summary>
internal interface IPrivileges
{
    /// <summary>Whether this process has it.</summary>
    bool IsRoot { get; }

    /// <summary>Runs the whole command line as root; its exit code.</summary>
    /// <param name="context">The world of the user who called.</param>
    /// <param name="args">The words.</param>
    /// <exception cref="Output.CliException">Root is not to be had.</exception>
    Task<int> RunAsync(CommandContext context, string[] args);
}

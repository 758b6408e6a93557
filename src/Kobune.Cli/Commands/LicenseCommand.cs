using System.CommandLine;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune license: what the program is made with, and under which terms.</summary>
internal static class LicenseCommand
{
    private static readonly (string Name, string Terms, string Address)[] Parts =
    [
        (".NET", "MIT", "https://github.com/dotnet/runtime"),
        ("ASP.NET Core", "MIT", "https://github.com/dotnet/aspnetcore"),
        ("Google.Protobuf", "BSD-3-Clause", "https://github.com/protocolbuffers/protobuf"),
        ("Html Agility Pack", "MIT", "https://github.com/zzzprojects/html-agility-pack"),
        ("SQLitePCLRaw", "Apache-2.0", "https://github.com/ericsink/SQLitePCL.raw"),
        ("SQLite", "blessing (public domain)", "https://www.sqlite.org/copyright.html"),
        ("System.CommandLine", "MIT", "https://github.com/dotnet/command-line-api"),
        ("YamlDotNet", "MIT", "https://github.com/aaubry/YamlDotNet"),
    ];

    public static Command Create(CommandContext context)
    {
        var folder = Options.Of<string>(context, Message.LicenseFolderOption, "--dir", "-d");
        folder.DefaultValueFactory = _ => ".";
        var command = new Command("license", context.Texts.Text(Message.LicenseSummary)) { folder };
        command.SetAction(async (parsed, ct) =>
        {
            var target = Path.Combine(Path.GetFullPath(parsed.GetValue(folder)!), "licenses");
            Directory.CreateDirectory(target);
            foreach (var (name, terms, address) in Parts)
            {
                await File.WriteAllTextAsync(Path.Combine(target, name.Replace(' ', '-') + ".txt"), $"{name}\nSPDX-License-Identifier: {terms}\n{address}\n", ct);
            }

            context.Reporter().Info(Output.Icon.Celebrate, Message.LicensesWritten, target);
            return 0;
        });
        return command;
    }
}

using System.CommandLine;
using Kobune.Cli.Configuration;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune config: the user's own defaults.</summary>
internal static class ConfigCommand
{
    private const string DefaultFormat = "- {{.ConfigKey}}: {{.ConfigValue}}";

    public static Command Create(CommandContext context)
    {
        var keys = string.Join('\n', ConfigKey.All.Select(k => " * " + k.Name));
        return new Command("config", context.Texts.Text(Message.ConfigSummary) + "\n\n" + keys) { Set(context), Get(context), Unset(context), View(context), Defaults(context) };
    }

    private static Argument<string> Key(string name = "PROPERTY_NAME")
    {
        var key = new Argument<string>(name);
        key.CompletionSources.Add([.. ConfigKey.All.Select(k => k.Name)]);
        return key;
    }

    private static Command Set(CommandContext context)
    {
        var (name, value) = (Key(), new Argument<string>("PROPERTY_VALUE"));
        var command = new Command("set", context.Texts.Text(Message.ConfigSetSummary)) { name, value };
        command.SetAction(parsed =>
        {
            var key = Find(parsed.GetValue(name)!, Reason.ConfigSet);
            key.Check(parsed.GetValue(value)!, context);
            context.Config.Set(key, parsed.GetValue(value)!);
            if (key.NeedsNewCluster)
            {
                context.Reporter().Warn(Message.ConfigTakesEffect);
            }

            return 0;
        });
        return command;
    }

    private static Command Get(CommandContext context)
    {
        var name = Key();
        var command = new Command("get", context.Texts.Text(Message.ConfigGetSummary)) { name };
        command.SetAction(parsed =>
        {
            if (context.Config.Get(parsed.GetValue(name)!) is { } value)
            {
                context.Out.WriteLine(value);
                return 0;
            }

            context.Error.WriteLine(context.Texts.Text(Message.ConfigNotFound));
            return Reason.Usage.ExitCode;
        });
        return command;
    }

    private static Command Unset(CommandContext context)
    {
        var name = Key();
        var command = new Command("unset", context.Texts.Text(Message.ConfigUnsetSummary)) { name };
        command.SetAction(parsed =>
        {
            context.Config.Unset(Find(parsed.GetValue(name)!, Reason.ConfigUnset).Name);
            return 0;
        });
        return command;
    }

    private static Command View(CommandContext context)
    {
        var format = Options.Of<string>(context, Message.FormatOption, "--format");
        format.DefaultValueFactory = _ => DefaultFormat;
        var command = new Command("view", context.Texts.Text(Message.ConfigViewSummary)) { format };
        command.SetAction(parsed =>
        {
            foreach (var (key, value) in context.Config.Values)
            {
                context.Out.WriteLine(GoTemplate.RenderFor("--format", parsed.GetValue(format)!, new Dictionary<string, string> { ["ConfigKey"] = key, ["ConfigValue"] = value }));
            }

            return 0;
        });
        return command;
    }

    private static Command Defaults(CommandContext context)
    {
        var name = Key();
        var output = Options.Of<string?>(context, Message.OutputOption, "--output", "-o");
        output.AcceptOnlyFromAmong("json", "yaml");
        var command = new Command("defaults", context.Texts.Text(Message.ConfigDefaultsSummary)) { name, output };
        command.SetAction(parsed =>
        {
            string[] values = parsed.GetValue(name) switch
            {
                "driver" or "vm-driver" => [context.Driver.Name],
                "kubernetes-version" => [Versions.Kubernetes],
                var other => throw new CliException(Reason.Usage, Message.ConfigNoDefaults, other!),
            };
            context.Out.Write(parsed.GetValue(output) switch
            {
                "json" => JsonText.Write(w =>
                {
                    w.WriteStartArray();
                    Array.ForEach(values, w.WriteStringValue);
                    w.WriteEndArray();
                }) + "\n",
                "yaml" => string.Concat(values.Select(v => $"- {v}\n")),
                _ => string.Concat(values.Select(v => $"* {v}\n")),
            });
            return 0;
        });
        return command;
    }

    private static ConfigKey Find(string name, Reason reason) => ConfigKey.Find(name) ?? throw new CliException(reason, Message.ConfigUnknown, name);
}

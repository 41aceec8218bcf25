using System.CommandLine;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Cli.Reports;
using Orchestrator.Client;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator policy show|set</c>.</summary>
internal static class PolicyCommand
{
    public static Command Create() => new("policy", "The policy: the numbers by which plans are made.") { Show(), Set() };

    private static DocumentedCommand Show()
    {
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "show", "Print the policy in force as a policy file that says every key, and in comments who set it and how the site's hook does.", ["orchestrator policy show", "orchestrator policy show > site.yaml"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound) { data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, _, cancellationToken) =>
        {
            using var client = context.Connect();
            var policy = await client.GetPolicyAsync(cancellationToken);
            if (context.Json)
            {
                context.WriteJson(policy);
                return ExitCodes.Success;
            }

            foreach (var line in Comments(policy))
            {
                context.Output.WriteLine(context.Style.Dim($"# {line}"));
            }

            context.Output.Write(policy.File);
            return ExitCodes.Success;
        }));
        return command;
    }

    /// <summary>Who set it, and how the hook does.</summary>
    internal static IEnumerable<string> Comments(PolicyDocument policy)
    {
        yield return policy.Text.Length == 0 ? "the policy that the silo was started with" : "set while the silo runs; `orchestrator policy set --default` goes back to the one that it was started with";
        if (policy.Hook is not { } hook)
        {
            yield break;
        }

        yield return hook.SaidAt is { } said
            ? $"the hook answered at {ReportText.Moment(said)}: it named {ReportText.Of(hook.Named, "waiting attempt")}, {ReportText.Count(hook.Vetoed)} of them vetoed"
            : "the hook never answered";
        if (hook.FailedAt is { } failed)
        {
            yield return $"the hook failed at {ReportText.Moment(failed)}, and what it said before holds on: {hook.Error}";
        }

        foreach (var ignored in hook.Ignored.IsDefault ? [] : hook.Ignored)
        {
            yield return $"ignored of its answer: {ignored}";
        }
    }

    private static DocumentedCommand Set()
    {
        var file = new Argument<FileInfo?>("FILE") { Description = "A policy file, YAML or JSON; it names a preset, or none, and what differs from it.", Arity = ArgumentArity.ZeroOrOne };
        var byDefault = new Option<bool>("--default") { Description = "Go back to the policy that the silo was started with." };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new DocumentedCommand(
            "set", "Plan by a policy file from now on; what runs is not touched. For administrators.", ["orchestrator policy set site.yaml", "orchestrator policy set --default"],
            (ExitCodes.Success, "set, or it was so already"), (ExitCodes.Unreadable, "mistakes in the file, each with its line; or it cannot be read"), DocumentedCommand.NotFound, DocumentedCommand.Refused) { file, byDefault, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var source = parsed.GetValue(file);
            if ((source is null) != parsed.GetValue(byDefault))
            {
                throw new CommandException("give a policy file, or --default, and not both", ExitCodes.Unreadable);
            }

            var text = source is null ? "" : await File.ReadAllTextAsync(source.FullName, cancellationToken);
            if (source is not null && text.Trim().Length == 0)
            {
                throw new CommandException($"{source} is empty; --default goes back to the policy that the silo was started with", ExitCodes.Unreadable);
            }

            using var client = context.Connect();
            try
            {
                return WindowCommand.Tell(context, source?.ToString() ?? "the policy that the silo was started with", "in force", await client.SetPolicyAsync(text, cancellationToken: cancellationToken));
            }
            catch (OrchestratorClientException fault)
            {
                return context.Report(fault, source?.ToString());
            }
        }));
        return command;
    }
}

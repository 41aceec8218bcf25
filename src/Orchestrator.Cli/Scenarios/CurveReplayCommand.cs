using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Replay;
using Orchestrator.Core.Scenarios.Curves;

namespace Orchestrator.Cli.Scenarios;

/// <summary><c>orchestrator scenarios replay CURVES</c>: what a policy would have found on recorded learning curves.</summary>
internal static class CurveReplayCommand
{
    private const int ShufflesMax = 10_000;

    public static Command Create()
    {
        var curves = new Argument<string>("CURVES") { Description = "A table config,...,v0,v1,... with the loss of each configuration after so many epochs, .csv or .csv.gz." };
        var policy = new Option<string>("--policy") { Description = $"{string.Join(", ", CurveReplay.Policies)}.", HelpName = "NAME", DefaultValueFactory = static _ => CurveReplay.Default };
        var seed = new Option<int>("--seed") { Description = "Shuffles the configurations; the same seed gives the same result.", HelpName = "N", DefaultValueFactory = static _ => 1 };
        var budget = new Option<long?>("--budget") { Description = "Epochs of training over all configurations (default: until nothing is left).", HelpName = "EPOCHS" };
        var target = new Option<double?>("--target") { Description = "Stop at this loss.", HelpName = "LOSS" };
        var shuffles = new Option<int?>("--shuffles") { Description = "Instead: over seeds 1 to N, how many times the budget equal shares need to the loss that the policy has at it.", HelpName = "N" };
        var json = CommonOptions.Json();
        budget.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<long?>() is < 1)
            {
                result.AddError("--budget must be a whole number from 1 on");
            }
        });
        target.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<double?>() is { } loss && !double.IsFinite(loss))
            {
                result.AddError("--target must be a finite number");
            }
        });
        shuffles.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > ShufflesMax)
            {
                result.AddError($"--shuffles must be a whole number from 1 to {ShufflesMax}");
            }
        });
        policy.AcceptOnlyFromAmong([.. CurveReplay.Policies]);
        var command = new DocumentedCommand(
            "replay", "Train recorded learning curves by a policy in virtual time: which loss it has after how many epochs. Nothing is started.",
            ["orchestrator scenarios replay curves.csv.gz --policy default --seed 7 --budget 5000 --json", "orchestrator scenarios replay curves.csv.gz --policy equal-share --target 0.53", "orchestrator scenarios replay curves.csv.gz --budget 5000 --shuffles 100"],
            DocumentedCommand.Done, DocumentedCommand.Usage, (ExitCodes.Interrupted, "stopped by Ctrl-C or SIGTERM"))
        {
            curves, policy, seed, budget, target, shuffles, json,
        };
        command.SetAction(CommandContext.Action(null, json, (context, parsed, cancellationToken) =>
        {
            using var interrupt = new Interrupt(cancellationToken);
            try
            {
                var table = LearningCurvesReader.ReadFile(parsed.GetRequiredValue(curves));
                var epochs = parsed.GetValue(budget) ?? Math.Max(1, table.TotalEpochs);
                if (parsed.GetValue(shuffles) is { } count)
                {
                    if (parsed.GetResult(seed) is { Implicit: false } || parsed.GetValue(target) is not null)
                    {
                        throw new CommandException("--shuffles goes over seeds 1 to N and has no target: leave out --seed and --target", ExitCodes.Unreadable);
                    }

                    Write(context, CurveComparison.Run(table, parsed.GetRequiredValue(policy), [epochs], count, interrupt.First)[0]);
                }
                else
                {
                    Write(context, CurveReplay.Run(table, parsed.GetRequiredValue(policy), parsed.GetValue(seed), epochs, parsed.GetValue(target), interrupt.First), parsed.GetValue(target));
                }

                return Task.FromResult(ExitCodes.Success);
            }
            catch (OperationCanceledException) when (interrupt.First.IsCancellationRequested)
            {
                context.Error.WriteLine("stopped");
                return Task.FromResult(ExitCodes.Interrupted);
            }
            catch (Exception fault) when (fault is WorkloadException or ArgumentException)
            {
                throw new CommandException(fault.Message, ExitCodes.Unreadable);
            }
        }));
        return command;
    }

    private static void Write(CommandContext context, CurveReplayResult result, double? target)
    {
        if (context.Json)
        {
            // A dictionary, so that a best that is not there is null and not left out.
            context.WriteJson(new Dictionary<string, object?>
            {
                ["policy"] = result.Policy,
                ["seed"] = result.Seed,
                ["budget"] = result.Budget,
                ["target"] = target,
                ["best"] = result.Best,
                ["reachedAt"] = result.ReachedAt,
                ["spent"] = result.Spent,
                ["endedEarly"] = result.EndedEarly,
                ["improvements"] = result.Improvements.Select(static one => ImmutableArray.Create<object>(one.Epochs, one.Best)),
            });
            return;
        }

        context.Output.WriteLine(result.Best is { } best
            ? Say($"{result.Policy}, seed {result.Seed}: loss {best} after {(result.ReachedAt ?? result.Improvements[^1].Epochs)} of {result.Spent} epochs")
            : Say($"{result.Policy}, seed {result.Seed}: no finite loss in {result.Spent} epochs"));
        if (target is { } wanted && result.ReachedAt is null)
        {
            context.Output.WriteLine(Say($"the target {wanted} was not reached"));
        }

        if (result.EndedEarly is { } why)
        {
            context.Output.WriteLine(why);
        }

        var table = new TextTable("EPOCHS", "LOSS");
        foreach (var (epochs, loss) in result.Improvements)
        {
            table.Add(Say($"{epochs}"), Say($"{loss}"));
        }

        table.Write(context.Output, context.Style);
    }

    private static void Write(CommandContext context, CurveComparison comparison)
    {
        if (context.Json)
        {
            context.WriteJson(new { comparison.Policy, comparison.Budget, comparison.Shuffles, comparison.Median, P10 = comparison.Tenth, comparison.MedianBound, comparison.Ratios });
            return;
        }

        context.Output.WriteLine(Say($"To the loss that {comparison.Policy} has after {comparison.Budget} epochs, equal shares need so many times as much, over {comparison.Shuffles} shuffles:"));
        context.Output.WriteLine(Say($"median {comparison.Median:F2}, a tenth below {comparison.Tenth:F2}; no policy can have more than {comparison.MedianBound:F2} in the median, as equal shares have the table's least loss then"));
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

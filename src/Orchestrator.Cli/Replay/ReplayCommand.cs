using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Replay;
using Orchestrator.Core.Scheduling;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Replay;

/// <summary><c>orchestrator replay TRACE</c>: what the scheduler would have done with a recorded workload.</summary>
internal static class ReplayCommand
{
    private const int ProcessorsMax = 10_000_000;

    public static Command Create()
    {
        var trace = new Argument<string>("TRACE") { Description = "A workload: .swf (Standard Workload Format), .csv (columns job, submit, run, procs, req_time[, user]), each also .gz, or a .json of Batsim; or a .yaml that describes months of a cluster with failures, windows and campaigns (docs/replay.md)." };
        var policy = new Option<string>("--policy") { Description = $"{string.Join(", ", ReplayPolicies.Names)}, or a policy file (docs/policy-file.md).", HelpName = "NAME|FILE", DefaultValueFactory = static _ => "default" };
        var processors = new Option<int?>("--processors") { Description = "Processors of the machine (default: as the trace says).", HelpName = "M" };
        var estimates = new Option<string>("--estimates") { Description = "user: what the users asked for, where unknown the run time; perfect: the run times; predicted: learned from the jobs that ended (fcfs, easy, easy-sjbf, conservative).", HelpName = "user|perfect|predicted", DefaultValueFactory = static _ => "user" };
        var load = new Option<double>("--load") { Description = "Divide the times between submissions by F, which multiplies the load.", HelpName = "F", DefaultValueFactory = static _ => 1 };
        var order = new Option<string>("--events") { Description = "Ask the scheduler after each event, one-by-one, or once per-moment.", HelpName = "one-by-one|per-moment", DefaultValueFactory = static _ => "one-by-one" };
        var seed = new Option<int?>("--seed") { Description = "Seed of what is drawn by chance (default: 1, or as the description says); a trace alone has nothing of it.", HelpName = "N" };
        var jobs = new Option<string?>("--jobs-out") { Description = "Write job, submit, start, end, procs, wait of each job, in seconds.", HelpName = "FILE.csv" };
        var summary = new Option<string?>("--summary") { Description = "Write the numbers of the whole replay.", HelpName = "FILE.json" };
        var json = CommonOptions.Json();
        estimates.AcceptOnlyFromAmong("user", "perfect", "predicted");
        order.AcceptOnlyFromAmong("one-by-one", "per-moment");
        processors.Validators.Add(static result => Check(result, static text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= ProcessorsMax, $"a whole number from 1 to {ProcessorsMax}"));
        load.Validators.Add(static result => Check(result, static text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var factor) && factor is > 0 and <= 1000, "a number above 0, at most 1000"));
        var command = new DocumentedCommand(
            "replay", "Run a recorded workload through the scheduler in virtual time: waits, slowdown, utilization, energy. Nothing is started.",
            ["orchestrator replay KTH-SP2.swf.gz --policy easy", "orchestrator replay jobs.csv --processors 338 --policy site.yaml --load 1.2 --jobs-out waits.csv --summary numbers.json", "orchestrator replay examples/replay/six-months.yaml"],
            DocumentedCommand.Done, (ExitCodes.Invalid, "the description of a replay is wrong, or something is not as it expects"), DocumentedCommand.Usage, (ExitCodes.Interrupted, "stopped by Ctrl-C or SIGTERM; no file was written"))
        {
            trace, policy, processors, estimates, load, order, seed, jobs, summary, json,
        };
        command.SetAction(CommandContext.Action(null, json, (context, parsed, cancellationToken) =>
        {
            using var interrupt = new Interrupt(cancellationToken);
            try
            {
                var request = new ReplayRequest
                {
                    Trace = parsed.GetRequiredValue(trace),
                    Policy = parsed.GetRequiredValue(policy),
                    Processors = parsed.GetValue(processors),
                    PerfectEstimates = parsed.GetValue(estimates) == "perfect",
                    PredictedEstimates = parsed.GetValue(estimates) == "predicted",
                    Load = parsed.GetValue(load),
                    Events = parsed.GetValue(order) == "per-moment" ? EventOrder.PerMoment : EventOrder.OneByOne,
                    Seed = parsed.GetValue(seed),
                    JobsOut = parsed.GetValue(jobs),
                    SummaryOut = parsed.GetValue(summary),
                };
                if (CampaignReplayCommand.Takes(request.Trace))
                {
                    return Task.FromResult(CampaignReplayCommand.Run(context, request, parsed.GetResult(policy) is { Implicit: false } ? Policy(request.Policy) : null, interrupt.First));
                }

                Run(context, request, interrupt.First);
                return Task.FromResult(ExitCodes.Success);
            }
            catch (OperationCanceledException) when (interrupt.First.IsCancellationRequested)
            {
                context.Error.WriteLine("stopped; no file was written");
                return Task.FromResult(ExitCodes.Interrupted);
            }
            catch (Exception fault) when (fault is WorkloadException or ArgumentException or InvalidOperationException)
            {
                throw new CommandException(fault is ArgumentException { ParamName: { } name } ? fault.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : fault.Message, ExitCodes.Unreadable);
            }
        }));
        return command;
    }

    private static void Run(CommandContext context, ReplayRequest request, CancellationToken cancellationToken)
    {
        var settings = Policy(request.Policy);
        using var jobsFile = request.JobsOut is { } path ? new WholeFile(path) : null;
        using var summaryFile = request.SummaryOut is { } other ? new WholeFile(other) : null;
        if (jobsFile is not null && jobsFile.Path == summaryFile?.Path)
        {
            throw new CommandException($"--jobs-out and --summary both name {jobsFile.Path}", ExitCodes.Unreadable);
        }

        var workload = Read(request.Trace);
        var processors = request.Processors ?? workload.Processors ?? throw new CommandException($"{request.Trace} does not say how large its machine is: give --processors", ExitCodes.Unreadable);
        workload = (request.PerfectEstimates ? workload.WithPerfectEstimates() : workload).WithLoad(request.Load);
        var options = new ReplayOptions
        {
            Processors = processors,
            Settings = settings,
            Events = request.Events,

            // Only hosts with a name can be switched off.
            NamedHosts = settings.Energy.OffAfter is not null || request.Trace.EndsWith(".json", StringComparison.OrdinalIgnoreCase) || request.Trace.EndsWith(".json.gz", StringComparison.OrdinalIgnoreCase),
            Learns = !request.PerfectEstimates,
            Predicts = request.PredictedEstimates,
        };
        ReplayResult result;
        using (var bar = new ProgressBar(context))
        {
            result = WorkloadReplay.Run(workload, options, bar, cancellationToken);
        }

        var report = new ReplayReport(request, workload, result);
        jobsFile?.Write(output => JobsCsv.Write(output, result));
        summaryFile?.Write(report.WriteJson);
        cancellationToken.ThrowIfCancellationRequested();
        jobsFile?.Keep();
        summaryFile?.Keep();
        if (context.Json)
        {
            report.WriteJson(context.Output);
        }
        else
        {
            report.WriteText(context.Output, context.Style);
        }
    }

    private static SchedulingSettings Policy(string name) =>
        ReplayPolicies.Named(name) ?? FromFile(name);

    private static SchedulingSettings FromFile(string path)
    {
        if (!File.Exists(path))
        {
            throw new CommandException($"--policy: there is no policy and no file '{path}'; allowed: {string.Join(", ", ReplayPolicies.Names)}, or a policy file", ExitCodes.Unreadable);
        }

        var reading = PolicyFile.Read(File.ReadAllText(path));
        return reading.Settings ?? throw new CommandException(string.Join(Environment.NewLine, reading.Problems.Select(problem => $"{path}:{problem}")), ExitCodes.Unreadable);
    }

    private static Workload Read(string path)
    {
        using var content = File.OpenRead(path);
        return WorkloadReader.Read(content, path);
    }

    private static void Check(OptionResult result, Func<string, bool> isAllowed, string allowed)
    {
        if (result.Tokens.Count > 0 && !isAllowed(result.Tokens[0].Value))
        {
            result.AddError($"{result.Option.Name} must be {allowed}.");
        }
    }
}

using System.Collections.Immutable;
using System.CommandLine;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Orchestrator.Agent;
using Orchestrator.Cli.Machine;
using Orchestrator.Cli.Tasks;
using Orchestrator.Cli.Terminal;
using Orchestrator.Client;
using Orchestrator.Client.Agents;
using Orchestrator.Core.Nodes;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator agent</c>: gives this machine to the work.</summary>
internal static partial class AgentCommand
{
    public static Command Create()
    {
        var node = new Option<string?>("--node") { Description = "The name of this node. Default: the machine's, or that which the batch job has for it.", HelpName = "NAME" };
        var cores = new Option<int?>("--cores") { Description = "Cores to give away. Default: all that this process may use, in a Slurm, PBS or LSF job no more than it has here.", HelpName = "N" };
        var firstCore = new Option<int>("--first-core") { Description = "Leave out so many cores from the front, where several agents share a machine.", HelpName = "N" };
        var memory = new Option<string?>("--memory") { Description = "Memory to give away, as in 64G. Default: the machine's, or the limit of the control group.", HelpName = "SIZE" };
        var gpus = new Option<string[]>("--gpus")
        {
            Description = $"GPUs to give away: {NodeDeclarations.GpusAllowed}; can be repeated. Default: those that nvidia-smi lists.",
            HelpName = "GPUS",
        };
        var storage = new Option<string?>("--storage") { Description = "Scratch storage to give away, as in 2T. Default: the size of the file system of the data directory, which nodes that share it all count.", HelpName = "SIZE" };
        var network = new Option<string?>("--network") { Description = "Rate of its network, as in 100Gbit. Default: the fastest link that is up, as the kernel tells it.", HelpName = "RATE" };
        var kind = new Option<string?>("--kind") { Description = "What kind of node it is, as in epyc-9654: speeds are learned of kinds.", HelpName = "NAME" };
        var power = new Option<string?>("--power")
        {
            Description = $"What it draws, {NodeDeclarations.PowerAllowed}. Without it the node is never switched off, and ranks in the middle where energy counts.",
            HelpName = "FIGURES",
        };
        var feature = new Option<string[]>("--feature") { Description = "Something that stages may ask for; can be repeated.", HelpName = "NAME" };
        var holds = new Option<string[]>("--holds") { Description = "Data that lie on this node, by the name under which stages read them (data:); can be repeated.", HelpName = "NAME" };
        var topology = new Option<string[]>("--at")
        {
            Description = "Where the node stands, as level=name from the widest to the narrowest, as in --at room=a --at rack=r7; nodes that fail together are told by it.",
            HelpName = "LEVEL=NAME",
        };
        topology.Validators.Add(static result =>
        {
            foreach (var token in result.Tokens.Where(static token => token.Value.Split('=') is not [{ Length: > 0 }, { Length: > 0 }]))
            {
                result.AddError($"--at {token.Value}: a level and a name are allowed, as in rack=r7");
            }
        });
        var hostName = new Option<string?>("--host-name") { Description = "The name by which other nodes reach this one. Default: the machine's.", HelpName = "NAME" };
        var until = new Option<DateTimeOffset?>("--until") { Description = "The end of the allocation: what runs leaves with a checkpoint before it. Default: the end of the Slurm, PBS or LSF job that the agent runs in.", HelpName = "TIME" };
        var url = new Option<Uri?>("--url")
        {
            Description = "The gateway over TCP, as in http://login1:7400. Default: found through the data directory.",
            HelpName = "URL",
            CustomParser = static argument =>
            {
                if (Uri.TryCreate(argument.Tokens[0].Value, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https")
                {
                    return parsed;
                }

                argument.AddError($"--url {argument.Tokens[0].Value}: an address as in http://login1:7400 is allowed");
                return null;
            },
        };
        var tokenFile = new Option<string?>("--token-file") { Description = "With --url: the file with the token. Default: the file `token` in the data directory.", HelpName = "FILE" };
        var check = new Option<string?>("--check") { Description = "A shell line that ends with 0 while this node is fit for work; else it gets no new work until it is, and the last line printed tells why.", HelpName = "LINE" };
        var checkEvery = new Option<string?>("--check-every") { Description = "With --check: how often, as in 10m. Default: 5m.", HelpName = "TIME" };
        var untilIdle = new Option<bool>("--until-idle") { Description = "End by itself after the silo has ended and nothing runs here any more." };
        var data = CommonOptions.Data();
        var command = new DocumentedCommand(
            "agent",
            "Run work on this machine until Ctrl-C. Programs outlive the agent: the next one on the same node takes them over. Programs are found on the PATH that the agent has. "
            + "The data directory must be the silo's, seen under the same path.",
            ["orchestrator agent", "orchestrator agent --kind epyc-9654 --power idle=110,busy=420,off=4 --network 100Gbit", "orchestrator agent --node gpu-3 --cores 16 --memory 64G --data /scratch/me/study"],
            (ExitCodes.Success, "ended as asked"), DocumentedCommand.Usage, (ExitCodes.Refused, "another agent runs for this node"))
        {
            node, cores, firstCore, memory, gpus, storage, network, kind, power, feature, holds, topology, hostName, until, check, checkEvery, url, tokenFile, untilIdle, data,
        };
        command.SetAction(CommandContext.Action(data, null, async (context, parsed, cancellationToken) =>
        {
            var problems = new List<string>();
            var bytes = Size("--memory", parsed.GetValue(memory), problems);
            var scratch = Size("--storage", parsed.GetValue(storage), problems);
            long? rate = null;
            if (parsed.GetValue(network) is { } rateText)
            {
                rate = RateText.TryParse(rateText, out var parsedRate, out var problem) ? parsedRate : Refuse<long>($"--network {rateText}: {problem}; allowed: {RateText.Allowed}", problems);
            }

            TimeSpan? every = null;
            if (parsed.GetValue(checkEvery) is { } pause)
            {
                every = DurationText.TryParse(pause, out var time, out var problem) && time > TimeSpan.Zero
                    ? time : Refuse<TimeSpan>($"--check-every {pause}: {problem ?? "it must be longer than nothing"}; allowed: {DurationText.Allowed}", problems);
            }

            if (parsed.GetValue(kind) is { } name && !KindShape().IsMatch(name))
            {
                problems.Add($"--kind {name}: 1 to 64 letters, digits, dots, dashes and underscores are allowed");
            }

            if (parsed.GetValue(cores) is < 1 || parsed.GetValue(firstCore) < 0)
            {
                problems.Add("--cores must be at least 1, --first-core at least 0");
            }

            ImmutableArray<NodeGpu>? declared = parsed.GetResult(gpus) is { Tokens.Count: > 0 } ? NodeDeclarations.Gpus(parsed.GetValue(gpus) ?? [], problems) : null;
            var draws = parsed.GetValue(power) is { } figures ? NodeDeclarations.Power(figures, problems) : null;
            if (problems.Count > 0)
            {
                throw new CommandException(string.Join(Environment.NewLine, problems), ExitCodes.Unreadable);
            }

            var job = EnclosingJob.Read(context.Error);
            var end = parsed.GetValue(until) ?? (job is null ? null : EnclosingJob.EndOf(job));
            int? granted = job?.Cores is { } has && has < Environment.ProcessorCount ? has : null;
            if (job is not null)
            {
                context.Error.WriteLine(end is { } at
                    ? $"in a job of {job.System} until {at.ToUniversalTime():u}: what runs leaves with a checkpoint before it"
                    : $"in a job of {job.System} whose end is not known: say --until, or what runs is killed with it");
            }

            var options = new AgentOptions
            {
                DataDirectory = context.Data,
                Node = NodeCommand.Parse(parsed.GetValue(node) ?? NodeCommand.DefaultName(job?.Here)),
                Cores = parsed.GetValue(cores) ?? granted,
                FirstCore = parsed.GetValue(firstCore),
                Memory = bytes,
                Gpus = declared,
                Storage = scratch,
                Network = rate,
                Kind = parsed.GetValue(kind) ?? "",
                Power = draws,
                Features = [.. parsed.GetValue(feature) ?? []],
                Holds = [.. parsed.GetValue(holds) ?? []],
                Topology = [.. parsed.GetValue(topology) ?? []],
                HostName = parsed.GetValue(hostName),
                AllocationEnd = end,
                TaskWorker = TasksWorkCommand.Words(context.Data, parsed.GetValue(url), parsed.GetValue(tokenFile)),
                HealthCheck = parsed.GetValue(check),
                HealthCheckEvery = every ?? TimeSpan.FromMinutes(5),
                MayEnd = parsed.GetValue(untilIdle) ? SiloHasEnded(context) : null,
            };
            Directory.CreateDirectory(context.Data);
            using var client = Connect(context, parsed.GetValue(url), parsed.GetValue(tokenFile));
            using var loggers = LoggerFactory.Create(static logging => logging.AddSimpleConsole(static console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
                console.UseUtcTimestamp = true;
            }));
            using var interrupt = new Interrupt(cancellationToken);
            try
            {
                await AgentHost.RunAsync(options, new HttpAgentGateway(client), context.Clock, loggers, interrupt.First);
                return ExitCodes.Success;
            }
            catch (AgentRefusedException refused)
            {
                throw new CommandException(refused.Message, ExitCodes.Refused);
            }
        }));
        return command;
    }

    private static long? Size(string option, string? text, List<string> problems) =>
        text is null ? null
        : SizeText.TryParse(text, out var bytes, out var problem) ? bytes
        : Refuse<long>($"{option} {text}: {problem}; allowed: {SizeText.Allowed}", problems);

    private static T? Refuse<T>(string problem, List<string> problems)
        where T : struct
    {
        problems.Add(problem);
        return null;
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex KindShape();

    internal static OrchestratorClient Connect(CommandContext context, Uri? url, string? tokenFile)
    {
        if (url is null)
        {
            return OrchestratorClient.ForDirectory(context.Data, HttpAgentGateway.Options);
        }

        var file = tokenFile ?? Path.Combine(context.Data, Abstractions.Gateway.EndpointFile.TokenFileName);
        return OrchestratorClient.ForUrl(
            url, DataDirectory.ReadTokenFile(file) ?? throw new CommandException($"{file} holds no token that can be read", ExitCodes.Unreadable), HttpAgentGateway.Options);
    }

    /// <summary>An ordered end of the silo takes its endpoint file away, a crash does not.</summary>
    private static Func<bool> SiloHasEnded(CommandContext context)
    {
        var endpoint = Path.Combine(context.Data, Abstractions.Gateway.EndpointFile.FileName);
        var wasThere = false;
        return () =>
        {
            var isThere = File.Exists(endpoint);
            wasThere |= isThere;
            return wasThere && !isThere;
        };
    }
}
